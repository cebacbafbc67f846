"""Chains the slices of many runs fairly over one engine and hands out frozen snapshots."""

import logging
import secrets
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from functools import partial
from itertools import count
from queue import SimpleQueue
from typing import Any, Protocol

from model import worker
from model.config import TrainingConfig, bounds
from model.messages import N_, Message, MessageError
from model.slices import Arrays, Progress, Slice, TrainingState, initial_state, work
from runs.engine import WORKER_ENDED, EngineStatus
from runs.keras_file import keras_file
from runs.records import EventKind, RunSnapshot, RunState
from runs.run import MOST_EVENTS, Run, explodes
from runs.snapshots import SnapshotFolder, temporary_folder

_log = logging.getLogger(__name__)

# A slice whose worker dies is submitted this often before its run fails.
ATTEMPTS = 3
# Runs that are over and still kept, over all visitors and of one; the oldest go first.
KEPT_RUNS = 100
KEPT_RUNS_OF_VISITOR = 20
# Runs of one visitor that are not over.
OPEN_RUNS_OF_VISITOR = 5
# A run that nobody has looked at for so many seconds is paused.
UNWATCHED_SECONDS = 600
# The runner's thread answers within milliseconds; nobody waits longer than this for it.
_ANSWER_SECONDS = 1.0
# How much the last slice counts in the measured speed.
_SMOOTHING = 0.1

TrainSlice = Callable[[TrainingConfig, TrainingState, Slice], tuple[TrainingState, Progress]]
_Result = Future[tuple[TrainingState, Progress]]


class Engine(Protocol):
    """What the runner needs of an engine; every method may be called from any thread."""

    capacity: int

    def start(self, when_ready: Callable[[], None]) -> None: ...
    def status(self) -> EngineStatus: ...
    def submit(self, fn: Callable[..., Any], /, *args: Any) -> Future[Any]: ...


class TooMuchError(MessageError):
    """More than one visitor, or one run, may hold."""


class Runner:
    """Submit, steer and look at runs; every method may be called from any thread.

    All changes happen in one thread, in the order of an inbox. Readers get ``RunSnapshot``s,
    which never change. A finished slice puts its run at the back of the queue. One run of a visitor
    takes turns at a time; the next one follows when it is over or paused.
    """

    def __init__(
        self,
        engine: Engine,
        train_slice: TrainSlice = worker.train_slice,
        folder: SnapshotFolder | None = None,
    ) -> None:
        self._engine = engine
        self._train_slice = train_slice
        self._folder = folder or SnapshotFolder(temporary_folder())
        self._runs: dict[str, Run] = {}
        self._turns: deque[Run] = deque()
        self._lines: defaultdict[str, deque[Run]] = defaultdict(deque)
        self._in_flight = 0
        self._speed: float | None = None
        self._inbox: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._numbers: defaultdict[str, Iterator[int]] = defaultdict(partial(count, 1))
        self._submitting = threading.Lock()
        threading.Thread(target=self._work, name="runner", daemon=True).start()
        self._inbox.put(self._start_engine)

    # Engine

    def restart_engine(self) -> None:
        """Start the engine again where it needs that; waiting runs keep waiting for it."""
        self._inbox.put(lambda: self._start_engine() if self._engine.status().needs_help else None)

    def engine_status(self) -> EngineStatus:
        return self._engine.status()

    def predict(self, config: TrainingConfig, visitor: str) -> float | None:
        """Seconds until a run of ``visitor`` would be over if it were submitted now, or ``None`` before
        any measurement.

        Turns are shared equally, so another visitor's run costs at most as much work as the new one
        has; the visitor's own runs come first.
        """
        speed = self._speed or self._engine.status().speed
        if not speed:
            return None
        own = work(config, config.epochs)
        others = 0.0
        for run in self._all():
            if run.visitor == visitor and (run.state.takes_turns or run.state == RunState.QUEUED):
                others += run.work_left()
            elif run.state.takes_turns:
                others += min(own, run.work_left()) / self._engine.capacity
        return (own + others) / speed

    # Readers

    def snapshot(self, run_id: str) -> RunSnapshot | None:
        """The run as it is now, or ``None`` where it is not known (any more). Counts as a look at it."""
        run = self._runs.get(run_id)
        if run is None:
            return None
        run.looked_at = time.monotonic()
        return run.snapshot

    def runs_at_work(self) -> int:
        """How many runs take turns, over all visitors."""
        return sum(run.state.takes_turns for run in self._all())

    def runs_of(self, visitor: str) -> list[RunSnapshot]:
        """This visitor's runs, the newest first."""
        return [run.snapshot for run in self._all() if run.visitor == visitor][::-1]

    def epochs(self, run_id: str) -> list[int]:
        """The epochs whose weights are kept, sorted; all of them where the run is not too large."""
        return self._folder.epochs(run_id)

    def weights(self, run_id: str, epoch: int) -> Arrays | None:
        """The weights after ``epoch``, or ``None`` where they are not kept (any more)."""
        run = self._runs.get(run_id)
        if run is None:
            return None
        latest = run.latest
        if latest and latest[0] == epoch:
            return latest[1]
        kept = self._folder.weights(run_id, epoch)
        return initial_state(run.snapshot.recipe).weights if kept is None and epoch == 0 else kept

    def keras_file(self, config: TrainingConfig, weights: Arrays) -> Future[bytes]:
        """The network as a ``.keras`` file, made by the engine between two slices.

        The future raises ``runs.keras_file.KerasFileError`` where that fails.
        """
        return keras_file(self._engine.submit, config, weights)

    # Steering

    def submit(self, recipe: TrainingConfig, visitor: str) -> str:
        """Queue a run and return its id, which nobody can guess.

        Raises:
            TooMuchError: this visitor has too many runs that are not over.
        """
        with self._submitting:
            unfinished = [run for run in self._all() if run.visitor == visitor and not run.state.is_over]
            if len(unfinished) >= OPEN_RUNS_OF_VISITOR:
                raise TooMuchError(
                    Message(
                        N_("You have {count} runs that are not over. Stop one of them first."),
                        {"count": len(unfinished)},
                    )
                )
            run = Run(secrets.token_urlsafe(12), next(self._numbers[visitor]), recipe, visitor)
            self._runs[run.snapshot.id] = run
        self._do(lambda: self._line_up(run))
        return run.snapshot.id

    def pause(self, run_id: str) -> None:
        """Submit no further slice of a run; the one that is being computed still counts."""
        self._steer(run_id, self._pause)

    def resume(self, run_id: str) -> None:
        """Let a paused run go on."""
        self._steer(run_id, self._resume)

    def train_one_epoch(self, run_id: str) -> None:
        """Go on to the end of an epoch, and pause there."""
        self._steer(run_id, self._train_one_epoch)

    def train_longer(self, run_id: str, epochs: int) -> None:
        """Let a run that is finished or was stopped go on for ``epochs`` more.

        Raises:
            model.config.ConfigError: more epochs than a run may have.
        """
        if run := self._runs.get(run_id):
            total = run.snapshot.epoch + epochs
            run.snapshot.config.with_changes(epochs=total)
            self._steer(run_id, lambda run: self._train_longer(run, total))

    def set_learning_rate(self, run_id: str, rate: float) -> None:
        """Change the learning rate from the next slice on.

        Raises:
            model.config.ConfigError: a rate out of range.
            TooMuchError: the run was changed too often.
        """
        if run := self._runs.get(run_id):
            run.snapshot.config.with_changes(learning_rate=rate)
            if len(run.snapshot.events) >= MOST_EVENTS:
                raise TooMuchError(Message(N_("This run was changed too often. Start a new one.")))
            self._steer(run_id, lambda run: self._set_learning_rate(run, rate))

    def stop(self, run_id: str) -> None:
        """End a run now; a slice that is being computed is dropped."""
        self._steer(run_id, self._stop)

    # In the runner's thread

    def _work(self) -> None:
        while True:
            action = self._inbox.get()
            try:
                action()
            except Exception:
                _log.exception("the runner goes on after an error")

    def _steer(self, run_id: str, action: Callable[[Run], None]) -> None:
        """Unknown runs are left alone, and so are those that ``action`` does not fit."""
        if run := self._runs.get(run_id):
            self._do(lambda: action(run))

    def _do(self, action: Callable[[], None]) -> None:
        """Let the runner's thread act, and wait until it has: the next look at the run shows it."""
        done = threading.Event()

        def act() -> None:
            try:
                action()
            finally:
                done.set()

        self._inbox.put(act)
        done.wait(_ANSWER_SECONDS)

    def _all(self) -> list[Run]:
        return list(self._runs.values())

    def _start_engine(self) -> None:
        self._engine.start(when_ready=lambda: self._inbox.put(self._dispatch))

    def _line_up(self, run: Run) -> None:
        """Put a run behind the visitor's others."""
        if run.state.is_over:
            return
        run.change(state=RunState.QUEUED)
        self._lines[run.visitor].append(run)
        self._admit(run.visitor)

    def _admit(self, visitor: str) -> None:
        """Let the visitor's next run take turns, where no other one does."""
        line = self._lines[visitor]
        if line and not any(run.visitor == visitor and run.state.takes_turns for run in self._all()):
            run = line.popleft()
            run.training = run.training or self._folder.state(run.snapshot.id)
            if run.training is None:
                self._end(
                    run, RunState.FAILED, Message(N_("The weights of this run cannot be read any more."))
                )
                return
            run.change(state=RunState.RUNNING if run.snapshot.history else RunState.WAITING, place=0)
            run.begin_again()
            run.looked_at = time.monotonic()
            if run.in_flight is None:
                self._turns.append(run)
        for place, run in enumerate(line, start=1):
            run.change(place=place)
        self._dispatch()

    def _leave(self, run: Run) -> None:
        """Take a run out of all queues, and rest its arrays in a file."""
        for queue in (self._turns, self._lines[run.visitor]):
            if run in queue:
                queue.remove(run)
        if run.in_flight is None:
            self._rest(run)
        self._admit(run.visitor)

    def _rest(self, run: Run) -> None:
        if run.training and self._folder.save_state(run.snapshot.id, run.training):
            run.training = None
        if run.latest and run.latest[0] in self._folder.epochs(run.snapshot.id):
            run.latest = None

    def _pause(self, run: Run, kind: EventKind = EventKind.PAUSED) -> None:
        if run.state.takes_turns or run.state == RunState.QUEUED:
            run.pause_after = None
            run.note(kind)
            run.change(state=RunState.PAUSED, seconds_left=None, place=0)
            self._leave(run)

    def _resume(self, run: Run) -> None:
        if run.state == RunState.PAUSED:
            self._line_up(run)

    def _train_one_epoch(self, run: Run) -> None:
        part = run.next_part()
        if run.state.is_over or part is None:
            return
        run.pause_after = part.epoch
        self._resume(run)

    def _train_longer(self, run: Run, total: int) -> None:
        if run.state in {RunState.FINISHED, RunState.STOPPED}:
            run.note(EventKind.EPOCHS, total)
            config = run.snapshot.config.with_changes(epochs=total)
            run.change(config=config, state=RunState.PAUSED)
            self._resume(run)

    def _set_learning_rate(self, run: Run, rate: float) -> None:
        if not run.state.is_over and rate != run.snapshot.config.learning_rate:
            run.note(EventKind.LEARNING_RATE, rate)
            run.change(config=run.snapshot.config.with_changes(learning_rate=rate))

    def _stop(self, run: Run) -> None:
        if not run.state.is_over:
            run.in_flight = None
            run.note(EventKind.STOPPED)
            self._end(run, RunState.STOPPED)

    def _end(self, run: Run, state: RunState, problem: Message | None = None) -> None:
        run.change(state=state, seconds_left=None, place=0, problem=problem)
        self._leave(run)
        over = [other for other in self._all() if other.state.is_over]
        own = [other for other in over if other.visitor == run.visitor]
        for forgotten in {*over[:-KEPT_RUNS], *own[:-KEPT_RUNS_OF_VISITOR]}:
            del self._runs[forgotten.snapshot.id]
            self._folder.forget(forgotten.snapshot.id)

    def _dispatch(self) -> None:
        """Keep every worker busy and one slice waiting; the rest of the queue stays here.

        A slice that waits behind a deadly one dies with it, so none waits while one is suspected.
        """
        suspected = any(run.deaths for run in self._all() if run.state.takes_turns)
        most = self._engine.capacity + (0 if suspected else 1)
        while self._turns and self._in_flight < most and self._engine.status().is_ready:
            run = self._turns.popleft()
            part = run.next_part()
            assert part is not None
            assert run.training is not None
            run.in_flight = part
            self._in_flight += 1
            try:
                future = self._engine.submit(self._train_slice, run.config_for(part), run.training, part)
            except Exception as error:
                future = Future()
                future.set_exception(error)
            future.add_done_callback(partial(self._hand_in, run, part))

    def _hand_in(self, run: Run, part: Slice, result: _Result) -> None:
        """Called in a thread of the engine's, so it only puts the result into the inbox."""
        self._inbox.put(lambda: self._receive(run, part, result))

    def _receive(self, run: Run, part: Slice, result: _Result) -> None:
        self._in_flight -= 1
        if run.in_flight is part:
            run.in_flight = None
            self._take(run, part, result)
            if run.state.takes_turns:
                self._turns.append(run)
            elif run.state == RunState.PAUSED:
                self._rest(run)
        self._dispatch()

    def _take(self, run: Run, part: Slice, result: _Result) -> None:
        try:
            training, progress = result.result()
        except WORKER_ENDED:
            run.deaths += 1
            _log.warning("a worker died in attempt %d of %s", run.deaths, part)
            if run.deaths == ATTEMPTS:
                self._end(run, RunState.FAILED, _died(ATTEMPTS))
            return
        except MessageError as error:
            self._end(run, RunState.FAILED, error.message)
            return
        except Exception as error:
            _log.exception("a slice failed")
            self._end(run, RunState.FAILED, _failed(error))
            return
        if explodes(progress):
            run.change(exploded=True)
            self._end(run, RunState.FAILED, _exploded(run.config_for(part), part))
            return
        self._measure_speed(run.snapshot.config, part, progress)
        if part.ends_epoch:
            self._folder.save_weights(run.snapshot.id, part.epoch, training.weights)
        run.advance(part, training, progress)
        if run.next_part() is None:
            self._end(run, RunState.FINISHED)
        elif part.ends_epoch and part.epoch == run.pause_after:
            self._pause(run)
        elif time.monotonic() - run.looked_at > UNWATCHED_SECONDS:
            self._pause(run, EventKind.UNWATCHED)

    def _measure_speed(self, config: TrainingConfig, part: Slice, progress: Progress) -> None:
        if part.steps and progress.seconds:
            speed = work(config, part.steps / config.steps_per_epoch) / progress.seconds
            before = self._speed or self._engine.status().speed or speed
            self._speed = (1 - _SMOOTHING) * before + _SMOOTHING * speed


def _died(attempts: int) -> Message:
    return Message(
        N_(
            "The process that trains ended {count} times at the same place. "
            "There may be too little memory: try smaller layers."
        ),
        {"count": attempts},
    )


def _failed(error: Exception) -> Message:
    if isinstance(error, MemoryError):
        return Message(
            N_("The process that trains has too little memory: try smaller layers or a smaller batch size.")
        )
    return Message(N_("Training ended with an error: {error}"), {"error": repr(error)})


def _exploded(config: TrainingConfig, part: Slice) -> Message:
    smaller = max(float(f"{config.learning_rate / 10:.3g}"), bounds("learning_rate")[0])
    return Message(
        N_("The loss exploded in epoch {epoch}: the steps are too large. Try a learning rate of {rate}."),
        {"epoch": part.epoch, "rate": smaller},
    )
