"""Chains the slices of many runs fairly over one engine and hands out frozen snapshots."""

import logging
import math
import secrets
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Future
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from queue import SimpleQueue
from typing import Protocol

from model import worker
from model.config import TrainingConfig, bounds
from model.messages import N_, Message, MessageError
from model.slices import EpochMetrics, Progress, Slice, TrainingState, initial_state, mean_score, next_slice
from runs.engine import EngineStatus
from runs.records import PartialEpoch, RunSnapshot, RunState

_log = logging.getLogger(__name__)

# A slice whose worker dies is submitted this often before its run fails.
ATTEMPTS = 3
# Finished runs kept in memory, over all visitors; the oldest go first.
KEPT_RUNS = 100
# A mean cross-entropy above this is an explosion: guessing costs ln 10 = 2.3.
EXPLODED_LOSS = 1e3
# Slices over which the speed is averaged.
_SPEED_WINDOW = 20

TrainSlice = Callable[[TrainingConfig, TrainingState, Slice], tuple[TrainingState, Progress]]
_Result = Future[tuple[TrainingState, Progress]]


class Engine(Protocol):
    """What the runner needs of an engine; every method may be called from any thread."""

    capacity: int

    def start(self, when_ready: Callable[[], None]) -> None: ...
    def status(self) -> EngineStatus: ...
    def submit(
        self, fn: TrainSlice, /, config: TrainingConfig, state: TrainingState, part: Slice
    ) -> _Result: ...


@dataclass
class _Run:
    """The runner's own, changing side of a run; only the runner's thread touches it."""

    visitor: str
    training: TrainingState
    snapshot: RunSnapshot
    done: Slice | None = None
    deaths: int = 0
    epoch_so_far: list[Progress] = field(default_factory=list)
    speed: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=_SPEED_WINDOW))


class Runner:
    """Submit, stop and look at runs; every method may be called from any thread.

    All changes happen in one thread, in the order of an inbox. Readers get ``RunSnapshot``s,
    which never change. A finished slice puts its run at the back of the queue.
    """

    def __init__(self, engine: Engine, train_slice: TrainSlice = worker.train_slice) -> None:
        self._engine = engine
        self._train_slice = train_slice
        self._runs: dict[str, _Run] = {}
        self._queue: deque[_Run] = deque()
        self._in_flight = 0
        self._inbox: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._numbers: defaultdict[str, Iterator[int]] = defaultdict(partial(count, 1))
        self._submitting = threading.Lock()
        threading.Thread(target=self._work, name="runner", daemon=True).start()
        self._inbox.put(self._start_engine)

    def restart_engine(self) -> None:
        """Start the engine again where it needs that; waiting runs keep waiting for it."""
        self._inbox.put(lambda: self._start_engine() if self._engine.status().needs_help else None)

    def engine_status(self) -> EngineStatus:
        return self._engine.status()

    def submit(self, config: TrainingConfig, visitor: str) -> str:
        """Queue a run and return its id, which nobody can guess."""
        run_id = secrets.token_urlsafe(12)
        training = initial_state(config)
        with self._submitting:
            number = next(self._numbers[visitor])
            snapshot = RunSnapshot(run_id, number, config, RunState.WAITING, training.weights)
            run = self._runs[run_id] = _Run(visitor, training, snapshot)
        self._inbox.put(lambda: self._enqueue(run))
        return run_id

    def stop(self, run_id: str) -> None:
        """End a run after the slice that is being computed; unknown and finished runs are left alone."""
        if run := self._runs.get(run_id):
            self._inbox.put(lambda: self._end(run, RunState.STOPPED))

    def snapshot(self, run_id: str) -> RunSnapshot | None:
        """The run as it is now, or ``None`` where it is not known (any more)."""
        run = self._runs.get(run_id)
        return run.snapshot if run else None

    def runs_of(self, visitor: str) -> list[RunSnapshot]:
        """This visitor's runs, the newest first."""
        runs = [run.snapshot for run in list(self._runs.values()) if run.visitor == visitor]
        return runs[::-1]

    def _work(self) -> None:
        while True:
            action = self._inbox.get()
            try:
                action()
            except Exception:
                _log.exception("the runner goes on after an error")

    def _start_engine(self) -> None:
        self._engine.start(when_ready=lambda: self._inbox.put(self._dispatch))

    def _enqueue(self, run: _Run) -> None:
        if not run.snapshot.state.is_over:
            self._queue.append(run)
            self._dispatch()

    def _dispatch(self) -> None:
        """Keep every worker busy and one slice waiting; the rest of the queue stays here.

        A slice that waits behind a deadly one dies with it, so none waits while one is suspected.
        """
        suspected = any(run.deaths for run in list(self._runs.values()) if not run.snapshot.state.is_over)
        most = self._engine.capacity + (0 if suspected else 1)
        while self._queue and self._in_flight < most and self._engine.status().is_ready:
            run = self._queue.popleft()
            part = next_slice(run.snapshot.config, run.done)
            if run.snapshot.state.is_over or part is None:
                continue
            self._in_flight += 1
            try:
                future = self._engine.submit(self._train_slice, run.snapshot.config, run.training, part)
            except Exception as error:
                future = Future()
                future.set_exception(error)
            future.add_done_callback(partial(self._hand_in, run, part))

    def _hand_in(self, run: _Run, part: Slice, result: _Result) -> None:
        """Called in a thread of the engine's, so it only puts the result into the inbox."""
        self._inbox.put(lambda: self._receive(run, part, result))

    def _receive(self, run: _Run, part: Slice, result: _Result) -> None:
        self._in_flight -= 1
        if not run.snapshot.state.is_over:
            self._take(run, part, result)
            if not run.snapshot.state.is_over:
                self._queue.append(run)
        self._dispatch()

    def _take(self, run: _Run, part: Slice, result: _Result) -> None:
        try:
            training, progress = result.result()
        except BrokenExecutor:
            run.deaths += 1
            _log.warning("a worker died in attempt %d of %s", run.deaths, part)
            if run.deaths == ATTEMPTS:
                self._end(
                    run,
                    RunState.FAILED,
                    Message(
                        N_(
                            "The process that trains ended {count} times at the same place. "
                            "There may be too little memory: try smaller layers."
                        ),
                        {"count": ATTEMPTS},
                    ),
                )
            return
        except MessageError as error:
            self._end(run, RunState.FAILED, error.message)
            return
        except Exception as error:
            _log.exception("a slice failed")
            self._end(
                run,
                RunState.FAILED,
                Message(N_("Training ended with an error: {error}"), {"error": repr(error)}),
            )
            return
        run.training, run.done, run.deaths = training, part, 0
        if exploded := _explosion(run.snapshot.config, part, progress):
            self._end(run, RunState.FAILED, exploded)
            return
        run.epoch_so_far.append(progress)
        run.speed.append((time.monotonic(), progress.images if part.epoch else 0))
        run.snapshot = _advanced(run, part, progress)
        if next_slice(run.snapshot.config, part) is None:
            self._end(run, RunState.FINISHED)

    def _end(self, run: _Run, state: RunState, problem: Message | None = None) -> None:
        if run.snapshot.state.is_over:
            return
        run.snapshot = replace(run.snapshot, state=state, seconds_left=None, problem=problem)
        run.training = TrainingState(run.snapshot.weights)
        finished = [run_id for run_id, other in list(self._runs.items()) if other.snapshot.state.is_over]
        for run_id in finished[:-KEPT_RUNS]:
            del self._runs[run_id]


def _advanced(run: _Run, part: Slice, progress: Progress) -> RunSnapshot:
    """The snapshot after one more slice. An epoch's training score is the mean over its slices."""
    snapshot = run.snapshot
    config = snapshot.config
    training = mean_score(run.epoch_so_far)
    if progress.validation is not None:
        history = (*snapshot.history, EpochMetrics(part.epoch, training, progress.validation))
        weights, unfinished, position = run.training.weights, None, float(part.epoch)
        run.epoch_so_far.clear()
    else:
        history, weights = snapshot.history, snapshot.weights
        position = part.epoch - 1 + (part.first_step + part.steps) / config.steps_per_epoch
        unfinished = PartialEpoch(position, training)
    rate = _images_per_second(run)
    left = (config.epochs - position) * config.training_images / rate if rate else None
    return replace(
        snapshot,
        state=RunState.RUNNING,
        weights=weights,
        history=history,
        partial=unfinished,
        images_per_second=rate,
        seconds_left=left,
        xla=progress.xla,
    )


def _images_per_second(run: _Run) -> float | None:
    """Measured over the last slices, other runs' turns included; ``None`` before the second one."""
    elapsed = run.speed[-1][0] - run.speed[0][0]
    trained = sum(images for _, images in list(run.speed)[1:])
    return trained / elapsed if elapsed and trained else None


def _explosion(config: TrainingConfig, part: Slice, progress: Progress) -> Message | None:
    losses = [mean_score([progress]).loss, *([progress.validation.loss] if progress.validation else [])]
    if all(math.isfinite(loss) and loss <= EXPLODED_LOSS for loss in losses):
        return None
    smaller = max(float(f"{config.learning_rate / 10:.3g}"), bounds("learning_rate")[0])
    return Message(
        N_("The loss exploded in epoch {epoch}: the steps are too large. Try a learning rate of {rate}."),
        {"epoch": part.epoch, "rate": smaller},
    )
