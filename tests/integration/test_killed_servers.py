"""Servers that are killed at moments that nobody chose, their workers or both: nothing that was kept is lost,
and every run comes to the end that it would have had.

Most in workers that only pretend to train, since what is tried here is the keeping; ``tests.trials`` has the
same with TensorFlow.
"""

import os
import sqlite3
from pathlib import Path

from model.config import TrainingConfig
from runs.local_engine import LocalEngine
from runs.records import EventKind
from runs.runner import Runner
from storage import runs as stored
from storage.database import Database, in_folder
from storage.writer import Writer
from testing.engines import InlineEngine, Shared
from testing.kept_runs import RECIPES, pretend_slice
from testing.killing import check_kills
from testing.runs import snapshot_of
from testing.server import serve
from testing.storage import Open, vanish
from testing.waiting import over, wait_until

LONG = TrainingConfig(hidden_layers=(32,), train_share=0.2, epochs=16)
KILLS = int(os.environ.get("DIGITLAB_KILLS", "3"))


def test_runs_of_killed_servers_come_to_the_end_that_they_would_have_had(open_database: Open) -> None:
    runner = Runner(InlineEngine(), pretend_slice)
    run_ids = {visitor: runner.submit(recipe, visitor) for visitor, recipe in RECIPES.items()}
    undisturbed = {visitor: over(runner, run_id).history for visitor, run_id in run_ids.items()}
    check_kills(open_database(), undisturbed, KILLS, "--pretend")


def test_an_interrupted_run_goes_on_under_the_app_though_nobody_visits(
    tmp_path: Path, engine: LocalEngine, runner: Runner
) -> None:
    undisturbed = over(runner, runner.submit(LONG, "ada"))
    former = Runner(Shared(engine), writer=Writer(in_folder(tmp_path)))
    run_id = former.submit(LONG, "ada")
    wait_until(lambda: snapshot_of(former, run_id).epoch > 2, 60, "the third epoch")
    wait_until(lambda: not former.seconds_behind(run_id), 10, "the saving")
    vanish(former)
    database = in_folder(tmp_path)
    with serve({"DIGITLAB_DATA": str(tmp_path), "DIGITLAB_WORKERS": "1"}):
        wait_until(lambda: _are_over(database), 100, "the end of the run")
    database.open()
    [record] = database.read(stored.read, [run_id]).values()
    database.close()
    assert record.history == undisturbed.history
    assert EventKind.INTERRUPTED in record.events


def _are_over(database: Database) -> bool:
    """Looked at beside the server that has the folder to itself."""
    with sqlite3.connect(f"file:{database.file}?mode=ro", uri=True) as connection:
        [unfinished] = connection.execute("SELECT count(*) FROM runs WHERE NOT is_over").fetchone()
    return int(unfinished) == 0
