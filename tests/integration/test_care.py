"""Care for what is kept, on both databases: backup and the way back, check, purge, and the command."""

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import pytest
from sqlalchemy import select, text

from digitlab.command import main
from runs.runner import Runner
from storage import care
from storage import runs as stored
from storage.database import FILE, Database, at_address, at_file, in_folder
from storage.problems import StorageError
from storage.tables import Run, Table
from storage.visitors import DeskChange
from storage.writer import Writer
from testing.engines import TINY, InlineEngine, learn
from testing.killing import environment, read_word, served_in_miniature
from testing.storage import Open
from testing.waiting import over, wait_until


def _train(database: Database, visitors: str = "ab", runs: int = 2) -> None:
    runner = Runner(InlineEngine(), learn, Writer(database))
    for visitor in visitors:
        for seed in range(runs):
            over(runner, runner.submit(TINY.with_changes(seed=seed), visitor))
    runner.close(10)


def _content(database: Database) -> Mapping[str, Any]:
    """Every row of every table, but whose the runs are."""
    database.open()
    with database.reading() as connection:
        found = {}
        for table in care._TABLES:
            columns = [column for column in table.__table__.columns if column.name != "owner_id"]
            found[table.__tablename__] = sorted(map(repr, connection.execute(select(*columns))))
    database.close()
    return found


def test_a_backup_is_equal_where_it_is_restored_in_either_database(
    open_database: Open, tmp_path: Path
) -> None:
    _train(open_database())
    before = _content(open_database())
    assert [len(before[name]) for name in ("visitors", "runs", "epochs", "weights")] == [2, 4, 16, 16]
    database = open_database()
    database.open()
    care.back_up(database, tmp_path / "backup.db")
    with pytest.raises(FileExistsError):
        care.back_up(database, tmp_path / "backup.db")
    database.close()
    elsewhere = in_folder(tmp_path / "elsewhere")
    elsewhere.open()
    assert care.restore(elsewhere, tmp_path / "backup.db") is None
    elsewhere.close()
    assert _content(in_folder(tmp_path / "elsewhere")) == before
    _train(open_database(), "c")
    database = open_database()
    database.open()
    aside = care.restore(database, tmp_path / "backup.db")
    database.close()
    assert _content(open_database()) == before, "the way back"
    assert aside is not None
    assert len(_content(at_file(aside))["visitors"]) == 3, "what was there before is kept, too"


def test_a_backup_while_runs_write_holds_whole_epochs_only(open_database: Open, tmp_path: Path) -> None:
    database = open_database()
    runner = Runner(InlineEngine(), learn, Writer(database))
    stop = threading.Event()

    def train() -> None:
        seed = 0
        while not stop.is_set():
            over(runner, runner.submit(TINY.with_changes(seed=seed), "ada"))
            seed += 1

    thread = threading.Thread(target=train)
    thread.start()
    try:
        wait_until(lambda: database.read(stored.versions_of, "ada"), 20, "the first run that is written")
        for number in range(3):
            care.back_up(database, tmp_path / f"{number}.db")
    finally:
        stop.set()
        thread.join()
        runner.close(10)
    for number in range(3):
        content = _content(at_file(tmp_path / f"{number}.db"))
        assert len(content["runs"]) > 0
        assert len(content["epochs"]) == len(content["weights"])
        backup = at_file(tmp_path / f"{number}.db")
        backup.open()
        assert backup.read(care.check) == []
        backup.close()


def test_who_was_forgotten_does_not_come_back_with_a_backup(open_database: Open, tmp_path: Path) -> None:
    _train(open_database())
    database = open_database()
    database.open()
    care.back_up(database, tmp_path / "backup.db")
    with database.writing() as connection:
        care.forget(connection, "a")
    care.restore(database, tmp_path / "backup.db")
    database.close()
    content = _content(open_database())
    assert [len(content[name]) for name in ("visitors", "runs", "epochs", "forgotten")] == [1, 2, 8, 1]
    assert "'a'" not in "".join(content["runs"])


def test_after_its_time_everything_of_a_visitor_goes_and_a_visit_keeps_it(open_database: Open) -> None:
    _train(open_database())
    database = open_database()
    database.open()
    with database.writing() as connection:
        connection.execute(text("UPDATE visitors SET seen_at = seen_at - 15552001"))
        assert DeskChange("a").write(connection, 0)
        assert care.purge(connection, 180) == 1
    database.close()
    content = _content(open_database())
    assert [len(content[name]) for name in ("visitors", "runs", "epochs", "weights", "states")] == [
        1, 2, 8, 8, 2,
    ]  # fmt: skip


def test_a_check_names_what_is_damaged(open_database: Open) -> None:
    _train(open_database(), "a", 1)
    database = open_database()
    database.open()
    assert database.read(care.check) == []
    with database.writing() as connection:
        connection.execute(text("UPDATE weights SET arrays = substr(arrays, 1, 300) WHERE epoch = 1"))
        connection.execute(text("DELETE FROM epochs WHERE epoch = 2"))
        [run_id] = connection.scalars(select(Run.id))
    assert sorted(database.read(care.check)) == [
        f"an epoch of the run {run_id} is missing",
        f"the weights of the run {run_id} after epoch 1 are damaged",
    ]
    database.close()


@pytest.mark.parametrize("content", [b"", b"no database", None])
def test_what_is_no_backup_is_refused_and_everything_stays(tmp_path: Path, content: bytes | None) -> None:
    _train(in_folder(tmp_path / "data"), "a", 1)
    before = _content(in_folder(tmp_path / "data"))
    if content is not None:
        (tmp_path / "backup.db").write_bytes(content)
    database = in_folder(tmp_path / "data")
    database.open()
    with pytest.raises(StorageError, match="not a backup"):
        care.restore(database, tmp_path / "backup.db")
    database.close()
    assert _content(in_folder(tmp_path / "data")) == before


def test_every_table_is_in_a_backup_but_those_of_the_moment() -> None:
    of_the_moment = {"servers", "device_codes", "steering", "work"}
    assert {table.__tablename__ for table in care._TABLES} == Table.metadata.tables.keys() - of_the_moment


class Command(Protocol):
    def __call__(self, database: Database, *arguments: str) -> tuple[int, str]: ...


@pytest.fixture
def data(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """``data(database, "status")``: what ``digitlab data`` ends with and says."""

    def call(database: Database, *arguments: str) -> tuple[int, str]:
        for name, value in environment(database).items():
            monkeypatch.setenv(name, value)
        code = main(["data", *arguments])
        said = capsys.readouterr()
        return code, said.out + said.err

    return call


def test_the_command_goes_all_the_way(open_database: Open, tmp_path: Path, data: Command) -> None:
    database = open_database()
    _train(database)
    backup = str(tmp_path / "backup.db")
    code, said = data(database, "status")
    assert code == 0
    assert " ".join(said.split()).find("runs 4 epochs 16 weights 16") > 0
    assert data(database, "backup", backup)[0] == 0
    assert data(database, "backup", backup)[0] == 1
    assert data(database, "purge", "--days", "0")[1].startswith("digitlab data: --days needs a number from 1")
    database.open()
    with database.writing() as connection:
        connection.execute(text("UPDATE visitors SET seen_at = seen_at - 86401"))
    database.close()
    assert data(database, "purge", "--days", "1")[1].startswith("Deleted: everything of 2 visitors")
    assert data(database, "compact")[0] == 0
    assert data(database, "check") == (0, "Everything can be read.\n")
    assert data(database, "restore", backup)[0] == 0
    assert "runs 4" in " ".join(data(database, "status")[1].split())


def test_the_command_beside_a_server_looks_and_backs_up_but_does_not_restore(
    tmp_path: Path, data: Command
) -> None:
    database = in_folder(tmp_path)
    backup = str(tmp_path / "backup.db")
    with served_in_miniature(database, "--pretend") as server:
        read_word(server.stdout, "ready")
        assert "runs 3" in " ".join(data(database, "status")[1].split())
        assert data(database, "backup", backup)[0] == 0
        code, said = data(database, "restore", backup)
        assert (code, "Another Digit Lab uses the folder" in said) == (1, True)
        read_word(server.stdout, "over")


def test_the_command_begins_no_database(tmp_path: Path, data: Command) -> None:
    assert data(in_folder(tmp_path), "status") == (0, f"Nothing is kept in {tmp_path}.\n")
    assert not (tmp_path / FILE).exists()


@pytest.mark.parametrize(("said", "lasts"), [(None, False), ("yes", True), ("no", False), ("what?", False)])
def test_on_community_cloud_a_file_does_not_last_unless_the_operator_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str | None, lasts: bool
) -> None:
    monkeypatch.setattr(care, "_PROGRAM", Path("/mount/src/digitlab/storage/care.py"))
    if said:
        monkeypatch.setenv("DIGITLAB_DATA_LASTS", said)
    assert care.outlasts_restart(in_folder(tmp_path)) == lasts


def test_elsewhere_what_is_kept_lasts_and_a_server_of_its_own_lasts_everywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert care.outlasts_restart(in_folder(tmp_path))
    monkeypatch.setattr(care, "_PROGRAM", Path("/mount/src/digitlab/storage/care.py"))
    assert care.outlasts_restart(at_address("postgresql://somebody@host/name", tmp_path))
