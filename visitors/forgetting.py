"""What becomes of everything of a visitor: for how long it is kept, and how it is deleted for good."""

from runs.runner import Runner
from storage import care
from visitors.imported_networks import ImportedNetworks


def retention_days() -> float:
    """After how many days without a visit everything of a visitor is deleted."""
    return care.retention_days()


def outlasts_restart(runner: Runner) -> bool:
    """Whether what visitors made is still there after a restart of the server's machine."""
    return care.outlasts_restart(runner.writer.database)


def forget(runner: Runner, networks: ImportedNetworks, visitor: str) -> None:
    """Delete all runs, drawings, hypotheses, imported networks and seats of ``visitor``, with what was
    answered there, so that not even a backup brings them back.

    Raises:
        StorageError: the database cannot be written to now; what is left is still there.
    """
    runner.delete([run.id for run in runner.runs_of(visitor)])
    writer = runner.writer
    writer.change(care.forget, visitor)
    # Keys of what is a visitor's begin with who that is.
    waiting = writer.backlog.waiting_keys()
    writer.backlog.drop([key for key in waiting if key.id.partition("/")[0] == visitor])
    writer.change(care.forget, visitor)
    networks.forget(visitor)
    if writer.database is not None:
        writer.database.overwrite_deleted()
