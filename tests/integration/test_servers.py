"""Which web processes share a database, and what each of them has to do."""

from sqlalchemy import update

from runs.records import RunState
from runs.runner import Runner
from storage.servers import servers
from storage.tables import Run, Server, now
from storage.writer import Writer
from testing.engines import TINY, HeldEngine, learn
from testing.storage import Open, vanish


def test_each_server_is_listed_with_its_lease_and_its_open_runs(open_database: Open) -> None:
    database = open_database()
    writer, engine = Writer(database), HeldEngine()
    runner = Runner(engine, learn, writer)
    assert writer.wait_until_open(10)
    first, second, stopped = (runner.submit(TINY, visitor) for visitor in ("ada", "bob", "cy"))
    runner.pause(second)
    runner.stop(stopped)
    assert writer.backlog.flush(10)
    found = database.read(servers, RunState.PAUSED)
    [row] = found.rows
    assert (row.number, row.runs, row.resting) == (writer.server, 2, 1)
    assert 0 < row.lease <= 15
    assert found.unowned_runs == 0
    with database.writing() as connection:
        connection.execute(update(Server).values(lease_until=now() - 40))
        connection.execute(update(Run).where(Run.id == first).values(owner_id=None))
    found = database.read(servers, RunState.PAUSED)
    [row] = found.rows
    assert -50 < row.lease <= -39
    assert (row.runs, found.unowned_runs) == (1, 1)
    vanish(runner)
