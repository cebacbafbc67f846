"""What becomes of a whole class that presses Train at the same moment?

    python -m benchmarks.many_runs --runs 30 --epochs 3 --json

All runs are the seed recipe, each with a seed and a visitor of its own, on a warm engine. They are
submitted at once, and their snapshots are polled. How long they would take one after another is not
measured but estimated: the median of three such runs before the crowd and three after it, each alone,
times the number of runs.

first_point_max_s    from a run's submission to its first point, for the one that waited longest
finish_first_s       from the first submission until the first run is over
finish_last_s        until the last one is
spread               how far apart those two are, as a share of the last
sequential_s         the estimate of all runs one after another
total_vs_sequential  the last one's time as a share of that
crowd_epoch_seconds  that time over all epochs of all runs
alone_epoch_seconds  of the runs that are alone, from the first point on
vs_blas_limit        how many times as long as the matrix products alone take an epoch of the crowd
alone_vs_blas_limit  and one of a lone run; the products are measured before and after, on an idle machine
workers              how many there are
pss_mb               memory of this process and its workers at the crowd's end, shared pages counted once
"""

import argparse
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psutil

from benchmarks.contenders import snapshot_of, warm_runner
from benchmarks.report import machine, report
from benchmarks.training import blas_limit
from model.config import TrainingConfig
from runs.local_engine import LocalEngine
from runs.runner import Runner

_ALONE = 3
_LIMITS = 5
_POLL_SECONDS = 0.002


@dataclass(frozen=True)
class Times:
    """Of one run, by ``time.perf_counter``."""

    submitted: float
    first_point: float
    finished: float


def train_at_once(runner: Runner, configs: Sequence[TrainingConfig]) -> list[Times]:
    """Submit all runs at once and watch them until the last one is over."""
    submitted: dict[str, float] = {}
    first_point: dict[str, float] = {}
    finished: dict[str, float] = {}
    for config in configs:
        now = time.perf_counter()
        submitted[runner.submit(config, visitor=f"visitor {config.seed}")] = now
    while len(finished) < len(submitted):
        for run_id in submitted.keys() - finished.keys():
            snapshot, now = snapshot_of(runner, run_id), time.perf_counter()
            if snapshot.history:
                first_point.setdefault(run_id, now)
            if snapshot.state.is_over:
                finished[run_id] = now
        time.sleep(_POLL_SECONDS)
    return [Times(submitted[run], first_point[run], finished[run]) for run in submitted]


def train_alone(runner: Runner, config: TrainingConfig) -> list[Times]:
    """A few runs, one after another."""
    return [run for _ in range(_ALONE) for run in train_at_once(runner, [config])]


def summary(
    crowd: Sequence[Times], alone: Sequence[Times], epochs: int, limits: Sequence[float]
) -> dict[str, float]:
    """``limits``: seconds that the matrix products of one epoch take alone."""
    started = min(run.submitted for run in crowd)
    finished = [run.finished - started for run in crowd]
    sequential = statistics.median(run.finished - run.submitted for run in alone) * len(crowd)
    crowd_epoch = max(finished) / (len(crowd) * epochs)
    alone_epoch = statistics.median(run.finished - run.first_point for run in alone) / epochs
    limit = statistics.median(limits)
    return {
        "first_point_max_s": max(run.first_point - run.submitted for run in crowd),
        "finish_first_s": min(finished),
        "finish_last_s": max(finished),
        "spread": (max(finished) - min(finished)) / max(finished),
        "sequential_s": sequential,
        "total_vs_sequential": max(finished) / sequential,
        "crowd_epoch_seconds": crowd_epoch,
        "vs_blas_limit": crowd_epoch / limit,
        "alone_epoch_seconds": alone_epoch,
        "alone_vs_blas_limit": alone_epoch / limit,
    }


def pss_mb() -> float:
    """Proportional set size of this process and all below it, in MB of 1e6 bytes."""
    this = psutil.Process()
    family = [this, *this.children(recursive=True)]
    return float(sum(process.memory_full_info().pss for process in family)) / 1e6


def measure(runs: int, epochs: int) -> dict[str, Any]:
    engine = LocalEngine()
    config = TrainingConfig(epochs=epochs)
    with warm_runner(engine) as runner:
        limits = [blas_limit(config) for _ in range(_LIMITS)]
        before = train_alone(runner, config)
        crowd = train_at_once(runner, [config.with_changes(seed=seed) for seed in range(runs)])
        memory = pss_mb()
        after = train_alone(runner, config)
        limits += [blas_limit(config) for _ in range(_LIMITS)]
    return {
        **summary(crowd, [*before, *after], epochs, limits),
        "workers": engine.workers,
        "pss_mb": memory,
        "runs": runs,
        "epochs": epochs,
        "machine": machine(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Many runs at once, beside one after another.")
    parser.add_argument("--runs", type=int, default=30)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    arguments = parser.parse_args()
    if arguments.runs < 1:
        parser.error("at least 1 run")
    result = measure(arguments.runs, arguments.epochs)
    table = [(name, f"{value:.2f}") for name, value in result.items() if isinstance(value, float)]
    report((f"{arguments.runs} runs, {arguments.epochs} epochs", ""), table, result, arguments.json)


if __name__ == "__main__":
    main()
