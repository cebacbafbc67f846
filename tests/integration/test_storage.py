"""What is kept, on both databases: written in one piece, read back bit by bit, gone on with."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
from sqlalchemy import Connection, text

from model.slices import Arrays, EpochMetrics, Progress, Score, Slice, TrainingState
from storage import runs as stored
from storage.database import REVISION, Database
from storage.leases import Lease
from storage.migrations import upgrade
from storage.problems import StorageError
from storage.runs import RestingState, RunChange, RunRecord
from storage.thinning import ThinOut
from testing.storage import Open

RECORD = RunRecord(id="run", visitor="ada", number=1, recipe="{}", state="running", is_over=False)


@pytest.fixture
def database(open_database: Open) -> Database:
    database = open_database()
    database.open()
    return database


def _arrays(value: float, count: int = 250) -> Arrays:
    return (np.full((count, 1), value, np.float32), np.full(1, value, np.float32))


def _point(epoch: int, loss: float = 0.1 + 0.2) -> EpochMetrics:
    return EpochMetrics(epoch, Score(1 / 3, 2 / 3), Score(loss, 0.9))


def _server(database: Database) -> int:
    with database.writing() as connection:
        return Lease().renew(connection)


def _write(database: Database, change: RunChange, server: int) -> bool:
    with database.writing() as connection:
        return change.write(connection, server)


def test_the_tables_are_those_of_the_newest_migration(database: Database) -> None:
    assert upgrade.newest() == REVISION
    with database.reading() as connection:
        from alembic.autogenerate import compare_metadata
        from alembic.migration import MigrationContext

        from storage.tables import Table

        assert compare_metadata(MigrationContext.configure(connection), Table.metadata) == []


def test_a_run_comes_back_bit_by_bit_and_read_only(database: Database) -> None:
    server = _server(database)
    training = TrainingState(_arrays(1 / 3), (np.array(7, np.int64), np.ones(3, np.float32)))
    state = RestingState(Slice(1, 0, 5, ends_epoch=True), (), training)
    weights = {0: _arrays(0), 1: training.weights}
    change = RunChange(RECORD, (_point(0), _point(1)), weights, state, is_new=True)
    assert _write(database, change, server)
    record = database.read(stored.read, ["run", "another"])["run"]
    assert record.history == (_point(0), _point(1))
    assert (record.visitor, record.number, record.version, record.fence) == ("ada", 1, 1, 1)
    assert database.read(stored.epochs, "run") == [0, 1]
    back_then = database.read(stored.weights, "run", 1)
    assert back_then is not None
    assert [array.tobytes() for array in back_then] == [array.tobytes() for array in training.weights]
    assert not any(array.flags.writeable for array in back_then)
    back = database.read(stored.state, "run")
    assert back is not None
    assert back.done == state.done
    assert [a.tobytes() for a in (*back.training.weights, *back.training.optimizer)] == [
        a.tobytes() for a in (*training.weights, *training.optimizer)
    ]
    assert database.read(stored.state, "another") is None
    assert database.read(stored.weights, "run", 2) is None


def test_a_run_that_rests_within_an_epoch_comes_back_there(database: Database) -> None:
    server = _server(database)
    so_far = (Progress(10, 1.5, 5, 0.1, True),)
    state = RestingState(Slice(2, 0, 3, ends_epoch=False), so_far, TrainingState(_arrays(2), ()))
    assert _write(database, RunChange(RECORD, state=state, is_new=True), server)
    back = database.read(stored.state, "run")
    assert back is not None
    assert (back.done, back.so_far) == (state.done, so_far)
    assert back.training.weights[0][0, 0] == 2


def test_a_write_that_fails_leaves_nothing_of_its_epoch(database: Database) -> None:
    server = _server(database)
    assert _write(database, RunChange(RECORD, (_point(0),), {0: _arrays(0)}, is_new=True), server)

    @dataclass(frozen=True)
    class FailsAtTheEnd(RunChange):
        def write(self, connection: Connection, server: int) -> bool:
            super().write(connection, server)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        _write(database, FailsAtTheEnd(RECORD, (_point(1),), {1: _arrays(1)}), server)
    record = database.read(stored.read, ["run"])["run"]
    assert (len(record.history), record.version) == (1, 1)
    assert database.read(stored.epochs, "run") == [0]


def test_a_former_owner_writes_nothing_any_more(database: Database) -> None:
    former, heir = Lease(), Lease()
    with database.writing() as connection:
        server = former.renew(connection)
    assert _write(database, RunChange(RECORD, (_point(0),), is_new=True), server)
    with database.writing() as connection:
        heir.renew(connection)
        assert heir.claim(connection, is_alone=False) == {}, "the owner lives"
        connection.execute(text("UPDATE servers SET lease_until = 0 WHERE id = :id"), {"id": server})
        assert heir.claim(connection, is_alone=False) == {"run": 2}
    assert not _write(database, RunChange(RECORD, (_point(1),), {1: _arrays(1)}), server)
    assert len(database.read(stored.read, ["run"])["run"].history) == 1
    assert database.read(stored.epochs, "run") == []


def test_a_released_run_is_claimed_at_once_and_a_finished_one_never(database: Database) -> None:
    lease, heir = Lease(), Lease()
    with database.writing() as connection:
        server = lease.renew(connection)
        RunChange(RECORD, is_new=True).write(connection, server)
        over = RunRecord("over", "ada", 2, "{}", "finished", is_over=True)
        RunChange(over, is_new=True).write(connection, server)
        lease.release(connection)
    with database.writing() as connection:
        heir.renew(connection)
        assert heir.claim(connection, is_alone=False) == {"run": 2}
        assert heir.claim(connection, is_alone=False) == {}
        assert heir.claim_one(connection, "over") == 2


def test_a_deleted_run_is_not_written_anew(database: Database) -> None:
    server = _server(database)
    assert _write(database, RunChange(RECORD, is_new=True), server)
    with database.writing() as connection:
        connection.execute(text("DELETE FROM visitors"))
    assert database.read(stored.read, ["run"]) == {}
    assert not _write(database, RunChange(RECORD, (_point(1),)), server)
    assert database.read(stored.read, ["run"]) == {}


def test_a_run_past_its_bytes_keeps_thinned_epochs_the_first_the_last_and_the_best(
    database: Database,
) -> None:
    server = _server(database)
    for epoch in range(101):
        best, weights = min(epoch, 37), {epoch: _arrays(epoch)}
        change = RunChange(RECORD, (_point(epoch),), weights, None, best, epoch == 0, run_bytes=20_000)
        assert _write(database, change, server)
    kept = database.read(stored.epochs, "run")
    assert {0, 37, 100} <= set(kept)
    assert 5 <= len(kept) <= 20
    assert max(b - a for a, b in pairwise(kept)) <= 25
    for epoch in kept:
        back = database.read(stored.weights, "run", epoch)
        assert back is not None
        assert back[0][0, 0] == epoch
    assert len(database.read(stored.read, ["run"])["run"].history) == 101, "histories stay"


def test_past_the_bytes_of_all_the_runs_changed_longest_ago_keep_their_last_and_best_epoch(
    database: Database,
) -> None:
    server = _server(database)
    for number, run_id in enumerate(("old", "middle", "new")):
        record = RunRecord(run_id, "ada", number, "{}", "finished", is_over=True)
        points = tuple(_point(epoch, loss=1.0 if epoch == 1 else 2.0) for epoch in range(4))
        weights = {epoch: _arrays(epoch) for epoch in range(4)}
        assert _write(database, RunChange(record, points, weights, is_new=True), server)
    with database.writing() as connection:
        assert ThinOut(9_000).write(connection, server)
    assert database.read(stored.epochs, "old") == [1, 3]
    assert database.read(stored.epochs, "middle") == [1, 3]
    assert database.read(stored.epochs, "new") == [0, 1, 2, 3]


def test_damaged_weights_are_as_good_as_none(database: Database) -> None:
    server = _server(database)
    state = RestingState(Slice(0, 0, 0, ends_epoch=True), (), TrainingState(_arrays(0)))
    assert _write(database, RunChange(RECORD, (_point(0),), {0: _arrays(0)}, state, is_new=True), server)
    with database.writing() as connection:
        connection.execute(text("UPDATE weights SET arrays = substr(arrays, 1, 300)"))
    assert database.read(stored.weights, "run", 0) is None
    assert database.read(stored.state, "run") is None


def test_changes_that_were_not_written_are_one_change() -> None:
    first = RunChange(RECORD, (_point(0),), {0: _arrays(0)}, best=0, is_new=True)
    both = RunChange(RECORD, (_point(1),), {1: _arrays(1)}, best=1).following(first)
    assert both.points == (_point(0), _point(1))
    assert sorted(both.weights) == [0, 1]
    assert both.is_new
    bounded = RunChange(RECORD, (), {2: _arrays(2)}, best=2, run_bytes=2_100).following(both)
    assert sorted(bounded.weights) == [0, 2]
    assert bounded.points == both.points, "histories stay"


def test_a_database_of_a_newer_program_is_refused_and_not_touched(open_database: Open) -> None:
    database = open_database()
    database.open()
    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    later = open_database()
    with pytest.raises(StorageError, match="newer Digit Lab"):
        later.open()
    later.close()
