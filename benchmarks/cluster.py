"""What does a cluster cost beside the same workers on this machine?

    python -m benchmarks.cluster --json

A scheduler and ``digitlab worker``, both on this machine, train a class's runs, and the local engine trains
the same with as many workers and threads: one thread each, so that one worker leaves a core to what the
cluster runs beside it. They take turns, round by round, and each round's ratio is taken.

images_per_second     of each engine, by the number of its workers: the median of the rounds
workers_1_vs_local    the cluster's images per second as a share of the local engine's, median of the rounds
workers_2_vs_local    the same with two workers each
rounds                every ratio
overhead_ms           how much longer a slice is under way than it computes, for a run that is alone, from the
                      engine's submit to the result; of the cluster, and of the local engine
state_mb              what goes to the worker, and what comes back, with a slice
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from benchmarks.contenders import snapshot_of
from benchmarks.report import machine, report
from model import worker
from model.config import TrainingConfig
from model.slices import initial_state, next_slice
from runs.cluster.engine import ClusterEngine
from runs.local_engine import LocalEngine
from runs.runner import Runner
from testing.clusters import Cluster
from testing.engines import Shared
from testing.waiting import wait_until

AnyEngine = LocalEngine | ClusterEngine

_WARM_SECONDS = 180
_POLL_SECONDS = 0.005
# Epochs of the run whose slices are timed one by one.
_TIMED_EPOCHS = 5


def images_per_second(engine: AnyEngine, runs: int, epochs: int) -> float:
    """Of ``runs`` seed recipes that are submitted at once."""
    runner = Runner(Shared(engine))
    config = TrainingConfig(epochs=epochs)
    started = time.perf_counter()
    run_ids = [runner.submit(config.with_changes(seed=seed), f"visitor {seed}") for seed in range(runs)]
    while not all(snapshot_of(runner, run_id).state.is_over for run_id in run_ids):
        time.sleep(_POLL_SECONDS)
    seconds = time.perf_counter() - started
    runner.delete(run_ids)
    return runs * epochs * config.training_images / seconds


def overhead(engine: AnyEngine) -> list[float]:
    """Seconds of each slice beside its computing."""
    config, part, found = TrainingConfig(epochs=_TIMED_EPOCHS), None, []
    state = initial_state(config)
    while part := next_slice(config, part):
        started = time.perf_counter()
        state, progress = engine.submit(worker.train_slice, config, state, part).result()
        # The last slice of an epoch validates, too, which its own seconds leave out.
        if not part.ends_epoch:
            found.append(time.perf_counter() - started - progress.seconds)
    return found


@contextmanager
def warm(engine: AnyEngine, workers: int) -> Iterator[AnyEngine]:
    engine.start(lambda: None)
    try:
        wait_until(lambda: engine.status().is_ready and engine.capacity == workers, _WARM_SECONDS)
        yield engine
    finally:
        engine.shutdown()


@contextmanager
def local(workers: int, threads: int) -> Iterator[AnyEngine]:
    with warm(LocalEngine(workers, threads), workers) as engine:
        yield engine


@contextmanager
def clustered(workers: int, threads: int) -> Iterator[AnyEngine]:
    with tempfile.TemporaryDirectory() as folder, Cluster(Path(folder)) as cluster:
        cluster.start_workers(workers, threads, pretend=False)
        with warm(ClusterEngine(cluster.address), workers) as engine:
            yield engine


ENGINES: dict[str, Callable[[int, int], Any]] = {"local": local, "cluster": clustered}


def compare(workers: int, threads: int, rounds: int, runs: int, epochs: int) -> dict[str, Any]:
    """Both engines stand side by side, and one of them is idle while the other one trains."""
    speeds: dict[str, list[float]] = {name: [] for name in ENGINES}
    with ExitStack() as stack:
        engines = {name: stack.enter_context(start(workers, threads)) for name, start in ENGINES.items()}
        overheads = {name: overhead(engine) for name, engine in engines.items()}
        for number in range(rounds):
            order = list(engines)
            for name in order if number % 2 else reversed(order):
                speeds[name].append(images_per_second(engines[name], runs, epochs))
    ratios = [there / here for there, here in zip(speeds["cluster"], speeds["local"], strict=True)]
    return {
        "images_per_second": {name: statistics.median(found) for name, found in speeds.items()},
        "ratio": statistics.median(ratios),
        "ratios": ratios,
        "overhead_ms": {name: 1e3 * statistics.median(found) for name, found in overheads.items()},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="The cluster engine beside the local one.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--runs", type=int, default=30)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--threads", type=int, default=1, help="of each worker")
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    arguments = parser.parse_args()
    if min(arguments.rounds, arguments.runs, arguments.epochs, arguments.threads) < 1:
        parser.error("at least 1 of each")
    found = {
        workers: compare(workers, arguments.threads, arguments.rounds, arguments.runs, arguments.epochs)
        for workers in (1, 2)
    }
    state = initial_state(TrainingConfig())
    result = {
        **{f"workers_{workers}_vs_local": one["ratio"] for workers, one in found.items()},
        "images_per_second": {str(workers): one["images_per_second"] for workers, one in found.items()},
        "rounds": {str(workers): one["ratios"] for workers, one in found.items()},
        "overhead_ms": found[1]["overhead_ms"],
        "state_mb": sum(array.nbytes for array in state.weights) / 1e6,
        "runs": arguments.runs,
        "epochs": arguments.epochs,
        "threads": arguments.threads,
        "machine": machine(),
    }
    table = [
        (
            str(workers),
            *(f"{one['images_per_second'][name]:,.0f}" for name in ENGINES),
            f"{one['ratio']:.3f}",
            *(f"{one['overhead_ms'][name]:.1f}" for name in ENGINES),
        )
        for workers, one in found.items()
    ]
    header = ("workers", *(f"{name}, images/s" for name in ENGINES), "ratio")
    report((*header, *(f"{name}, ms a slice" for name in ENGINES)), table, result, arguments.json)


if __name__ == "__main__":
    main()
