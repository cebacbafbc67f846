"""How a server is, in figures, for whoever runs it: its page and its monitoring show the same ones."""

import platform
import shutil
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import psutil

from model.messages import N_, Message
from model.version import VERSION
from runs import memory
from runs.engine import Engine, EngineStatus, WorkerStatus
from runs.fingerprint import installed
from runs.records import RunState
from runs.schedule import Schedule
from storage.problems import StorageError
from storage.servers import Servers, servers
from storage.writer import Writer

_MINUTE = 60.0
# Seconds after which a wait is a trouble: a slice takes 0.2 s, and what is saved is written at once.
_LONG_WAIT = 60.0
# Bytes below which memory and disk are short.
_SHORT_MEMORY, _SHORT_DISK = 200_000_000, 1_000_000_000


class Pace:
    """How many slices were computed within the last minute. Any thread may call every method."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """``clock`` gives seconds and never goes back."""
        self._clock = clock
        self._lock = threading.Lock()
        self._began = clock()
        self._moments: deque[float] = deque()

    def note(self) -> None:
        """A slice was computed."""
        with self._lock:
            self._moments.append(self._clock())
            self._forget()

    def per_second(self) -> float:
        """The mean since a minute ago, or since the beginning where that is later."""
        with self._lock:
            self._forget()
            elapsed = min(_MINUTE, self._clock() - self._began)
            return len(self._moments) / elapsed if elapsed else 0.0

    def _forget(self) -> None:
        while self._moments and self._moments[0] < self._clock() - _MINUTE:
            self._moments.popleft()


@dataclass(frozen=True)
class Saving:
    """What is kept: ``seconds_behind`` is for how long what waits longest has not been saved. ``servers`` is
    ``None`` where the database cannot be read, for which ``problem`` says why, or where there is none.
    ``number`` is this process among them. ``free_disk`` of the folder of the data, in bytes."""

    problem: Message | None
    seconds_behind: float
    number: int
    servers: Servers | None
    free_disk: int | None


@dataclass(frozen=True)
class Status:
    """A web process and its engine at one moment.

    Of this process' runs ``taking_turns`` are computed slice by slice, ``at_work`` slices have been given to
    the engine, ``queued`` runs come after another one of the same visitor. ``longest_wait`` counts the
    seconds since the next slice of a run could have begun; ``None`` where no run takes turns. ``memory`` is
    what this process has, ``memory_left`` what it may still take, in bytes.
    """

    engine: EngineStatus
    capacity: int
    workers: tuple[WorkerStatus, ...]
    taking_turns: int
    at_work: int
    queued: int
    slices_per_second: float
    longest_wait: float | None
    memory: int
    memory_left: int
    saving: Saving
    versions: Mapping[str, str]

    @property
    def troubles(self) -> tuple[Message, ...]:
        """What whoever runs the server should look after; nothing where all is well."""
        return (*_troubles_of_work(self), *_troubles_of_saving(self.saving))


def status_of(engine: Engine, schedule: Schedule, writer: Writer, pace: Pace, now: float) -> Status:
    """How everything is at this moment; waits for the database for a second or three. ``now`` is of the clock
    of the schedule."""
    runs = schedule.runs.values()
    waits = [now - run.ready_since for run in runs if run.state.takes_turns]
    return Status(
        engine=engine.status(),
        capacity=engine.capacity,
        workers=engine.workers_status(),
        taking_turns=schedule.runs_at_work(),
        at_work=len(schedule.in_flight),
        queued=len(schedule.waiting),
        slices_per_second=pace.per_second(),
        longest_wait=max(waits, default=None),
        memory=int(psutil.Process().memory_info().rss),
        memory_left=memory.available(),
        saving=_saving(writer),
        versions=_versions(),
    )


def _saving(writer: Writer) -> Saving:
    found, problem = None, writer.problem
    if writer.database is not None:
        try:
            found = writer.database.read(servers, RunState.PAUSED)
        except StorageError as error:
            problem = problem or error.message
    free = _free(writer.database.folder) if writer.database else None
    return Saving(problem, writer.backlog.longest_behind(), writer.server, found, free)


def _free(folder: Path) -> int | None:
    """Bytes that are free where ``folder`` is, or will be."""
    there = next((each for each in (folder, *folder.parents) if each.is_dir()), None)
    return shutil.disk_usage(there).free if there else None


def _versions() -> dict[str, str]:
    return {
        "digitlab": VERSION,
        "python": platform.python_version(),
        "streamlit": version("streamlit"),
        **installed(),
    }


def _troubles_of_work(status: Status) -> Iterator[Message]:
    engine = status.engine
    if engine.problem is not None:
        yield Message(N_("Nothing is trained. {reason}"), {"reason": engine.problem})
    elif engine.needs_help:
        text = N_("The first worker has been starting for {seconds} seconds.")
        yield Message(text, {"seconds": round(engine.seconds)})
    if status.longest_wait is not None and status.longest_wait > _LONG_WAIT:
        text = N_("A run has been waiting for its next slice for {seconds} seconds.")
        yield Message(text, {"seconds": round(status.longest_wait)})
    if status.memory_left < _SHORT_MEMORY:
        text = N_("Only {megabytes} MB of memory are left.")
        yield Message(text, {"megabytes": status.memory_left // 1_000_000})


def _troubles_of_saving(saving: Saving) -> Iterator[Message]:
    if saving.problem is not None:
        yield Message(N_("Not saved for now. {reason}"), {"reason": saving.problem})
    if saving.seconds_behind > _LONG_WAIT:
        text = N_("What was made in the last {seconds} seconds is not saved yet.")
        yield Message(text, {"seconds": round(saving.seconds_behind)})
    for row in saving.servers.rows if saving.servers else ():
        if row.lease < 0:
            text = N_("Server {number} on {host} has not answered for a while.")
            yield Message(text, {"number": row.number, "host": row.host})
    if saving.free_disk is not None and saving.free_disk < _SHORT_DISK:
        text = N_("Only {megabytes} MB of the disk are left.")
        yield Message(text, {"megabytes": saving.free_disk // 1_000_000})
