"""Databases that earlier versions have left, as backups in ``databases``: every later version opens them and
goes on with what is in them. A file is added with every new revision, and none is ever changed."""

import shutil
from pathlib import Path

import pytest

from runs.records import EventKind, RunState
from runs.runner import Runner
from storage import care
from storage.database import FILE, REVISION, Database
from storage.writer import Writer
from testing.engines import InlineEngine, learn
from testing.storage import Open
from testing.waiting import over
from visitors.desks import Desks
from visitors.imported_networks import ImportedNetworks
from visitors.own_tests import OwnTests

FILES = sorted((Path(__file__).parent / "databases").glob("*.db"))
ADA, BOB = "a" * 64, "b" * 64


@pytest.fixture(params=FILES, ids=lambda file: file.stem)
def older(request: pytest.FixtureRequest, open_database: Open) -> Database:
    """A database that holds what an earlier version has left."""
    database = open_database()
    if database.is_sqlite:
        database.folder.mkdir()
        shutil.copy(request.param, database.folder / FILE)
        return database
    database.open()
    care.restore(database, request.param)
    database.close()
    return open_database()


def test_what_an_earlier_version_has_left_is_there_and_goes_on(older: Database) -> None:
    runner = Runner(InlineEngine(), learn, Writer(older))
    assert runner.writer.wait_until_open(20)
    runner.join()
    [finished] = runner.runs_of(ADA)
    assert (finished.number, finished.name, finished.state) == (1, "the first", RunState.FINISHED)
    assert [point.epoch for point in finished.history] == [0, 1, 2, 3]
    assert runner.epochs(finished.id) == [0, 1, 2, 3]
    weights = runner.weights(finished.id, 3)
    assert weights is not None
    assert weights[1][0] == 4
    runner.train_longer(finished.id, 1)
    assert over(runner, finished.id).epoch == 4
    # Of another machine, it waits for its visitor.
    [waiting] = runner.runs_of(BOB)
    assert waiting.config.learning_rate == 0.5
    if waiting.state == RunState.PAUSED:
        assert EventKind.MOVED in [event.kind for event in waiting.events]
        runner.resume(waiting.id)
    assert over(runner, waiting.id).epoch == 3
    assert [trial.pointer for trial in OwnTests(runner.writer).of(ADA).drawn] == ["pen"]
    assert OwnTests(runner.writer).of(ADA).skipped == 1
    networks = ImportedNetworks(runner.writer)
    [name] = networks.of(ADA)
    network = networks.named(name)
    assert network is not None
    assert network.epoch == 3
    recipe, drawing = Desks(runner.writer).of(ADA)
    assert recipe is not None
    assert drawing == '{"objects": [], "size": "wide"}'
    assert Desks(runner.writer).newest_hypothesis(ADA) == '{"why": "because"}'
    runner.close(10)


def test_there_is_a_database_of_the_newest_revision() -> None:

    assert f"version_{REVISION}" in [file.stem for file in FILES]
