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
from model.config import TrainingConfig
from runs.engine import LocalEngine
from runs.runner import Runner

_ALONE = 3
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


def seconds_alone(runner: Runner, config: TrainingConfig) -> list[float]:
    """Of a few runs, one after another."""
    return [run.finished - run.submitted for _ in range(_ALONE) for run in train_at_once(runner, [config])]


def summary(crowd: Sequence[Times], alone: Sequence[float]) -> dict[str, float]:
    started = min(run.submitted for run in crowd)
    finished = [run.finished - started for run in crowd]
    sequential = statistics.median(alone) * len(crowd)
    return {
        "first_point_max_s": max(run.first_point - run.submitted for run in crowd),
        "finish_first_s": min(finished),
        "finish_last_s": max(finished),
        "spread": (max(finished) - min(finished)) / max(finished),
        "sequential_s": sequential,
        "total_vs_sequential": max(finished) / sequential,
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
        before = seconds_alone(runner, config)
        crowd = train_at_once(runner, [config.with_changes(seed=seed) for seed in range(runs)])
        memory = pss_mb()
        after = seconds_alone(runner, config)
    return {
        **summary(crowd, [*before, *after]),
        "workers": engine.capacity,
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
