"""How long a class waits: the queue of ``runs.machine``, simulated moment by moment.

Runs take turns in one order over all workers, each with one slice at a time. Workers that compute at the same
time share the cores, with each other and with the web process, which shows the pages. Pure, without a clock:
the times are computed, thousands of slices in some milliseconds.
"""

import heapq
import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from runs.limits import poll_seconds

# Where the web process could take all cores, the workers still get this share of them.
_MIN_SHARE = 0.1
# A press on Train is answered with the first point of the curve, if that comes within so many seconds.
_ANSWERED_WITH_POINT = 0.3


@dataclass(frozen=True)
class Machine:
    """What trains: so many ``workers`` on so many ``cores``.

    ``speed``: FLOP/s of one worker that has all cores to itself. ``spread``: the share of a slice's time in
    which it keeps all cores busy; in the rest it computes on one. ``taken``: cores that other programs take.
    """

    speed: float
    workers: int
    cores: float
    spread: float
    taken: float = 0.0

    def pace(self, busy: float, taken: float = 0.0, kept: float = 0.0) -> float:
        """How fast each of ``busy`` workers computes, as a share of what it does alone, while the web process
        takes so many cores, and ``kept`` more for each worker that computes at full pace."""
        needed = busy * (1 + self.spread * (self.cores - 1) + kept)
        left = max(self.cores - self.taken - taken, _MIN_SHARE * self.cores)
        return min(1.0, left / needed) if needed else 1.0


@dataclass(frozen=True)
class Pages:
    """What pages cost the web process, in seconds of its one core: a ``press`` on Train, a ``look`` of a page
    at its run, and all that a ``slice`` makes it do. ``beside``: what open pages take without one, in cores.
    """

    press: float = 0.0
    look: float = 0.0
    slice: float = 0.0
    beside: float = 0.0


@dataclass(frozen=True)
class Job:
    """A visitor's runs, one after another: the FLOP of each slice. Train is pressed after so many seconds;
    ``None``: the runs are in the queue already."""

    slices: tuple[float, ...]
    pressed: float | None = 0.0


@dataclass(frozen=True)
class Wait:
    """Seconds from the start of the simulation until a job's page shows its first point, and its end."""

    first_point: float
    done: float


@dataclass(frozen=True)
class Simulated:
    """``waits`` in the order of the jobs. ``web`` is what the web process had to do on average, presses on
    Train apart, in cores: it has one. ``looks`` is how often pages looked at their runs."""

    waits: tuple[Wait, ...]
    web: float
    looks: float


def simulate(jobs: Sequence[Job], machine: Machine, pages: Pages = Pages()) -> Simulated:
    """Let all ``jobs`` be trained."""
    return _Queue(jobs, machine, pages).run()


class _Queue:
    def __init__(self, jobs: Sequence[Job], machine: Machine, pages: Pages) -> None:
        self._jobs, self._machine, self._pages = jobs, machine, pages
        self._now = self._web = self._looks = 0.0
        # What a worker has computed since the start, in FLOP; all that are busy have the same pace.
        self._computed = 0.0
        self._ready = deque(number for number, job in enumerate(jobs) if job.pressed is None)
        self._coming = self._submissions()
        # When a worker will be done with a slice, as ``_computed``; of equal ones the first that began.
        self._busy: list[tuple[float, int, int]] = []
        self._begun = 0
        self._next = [0] * len(jobs)
        self._intervals = [poll_seconds(len(self._ready))] * len(jobs)
        self._looks_per_second = len(self._ready) / poll_seconds(len(self._ready))
        self._at_work = len(self._ready)
        self._first_point, self._done = [math.nan] * len(jobs), [math.nan] * len(jobs)
        work = sum(sum(job.slices) for job in jobs)
        slices = sum(len(job.slices) for job in jobs)
        self._kept = pages.slice * slices * machine.speed / work if work else 0.0

    def run(self) -> Simulated:
        while self._coming or self._busy or self._ready:
            self._begin()
            pace, web = self._pace()
            speed = pace * self._machine.speed
            ends = self._now + (self._busy[0][0] - self._computed) / speed if self._busy else math.inf
            comes = self._coming[0][0] if self._coming else math.inf
            seconds = min(ends, comes) - self._now
            self._now += seconds
            self._computed += seconds * speed
            self._looks += seconds * self._looks_per_second
            self._web += seconds * web
            if comes <= ends:
                self._submit(self._coming.popleft()[2])
            else:
                self._complete(heapq.heappop(self._busy)[2])
        waits = tuple(map(Wait, self._first_point, self._done))
        return Simulated(waits, self._web / self._now if self._now else 0.0, self._looks)

    def _submissions(self) -> deque[tuple[float, float, int]]:
        """When each press is answered, when it came, and whose it is; those under way share one core."""
        presses = [(job.pressed, number) for number, job in enumerate(self._jobs) if job.pressed is not None]
        slowness = 1 / max(1 - self._pages.beside, _MIN_SHARE)
        answered = deque[tuple[float, float, int]]()
        under_way = deque[tuple[float, float, int]]()
        # Seconds of the core that a press has had which has been under way since the start.
        now = had = 0.0
        for pressed, number in [*sorted(presses), (math.inf, -1)]:
            while under_way:
                ends = now + (under_way[0][0] - had) * len(under_way) * slowness
                if ends > pressed:
                    had += (pressed - now) / (len(under_way) * slowness)
                    break
                now, had = ends, under_way[0][0]
                answered.append((now, *under_way.popleft()[1:]))
            now = pressed
            under_way.append((had + self._pages.press, pressed, number))
        return answered

    def _submit(self, number: int) -> None:
        self._at_work += 1
        self._look_every(number)
        self._ready.append(number)

    def _begin(self) -> None:
        """Give every free worker the next slice in the queue."""
        while self._ready and len(self._busy) < self._machine.workers:
            number = self._ready.popleft()
            flops = self._jobs[number].slices[self._next[number]]
            self._begun += 1
            heapq.heappush(self._busy, (self._computed + flops, self._begun, number))

    def _complete(self, number: int) -> None:
        """A slice is done: its run goes to the back of the queue, or is over."""
        job = self._jobs[number]
        self._next[number] += 1
        if self._next[number] == 1:
            pressed = job.pressed or 0.0
            is_answer = self._now - pressed < _ANSWERED_WITH_POINT
            self._first_point[number] = self._now + (0 if is_answer else self._intervals[number] / 2)
            # The page is drawn anew with the first point.
            self._looks_per_second -= 1 / self._intervals[number]
            self._look_every(number)
        if self._next[number] < len(job.slices):
            self._ready.append(number)
        else:
            self._done[number] = self._now + self._intervals[number] / 2
            self._looks_per_second -= 1 / self._intervals[number]
            self._at_work -= 1

    def _look_every(self, number: int) -> None:
        self._intervals[number] = poll_seconds(self._at_work)
        self._looks_per_second += 1 / self._intervals[number]

    def _pace(self) -> tuple[float, float]:
        """Of each busy worker, and what the web process has to do, until something happens."""
        busy = len(self._busy)
        is_pressed = bool(self._coming) and self._coming[0][1] <= self._now
        shown = self._pages.beside + self._looks_per_second * self._pages.look
        pace = self._machine.pace(busy, min(1.0, shown + is_pressed), self._kept)
        return pace, shown + pace * busy * self._kept
