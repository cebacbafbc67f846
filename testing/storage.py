"""Databases for tests, and waiting for what is to be written into them."""

from collections.abc import Callable

from sqlalchemy import select

from runs.runner import Runner
from storage.database import Database
from storage.tables import Epoch
from storage.writer import RunListener
from testing.waiting import wait_until

# Of a writer without a runner.
NO_RUNS = RunListener(
    claimed=lambda _: None,
    written=lambda *_: None,
    refused=lambda *_: None,
    at_work=lambda: "[]",
    held=dict,
    looked=lambda *_: None,
)
# Opens the same database again, as another program would.
Open = Callable[[], Database]


def wait_until_saved(runner: Runner, run_id: str, seconds: float = 10) -> None:
    """Until everything of a run is written, and the runner has heard of it."""
    runner.join()
    wait_until(lambda: not runner.seconds_behind(run_id), seconds, "the saving")
    runner.join()


def fences(database: Database) -> dict[str, list[int]]:
    """The fence under which each epoch was written, 0 where none is recorded: by run id, in order of epochs.

    Raises:
        storage.problems.StorageError: the database does not answer.
    """
    query = select(Epoch.run_id, Epoch.fence).order_by(Epoch.run_id, Epoch.epoch)
    found: dict[str, list[int]] = {}
    for run_id, fence in database.read(lambda connection: connection.execute(query).all()):
        found.setdefault(run_id, []).append(fence or 0)
    return found


def vanish(runner: Runner) -> None:
    """What a kill of its process looks like to the database: nothing more is written, the lease is not
    released, and the system lets the locks go."""
    writer = runner._kept._writer
    database = writer.database
    assert database is not None
    writer._leave = lambda database: None  # type: ignore[method-assign]
    writer.backlog.close()
    writer.close(5)
    writer._lease._lock.release()
    database.close()
