"""Engines for the runner: some that only pretend, in this process, and a real one that runners share."""

from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future
from typing import Any

from model import worker
from model.config import TrainingConfig
from model.slices import Progress, Score, Slice, TrainingState
from runs.engine import Engine, EngineState, EngineStatus, WorkerStatus
from runs.records import RunSnapshot
from runs.runner import Runner
from testing.waiting import over, wait_until

# A worker that died.
INSTANT = BrokenExecutor("a worker died")

# What these engines, which have no Keras, make of every network.
KERAS_FILE = b"a .keras file"

# Two steps of training: small enough to be one slice an epoch.
TINY = TrainingConfig(hidden_layers=(8,), train_share=0.01, batch_size=512, epochs=3)


def learn(config: TrainingConfig, state: TrainingState, part: Slice) -> tuple[TrainingState, Progress]:
    """A slice that adds one to every weight; its loss tells the epoch."""
    weights = tuple(array + 1 for array in state.weights)
    for array in weights:
        array.setflags(write=False)
    validation = Score(2.0 - part.epoch / 100, part.epoch / 100) if part.ends_epoch else None
    return TrainingState(weights), Progress(10, 20.0 - part.epoch, 5, 0.1, True, validation)


def finished(result: Any = None, error: BaseException | None = None) -> Future[Any]:
    future: Future[Any] = Future()
    if error is not None:
        future.set_exception(error)
    else:
        future.set_result(result)
    return future


class Shared:
    """A started engine as a new runner sees it: to start it is to find it started."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.capacity = engine.capacity
        self.is_shared = engine.is_shared
        self.fingerprint = engine.fingerprint

    def start(self, when_ready: Callable[[], None]) -> None:
        when_ready()

    def status(self) -> EngineStatus:
        return self._engine.status()

    def workers_status(self) -> tuple[WorkerStatus, ...]:
        return self._engine.workers_status()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **how: Any) -> Future[Any]:
        return self._engine.submit(fn, *args, **how)


class InlineEngine:
    """Computes within ``submit``."""

    is_shared = False
    fingerprint: str | None = "this machine"

    def __init__(self, capacity: int = 1) -> None:
        self.capacity = capacity
        self.starts = 0
        self.submitted: list[tuple[Any, ...]] = []

    def start(self, when_ready: Callable[[], None]) -> None:
        self.starts += 1
        when_ready()

    def status(self) -> EngineStatus:
        return EngineStatus(EngineState.READY, 1.0)

    def workers_status(self) -> tuple[WorkerStatus, ...]:
        return tuple(WorkerStatus(str(number), None, 0) for number in range(self.capacity))

    def submit(self, fn: Any, /, *args: Any, **how: Any) -> Future[Any]:
        if fn is worker.keras_file:
            return finished(KERAS_FILE)
        self.submitted.append(args)
        try:
            return finished(fn(*args))
        except Exception as error:
            return finished(error=error)


class HeldEngine(InlineEngine):
    """Holds every slice until the test lets it go, and starts only when the test says so."""

    def __init__(self, capacity: int = 1, state: EngineState = EngineState.READY) -> None:
        super().__init__(capacity)
        self.state = state
        self.held: list[tuple[Any, Future[Any]]] = []
        self.most_in_flight = 0
        self._when_ready: Callable[[], None] = lambda: None

    def start(self, when_ready: Callable[[], None]) -> None:
        self.starts += 1
        self._when_ready = when_ready
        when_ready()

    def become(self, state: EngineState) -> None:
        self.state = state
        self._when_ready()

    def status(self) -> EngineStatus:
        return EngineStatus(self.state, 1.0)

    def submit(self, fn: Any, /, *args: Any, **how: Any) -> Future[Any]:
        if fn is worker.keras_file:
            return super().submit(fn, *args)
        future: Future[Any] = Future()
        self.submitted.append(args)
        self.held.append(((fn, *args), future))
        self.most_in_flight = max(self.most_in_flight, len(self.held))
        return future

    def wait_for(self, count: int) -> None:
        """Until ``count`` slices are held."""
        wait_until(lambda: len(self.held) >= count, 5, f"slice number {count}")

    def release(self, error: BaseException | None = None) -> Slice:
        """Compute the slice that has waited longest (or let it fail with ``error``)."""
        self.wait_for(1)
        (fn, *args), future = self.held.pop(0)
        part: Slice = args[-1]
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(fn(*args))
        return part

    def break_worker(self) -> None:
        """The one worker dies: everything that was submitted fails, as in loky."""
        held, self.held = self.held, []
        for _, future in held:
            future.set_exception(INSTANT)


def settle(runner: Runner) -> None:
    """Until the runner has worked through everything that was in its inbox."""
    runner.join()


def run_to_its_end(engine: Any, config: TrainingConfig = TINY, train_slice: Any = learn) -> RunSnapshot:
    runner = Runner(engine, train_slice)
    return over(runner, runner.submit(config, "somebody"), 10)
