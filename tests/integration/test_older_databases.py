"""Databases that earlier versions have left, as backups in ``databases``: every later version opens them and
goes on with what is in them. A file is added with every new revision, and none is ever changed."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import Connection, MetaData, select, text

import storage.database
from runs.records import EventKind, RunState
from runs.runner import Runner
from storage import care
from storage.database import FILE, REVISION, Database, at_file, in_folder
from storage.migrations import upgrade as migrations
from storage.migrations.upgrade import copy
from storage.problems import StorageError
from storage.visitors import hypotheses_of
from storage.writer import Writer
from testing.engines import InlineEngine, learn
from testing.storage import Open
from testing.waiting import over
from visitors.desks import Desks
from visitors.imported_networks import ImportedNetworks
from visitors.own_tests import OwnTests

FILES = sorted((Path(__file__).parent / "databases").glob("*.db"))
# Whose tables have to be changed.
of_earlier_revisions = pytest.mark.parametrize(
    "older", [file for file in FILES if file.stem != f"version_{REVISION}"], indirect=True
)
# Where one stands for all.
of_the_first_revision = pytest.mark.parametrize("older", FILES[:1], indirect=True)
ADA, BOB = "a" * 64, "b" * 64


@pytest.fixture(params=FILES, ids=lambda file: file.stem)
def older(request: pytest.FixtureRequest, open_database: Open, tmp_path: Path) -> Database:
    """A database that holds what an earlier version has left."""
    database = open_database()
    if database.is_sqlite:
        database.folder.mkdir()
        shutil.copy(request.param, database.folder / FILE)
        return database
    source = at_file(Path(shutil.copy(request.param, tmp_path)))
    with source.writing() as connection:
        copy(connection, _revision(connection), database)
    source.close()
    return database


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
    nothing: dict[str, str] = {}
    assert list(runner.writer.read(nothing, hypotheses_of, ADA).values()) == ['{"why": "because"}']
    runner.close(10)


@of_earlier_revisions
def test_before_tables_are_changed_they_are_copied_as_they_were(older: Database, tmp_path: Path) -> None:
    """Only so is there a way back to the program that made them: its revision, and all its rows."""
    with older.writing() as connection:
        revision, before = _revision(connection), _rows(connection)
    older.open()
    older.close()
    [file] = older.folder.glob("digitlab.revision-*.db")
    copied = at_file(file)
    with copied.writing() as connection:
        assert (_revision(connection), _rows(connection)) == (revision, before)
    copied.close()
    content = file.read_bytes()
    again = in_folder(tmp_path / "again")
    again.open()
    care.restore(again, file)
    with again.reading() as connection:
        assert _revision(connection) == REVISION
        assert _rows(connection)["weights"] == before["weights"]
    again.close()
    assert file.read_bytes() == content, "a backup stays as it is"


@of_the_first_revision
def test_without_a_copy_no_table_is_changed(older: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with older.writing() as connection:
        revision, before = _revision(connection), _rows(connection)
    elsewhere = older.folder / "no such folder" / "copy.db"
    monkeypatch.setattr(storage.database, "dated", lambda *_: elsewhere)
    with pytest.raises(StorageError):
        older.open()
    with older.writing() as connection:
        assert (_revision(connection), _rows(connection)) == (revision, before)
    older.close()


@of_the_first_revision
def test_tries_that_fail_leave_one_copy(older: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise OSError("no room")

    monkeypatch.setattr(migrations, "upgrade", fails)
    for _ in range(2):
        with pytest.raises(StorageError):
            older.open()
    assert len(list(older.folder.glob("digitlab.revision-*"))) == 0
    monkeypatch.undo()
    real = migrations.upgrade
    monkeypatch.setattr(
        migrations, "upgrade", lambda connection, to="head": real(connection, to) if to != "head" else fails()
    )
    for _ in range(2):
        with pytest.raises(StorageError):
            older.open()
    assert [file.suffix for file in older.folder.glob("digitlab.revision-*")] == [".db"]
    older.close()


@of_the_first_revision
def test_what_a_killed_update_has_left_hinders_no_later_one(older: Database) -> None:
    older.folder.mkdir(exist_ok=True)
    for ending in ("part", "part-wal"):
        (older.folder / f"digitlab.revision-0001-20260101-000000.{ending}").write_bytes(b"half a copy")
    older.open()
    assert [file.suffix for file in older.folder.glob("digitlab.revision-*")] == [".db"]
    older.close()


def _revision(connection: Connection) -> str:
    revision: str = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    return revision


def _rows(connection: Connection) -> dict[str, list[str]]:
    """Every row of every table, whatever tables there are, but for servers, which belong to the moment."""
    tables = MetaData()
    tables.reflect(connection)
    return {
        table.name: sorted(map(repr, connection.execute(select(table))))
        for table in tables.sorted_tables
        if table.name not in ("servers", "alembic_version")
    }


def test_there_is_a_database_of_the_newest_revision() -> None:
    assert f"version_{REVISION}" in [file.stem for file in FILES]
