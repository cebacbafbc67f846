"""An archive, given to a visitor: all of it or nothing."""

from runs.limits import Limits
from runs.runner import Runner
from storage import archive as stored
from storage import problems
from storage.archive import Most, TakenIn
from storage.runs import weights_bytes
from visitors.archive.format import derived_id
from visitors.archive.problems import no_room, too_much
from visitors.archive.reading import Archive
from visitors.imported_networks import MAX_NETWORKS

# Seconds that it waits for what of the visitor's is not written yet.
_PATIENCE = 3.0
# What a page says of an import.
Report = TakenIn
# What a visitor may have after an import; who trains more oneself may have more.
MOST = Most(runs=2_000, hypotheses=2_000, networks=MAX_NETWORKS)
# Where the weights of all runs take so many times what they may, thinning them out has not helped.
_FULL = 1.25


def import_archive(runner: Runner, visitor: str, content: bytes) -> Report:
    """Check the archive, and keep what of it this visitor does not have. What is there stays as it is, so
    that an archive that is read twice doubles nothing. What is another visitor's is never touched: ids that
    are not this visitor's own are replaced.

    Raises:
        visitors.archive.problems.ArchiveError: something in it is not as it should be; nothing was changed.
        StorageError: the database cannot be used now, or too much waits to be saved; nothing was changed.
    """
    writer = runner.writer
    if writer.database is None:
        raise problems.unreachable("there is none")
    writer.backlog.check_room()
    if writer.database.read(weights_bytes) > _FULL * Limits().total_bytes:
        raise no_room()
    archive = Archive(content)
    archive.check()
    writer.backlog.flush(_PATIENCE)
    at_work = {run.id for run in runner.runs_of(visitor)}
    own = at_work | writer.database.read(stored.ids_of, visitor)

    def new_id(name: str) -> str:
        return name if name in own else derived_id(visitor, name)

    work = archive.work(visitor, new_id)
    try:
        taken = writer.change(stored.take_in, visitor, work, at_work, MOST)
    except stored.TooMuchError:
        raise too_much(MOST.runs, MOST.hypotheses) from None
    runner.note_import()
    return taken or Report()
