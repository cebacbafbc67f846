"""What must hold while the database cannot be used: training goes on, pages answer, nothing that was kept is
touched, and everything is written once it can be."""

import os
import random
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text, update

from model.config import TrainingConfig
from runs.records import RunState
from runs.runner import Runner
from storage import backlog
from storage import runs as stored
from storage.database import FILE, Database, at_address, in_folder
from storage.problems import StorageError, unreachable
from storage.statements import insert_visitor
from storage.tables import Visitor
from storage.writer import Writer
from testing import postgresql as postgres
from testing.engines import TINY, HeldEngine, InlineEngine, learn
from testing.killing import read_word, served_in_miniature
from testing.storage import Open, vanish, wait_until_saved
from testing.waiting import over, wait_until

is_root = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="only root may mount a small file system"
)


@contextmanager
def _runner(database: Database, engine: Any = None) -> Iterator[Runner]:
    runner = Runner(engine or InlineEngine(), learn, Writer(database))
    yield runner
    runner.close(1)


def _trains_and_saves(runner: Runner) -> str:
    run_id = runner.submit(TINY, "ada")
    assert over(runner, run_id).state == RunState.FINISHED
    wait_until_saved(runner, run_id)
    return run_id


def _trains_without_saving(runner: Runner) -> str:
    """The id of a run that has come to its end, though nothing of it could be written."""
    run_id = runner.submit(TINY, "ada")
    assert over(runner, run_id).state == RunState.FINISHED
    wait_until(lambda: runner.storage_problem, 20, "the notice of the problem")
    assert runner.seconds_behind(run_id) > 0
    assert runner.weights(run_id, 3) is not None
    assert runner.epochs(run_id)[-4:] == [0, 1, 2, 3]
    assert run_id in [run.id for run in runner.runs_of("ada")]
    return run_id


def _all_kept(database: Database, run_ids: Sequence[str]) -> bool:
    database.open()
    records = database.read(stored.read, run_ids)
    return all(len(records[run_id].history) == 4 for run_id in run_ids)


@pytest.fixture
def own_server(postgresql: str) -> Iterator[postgres.Server]:
    """A PostgreSQL that a test may stop."""
    server = postgres.Server()
    server.start()
    yield server
    server.stop()
    server.remove()


def test_while_the_database_server_is_gone_training_goes_on_and_is_written_afterwards(
    tmp_path: Path, own_server: postgres.Server
) -> None:
    with _runner(at_address(own_server.address, tmp_path)) as runner:
        before = _trains_and_saves(runner)
        own_server.stop()
        during = _trains_without_saving(runner)
        own_server.start()
        _check_that_all_is_written(runner, own_server, [before, during])


def _check_that_all_is_written(runner: Runner, server: postgres.Server, run_ids: Sequence[str]) -> None:
    wait_until_saved(runner, run_ids[-1], 20)
    wait_until(lambda: runner.storage_problem is None, 5, "the end of the notice")
    assert runner.writer.database is not None
    assert _all_kept(at_address(server.address, runner.writer.database.folder), run_ids)


def test_while_the_database_server_stands_still_training_and_pages_go_on(
    tmp_path: Path, own_server: postgres.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.postgresql._SILENCE", 2.0)
    connected, unconnected = (at_address(own_server.address, tmp_path) for _ in range(2))
    with _runner(connected) as runner, ThreadPoolExecutor(2) as pages:
        before = _trains_and_saves(runner)
        unconnected.open()
        unconnected._engine.dispose()
        with own_server.frozen():
            for database in (connected, unconnected):
                with pytest.raises(StorageError, match="does not answer"):
                    pages.submit(database.read, stored.read, [before]).result(20)
                with pytest.raises(StorageError, match="it did not answer"):
                    database.read(stored.read, [before])
            during = _trains_without_saving(runner)
        _check_that_all_is_written(runner, own_server, [before, during])


def test_what_the_driver_says_is_for_the_operator_and_not_for_visitors(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        database = at_address(f"postgresql://somebody@127.0.0.1:{port}/pupils", tmp_path)
        with pytest.raises(StorageError) as error:
            database.open()
        assert f"port {port}" in str(error.value), "the command line"
        with _runner(database) as runner:
            notice = str(wait_until(lambda: runner.storage_problem, 20, "the notice of the problem"))
    assert f"port {port}" in caplog.text
    assert notice == str(error.value.message)
    assert not any(word in notice for word in ("127.0.0.1", str(port), "somebody", "pupils"))


def test_a_server_whose_database_is_not_there_yet_trains_and_keeps_it_later(
    tmp_path: Path, postgresql: str
) -> None:
    server = postgres.Server()
    with _runner(at_address(server.address, tmp_path)) as runner:
        run_id = _trains_without_saving(runner)
        server.start()
        try:
            wait_until_saved(runner, run_id, 20)
            runner.close(5)
        finally:
            server.stop()
            server.remove()


@is_root
def test_on_a_full_disk_training_goes_on_and_is_written_when_there_is_room(tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(small)], check=True)
    try:
        with _runner(in_folder(small)) as runner:
            before = _trains_and_saves(runner)
            filler = small / "filler"
            with pytest.raises(OSError, match="No space"):
                filler.write_bytes(bytes(2**21))
            large = TINY.with_changes(hidden_layers=(64,))
            during = runner.submit(large, "ada")
            over(runner, during)
            assert "full" in str(wait_until(lambda: runner.storage_problem, 20, "the notice"))
            assert [run.id for run in runner.runs_of("ada")] == [during, before]
            filler.unlink()
            wait_until_saved(runner, during, 20)
            database = runner.writer.database
            assert database is not None
            assert _all_kept(database, [before, during])
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_while_another_process_holds_the_lock_training_goes_on(tmp_path: Path) -> None:
    with _runner(in_folder(tmp_path)) as runner:
        before = _trains_and_saves(runner)
        with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            during = _trains_without_saving(runner)
            other.execute("ROLLBACK")
        wait_until_saved(runner, during, 20)
        database = runner.writer.database
        assert database is not None
        assert _all_kept(database, [before, during])


@pytest.mark.parametrize("damage", ["the head", "everything", "a short file"])
def test_a_damaged_file_is_moved_aside_and_named_and_a_new_one_begun(
    tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    with _runner(in_folder(tmp_path)) as runner:
        _trains_and_saves(runner)
    file = tmp_path / FILE
    content = file.read_bytes()
    noise = random.Random(0).randbytes(len(content))
    damaged = {
        "the head": noise[:4096] + content[4096:],
        "everything": noise,
        "a short file": content[:1000],
    }[damage]
    file.write_bytes(damaged)
    with _runner(in_folder(tmp_path)) as runner:
        _trains_and_saves(runner)
        assert len(runner.runs_of("ada")) == 1
    [aside] = tmp_path.glob("digitlab.damaged-*.db")
    assert aside.read_bytes() == damaged, "not a byte of it was changed"
    assert aside.stem in caplog.text


def test_a_clock_that_was_set_back_does_not_keep_runs_from_going_on(open_database: Open) -> None:
    engine = HeldEngine()
    former = Runner(engine, learn, Writer(open_database()))
    run_id = former.submit(TINY, "ada")
    engine.release()
    wait_until_saved(former, run_id)
    vanish(former)
    database = open_database()
    database.open()
    with database.writing() as connection:
        # The dead server renewed its lease when the clock was an hour ahead.
        connection.execute(text("UPDATE servers SET lease_until = lease_until + 3600"))
    database.close()
    with _runner(open_database()) as later:
        wait_until(lambda: later.snapshot(run_id) is not None, 5, "its restoring")
        assert over(later, run_id).state == RunState.FINISHED


def test_without_permission_to_write_training_goes_on_and_the_folder_is_named() -> None:
    with _runner(in_folder(Path("/proc/digitlab"))) as runner:
        _trains_without_saving(runner)
        assert "/proc/digitlab" in str(runner.storage_problem)


def test_a_second_server_in_a_folder_keeps_nothing_and_says_so(tmp_path: Path) -> None:
    database = in_folder(tmp_path)
    with served_in_miniature(database, "--pretend") as server:
        read_word(server.stdout, "ready")
        with _runner(in_folder(tmp_path)) as runner:
            run_id = _trains_without_saving(runner)
            assert "Another Digit Lab uses the folder" in str(runner.storage_problem)
            read_word(server.stdout, "over")
            server.kill()
            server.wait()
            wait_until_saved(runner, run_id, 20)


def test_of_weights_that_cannot_be_read_nobody_says_that_they_are_deleted(
    open_database: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    with _runner(open_database()) as runner:
        run_id = _trains_and_saves(runner)
    with _runner(database := open_database()) as runner:
        wait_until(lambda: runner.snapshot(run_id), 20, "the run")
        monkeypatch.setattr(database, "read", _away)
        with pytest.raises(StorageError):
            runner.weights(run_id, 3)


def _away(*_: object) -> None:
    raise unreachable("it was unplugged")


def test_two_servers_on_one_postgresql_train_their_own_runs_and_see_the_others(
    open_database: Open, request: pytest.FixtureRequest
) -> None:
    if "sqlite" in request.node.name:
        pytest.skip("a folder has one server")
    with _runner(open_database()) as one, _runner(open_database()) as other:
        runs = [_trains_and_saves(one), _trains_and_saves(other)]
        assert [run.number for run in one.runs_of("ada")] == [2, 1]
        assert [run.id for run in other.runs_of("ada")] == runs[::-1]
        assert other.weights(runs[0], 3) is not None
        other.train_longer(runs[0], 2)
        assert over(other, runs[0]).epoch == 5
        wait_until_saved(other, runs[0])
        kept = one.snapshot(runs[0])
        assert kept is not None
        assert kept.epoch == 5


def test_two_changes_that_wait_for_each_other_are_both_made(postgresql: str, tmp_path: Path) -> None:
    with _runner(at_address(postgres.new_database(postgresql), tmp_path)) as runner:
        assert runner.writer.wait_until_open(20)
        for name in ("ada", "bob"):
            runner.writer.change(insert_visitor, name)
        both = threading.Barrier(2)
        tries: list[str] = []

        def see(connection: Connection, *names: str) -> None:
            tries.append(names[0])
            for name in names:
                connection.execute(update(Visitor).where(Visitor.id == name).values(seen_at=len(names)))
                if len(tries) <= both.parties and name == names[0]:
                    both.wait(10)

        with ThreadPoolExecutor(2) as pool:
            changes = [
                pool.submit(runner.writer.change, see, *names) for names in (("ada", "bob"), ("bob", "ada"))
            ]
            for change in changes:
                change.result(30)
        assert len(tries) == 3, "one was undone and made again"


def test_what_waits_is_bounded_and_something_new_is_refused_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(backlog, "ROOM", 100_000)
    with _runner(in_folder(Path("/proc/digitlab"))) as runner:
        run_id = runner.submit(TrainingConfig(hidden_layers=(64,), train_share=0.01, epochs=2), "ada")
        over(runner, run_id)
        with pytest.raises(StorageError, match="waiting to be saved"):
            runner.submit(TINY, "ada")
        assert runner.snapshot(run_id) is not None
        runner.train_longer(run_id, 1)
        assert over(runner, run_id).epoch == 3, "what there is goes on"
