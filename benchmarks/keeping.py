"""What does it cost that everything is kept, and how much can be kept?

    python -m benchmarks.keeping --json

The seed recipe is trained in turns with and without keeping, alone and thirty at once, on one warm engine. A
real PostgreSQL of its own is started where its programs are installed.

epoch_overhead      by database: how much longer an epoch takes with keeping, as a share; the median of all
                    pairs
thirty_overhead     the same for thirty runs at once
page_overhead_ms    by database: a rerun of Train with a kept run in view, against one in memory; medians
writes_per_s        transactions that thirty runs ``need`` when all of them train, and that each database
                    bears: epochs of the seed recipe one after another
restart_to_ready_s  from the start of a process until it has found a visitor's runs among 1,000; the median
bare_restart_s      the same with an empty database
pss_mb              of a process with 100 finished runs of its own and with 1,000, of 100 visitors; it trains
                    them itself, without workers
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import streamlit as st
from streamlit.testing.v1 import AppTest

from benchmarks.contenders import warm_runner
from benchmarks.many_runs import train_at_once
from benchmarks.report import machine, report
from model.config import TrainingConfig
from model.slices import EpochMetrics, Score, Slice, initial_state
from runs.local_engine import LocalEngine
from runs.runner import Runner
from storage.database import Database, at_address, in_folder
from storage.leases import Lease
from storage.runs import RestingState, RunChange, RunRecord
from storage.writer import Writer
from testing import postgresql
from testing.engines import InlineEngine, Shared, learn
from testing.waiting import over
from ui.base import resources

SEED = TrainingConfig()
_CROWD, _CROWD_EPOCHS, _CROWD_PAIRS = 30, 3, 3
_WRITING_SECONDS = 3.0
_RERUNS = 40
_STARTS = 5
_KEPT, _VISITORS = 1000, 100
_ROOT = Path(__file__).parents[1]

Open = Callable[[], Database]


@contextmanager
def databases(folder: Path) -> Iterator[dict[str, Open]]:
    """What opens an empty database of each kind, a new one each time."""
    made = iter(range(10**6))
    kinds: dict[str, Open] = {"sqlite": lambda: in_folder(folder / f"data {next(made)}")}
    if postgresql.programs() is None:
        print(postgresql.MISSING)
        yield kinds
        return
    with postgresql.served() as address:
        yield {**kinds, "postgresql": lambda: at_address(postgresql.new_database(address), folder)}


@contextmanager
def keeping(engine: LocalEngine, database: Database | None) -> Iterator[Runner]:
    """A runner over ``engine`` that keeps everything in ``database``, or nothing."""
    writer = Writer(database)
    runner = Runner(Shared(engine), writer=writer)
    if database is not None:
        assert writer.wait_until_open(30)
    runner.join()
    yield runner
    runner.close(30)


def epoch_seconds(runner: Runner, configs: list[TrainingConfig]) -> float:
    """Of all epochs of all runs, from the first submission to the end of the last run."""
    times = train_at_once(runner, configs)
    epochs = sum(config.epochs for config in configs)
    return (max(run.finished for run in times) - min(run.submitted for run in times)) / epochs


def overhead(engine: LocalEngine, new: Open, configs: list[TrainingConfig], pairs: int) -> float:
    """The median of the pairs, each measured one way and the other, in turns."""
    ratios = []
    for number in range(pairs):
        seconds: dict[bool, float] = {}
        for keeps in (True, False) if number % 2 else (False, True):
            with keeping(engine, new() if keeps else None) as runner:
                seconds[keeps] = epoch_seconds(runner, configs)
        ratios.append(seconds[True] / seconds[False] - 1)
    return statistics.median(ratios)


def writes_borne(database: Database) -> float:
    """Epochs of the seed recipe that the database takes in a second, each in a transaction of its own."""
    training = initial_state(SEED)
    database.open()
    with database.writing() as connection:
        server = Lease().renew(connection)
    writes, start = 0, time.perf_counter()
    while time.perf_counter() - start < _WRITING_SECONDS:
        run, epoch = divmod(writes, 21)
        record = RunRecord(f"run {run}", "ada", run, SEED.to_json(), "running", is_over=False)
        point = EpochMetrics(epoch, Score(1.0, 0.5), Score(1.0, 0.5))
        state = RestingState(Slice(epoch, 0, 469, ends_epoch=True), (), training)
        change = RunChange(record, (point,), {epoch: training.weights}, state, 0, is_new=epoch == 0)
        with database.writing() as connection:
            assert change.write(connection, server)
        writes += 1
    seconds = time.perf_counter() - start
    database.close()
    return writes / seconds


def page_ms(database: Database | None) -> float:
    """A rerun of Train with a finished run in view, in milliseconds; the median."""
    runner = Runner(InlineEngine(), learn, Writer(database))
    st.cache_resource.clear()
    before = resources.runner
    resources.runner = lambda: runner  # type: ignore[assignment]
    try:
        app = AppTest.from_file(str(_ROOT / "app.py"), default_timeout=60)
        app.session_state["visitor"] = "a" * 64
        over(runner, runner.submit(SEED.with_changes(epochs=5), "a" * 64))
        runner.writer.backlog.flush(10 if database else 0)
        app.switch_page("pages/train.py").run()
        times = []
        for _ in range(_RERUNS):
            start = time.perf_counter()
            app.run()
            times.append(1000 * (time.perf_counter() - start))
        return statistics.median(times)
    finally:
        resources.runner = before
        st.cache_resource.clear()
        runner.close(5)


def restart_seconds(database: Path, visitor: str) -> float:
    """From the start of a process until it has found the visitor's runs; the median."""
    times = []
    for _ in range(_STARTS):
        start = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "benchmarks.keeping", "--find", visitor, "--data", str(database)],
            check=True,
        )
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def find(folder: Path, visitor: str) -> None:
    """What a new process does before a page can show the visitor's runs."""
    writer = Writer(in_folder(folder))
    runner = Runner(InlineEngine(), learn, writer)
    assert writer.wait_until_open(30)
    runner.runs_of(visitor)
    runner.close(5)


def fill(folder: Path) -> dict[str, float]:
    """Train 1,000 runs of 100 visitors, and say what the process takes after 100 and after all."""
    found = {}
    writer = Writer(in_folder(folder))
    engine = InlineEngine()
    runner = Runner(engine, learn, writer)
    for number in range(_KEPT):
        run_id = runner.submit(SEED.with_changes(epochs=2, seed=number), f"visitor {number % _VISITORS}")
        over(runner, run_id)
        writer.backlog.flush(60)
        # This engine remembers all that it was ever given.
        engine.submitted.clear()
        if number + 1 in (_KEPT // 10, _KEPT):
            writer.backlog.flush(60)
            for visitor in range(_VISITORS):
                runner.runs_of(f"visitor {visitor}")
            found[f"after_{number + 1}"] = psutil.Process().memory_full_info().pss / 1e6
    runner.close(10)
    return found


def measure(pairs: int) -> dict[str, Any]:
    """All figures; see the module."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        engine = LocalEngine()
        crowd = [SEED.with_changes(epochs=_CROWD_EPOCHS, seed=seed) for seed in range(_CROWD)]
        with databases(folder) as kinds, warm_runner(engine):
            alone = {kind: overhead(engine, new, [SEED], pairs) for kind, new in kinds.items()}
            thirty = {kind: overhead(engine, new, crowd, _CROWD_PAIRS) for kind, new in kinds.items()}
            with keeping(engine, None) as runner:
                needed = 1 / epoch_seconds(runner, crowd)
        with databases(folder) as kinds:
            borne = {kind: writes_borne(new()) for kind, new in kinds.items()}
            memory = page_ms(None)
            pages = {kind: page_ms(new()) - memory for kind, new in kinds.items()}
        kept = folder / "kept"
        filling = [sys.executable, "-m", "benchmarks.keeping", "--fill", "--data", str(kept)]
        filled = subprocess.run(filling, check=True, capture_output=True, text=True)
        return {
            "epoch_overhead": alone,
            "thirty_overhead": thirty,
            "page_overhead_ms": pages,
            "writes_per_s": {"need": needed, **borne},
            "restart_to_ready_s": restart_seconds(kept, "visitor 7"),
            "bare_restart_s": restart_seconds(folder / "bare", "visitor 7"),
            "pss_mb": json.loads(filled.stdout.splitlines()[-1]),
        }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pairs", type=int, default=10)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--data", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--find", help=argparse.SUPPRESS)
    parser.add_argument("--fill", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.find:
        find(options.data, options.find)
    elif options.fill:
        print(json.dumps(fill(options.data)))
    else:
        result = measure(options.pairs)
        rows = [(name, json.dumps(value)) for name, value in result.items()]
        report(("", machine()), rows, result, options.json)


if __name__ == "__main__":
    main()
