"""How fast this machine's workers are: one alone, and all at once."""

import time
from dataclasses import dataclass

from model.config import TrainingConfig
from model.messages import MessageError
from model.slices import turns
from runs.local_engine import LocalEngine
from runs.problems import engine_failed
from runs.records import RunState
from runs.runner import Runner

_EPOCHS = 4
_LOOK_SECONDS = 0.005


@dataclass(frozen=True)
class Measured:
    """``alone``: FLOP/s of one worker that has the cores to itself; ``together``: of all ``workers`` at once,
    summed."""

    alone: float
    together: float
    workers: int

    def spread(self, cores: float) -> float | None:
        """The share of its time in which a worker keeps all ``cores`` busy: the less it does, the more two
        workers gain. ``None`` where one worker or one core cannot tell."""
        if self.workers < 2 or cores <= 1:
            return None
        used = min(self.workers, cores) * self.alone / self.together
        return min(1.0, max(0.0, (used - 1) / (cores - 1)))


def measure(runner: Runner, workers: int) -> Measured:
    """Train on a warm engine with so many workers that have nothing else to do: three seconds for two."""
    _flops_per_second(runner, 1, epochs=1)
    alone = _flops_per_second(runner, 1, _EPOCHS)
    together = _flops_per_second(runner, 2 * workers, _EPOCHS) if workers > 1 else alone
    return Measured(alone, together, workers)


def measure_machine(workers: int | None = None) -> Measured:
    """Start an engine of its own, by default with as many workers as the app would have, and measure it.

    Raises:
        model.messages.MessageError: it cannot start, or does not train.
    """
    engine = LocalEngine(workers)
    try:
        runner = Runner(engine)
        while not (engine.status().is_ready and engine.capacity == engine.workers):
            status = engine.status()
            if status.needs_help:
                raise MessageError(status.problem or engine_failed(TimeoutError(f"{status.seconds:.0f} s")))
            time.sleep(_LOOK_SECONDS)
        return measure(runner, engine.capacity)
    finally:
        engine.shutdown()


def _flops_per_second(runner: Runner, runs: int, epochs: int) -> float:
    """Of so many runs at once, all of them together."""
    config = TrainingConfig(epochs=epochs)
    began = time.perf_counter()
    left = [runner.submit(config.with_changes(seed=number), f"visitor {number}") for number in range(runs)]
    while left:
        time.sleep(_LOOK_SECONDS)
        for run in [runner.snapshot(run_id) for run_id in left]:
            if run and run.state == RunState.FAILED and run.problem:
                raise MessageError(run.problem)
            if run and run.state.is_over:
                left.remove(run.id)
    return runs * sum(turns(config)) / (time.perf_counter() - began)
