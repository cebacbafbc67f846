"""Which web process a run belongs to: one at a time, and another once the former is dead.

A process holds its lease by the database's clock. On one host a dead process is known at once, by a file
whose lock the system has let go.
"""

import socket
import tempfile
import uuid
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import Connection, bindparam, delete, insert, or_, select, update

from storage.tables import Run, Server, now

# Seconds that a lease lasts, and after which it is renewed.
LASTS, RENEWED_AFTER = 15.0, 5.0

_HELD = select(Server.id).where(Server.id == bindparam("number")).with_for_update(read=True, key_share=True)


class Lease:
    """This process' lease. One thread alone calls its methods, but for ``claim_one``."""

    def __init__(self) -> None:
        self._number: int | None = None
        self._lock_file = Path(tempfile.gettempdir()) / f"digitlab-{uuid.uuid4().hex}.lock"
        self._lock = FileLock(self._lock_file, thread_local=False)

    def renew(self, connection: Connection, at_work: str = "[]") -> int:
        """The number of this process, which no other ever had; ``at_work`` is what it says of itself."""
        if not self._lock.is_locked:
            self._lock.acquire(timeout=0)
        until = now() + LASTS
        if self._number is not None:
            own = update(Server).where(Server.id == self._number).values(lease_until=until, at_work=at_work)
            if connection.execute(own).rowcount:
                return self._number
        place = {"host": socket.gethostname(), "lock_file": str(self._lock_file)}
        values = {**place, "lease_until": until, "at_work": at_work}
        number: int = connection.execute(insert(Server).values(values).returning(Server.id)).scalar_one()
        self._number = number
        return number

    def is_held(self, connection: Connection) -> bool:
        """Whether nobody has taken this process for dead; and nobody does until the transaction ends."""
        return connection.scalar(_HELD, {"number": self._number}) is not None

    def claim(self, connection: Connection, is_alone: bool) -> dict[str, int]:
        """Take over the unfinished runs of dead processes, and those that nobody owns: their ids, with the
        fence that every write carries from now on. ``is_alone``: nobody else can have this database."""
        dead = self._dead(connection, is_alone)
        left = or_(Run.owner_id.is_(None), Run.owner_id.in_(dead))
        taken = update(Run).where(Run.is_over.is_(False), left)
        rows = connection.execute(
            taken.values(owner_id=self._number, fence=Run.fence + 1).returning(Run.id, Run.fence)
        )
        claimed = {row.id: row.fence for row in rows}
        connection.execute(delete(Server).where(Server.id.in_(dead)))
        for lock_file in dead.values():
            lock_file.unlink(missing_ok=True)
        return claimed

    def claim_one(self, connection: Connection, run_id: str) -> int | None:
        """Take over a run that is over, to go on with it: the new fence; ``None`` where it is another's."""
        mine = or_(Run.owner_id.is_(None), Run.owner_id == self._number)
        free = update(Run).where(Run.id == run_id, Run.is_over, mine)
        return connection.scalar(free.values(owner_id=self._number, fence=Run.fence + 1).returning(Run.fence))

    def release(self, connection: Connection) -> None:
        """Give up all runs, so that whoever comes next goes on with them at once."""
        connection.execute(update(Run).where(Run.owner_id == self._number).values(owner_id=None))
        connection.execute(delete(Server).where(Server.id == self._number))
        self._lock.release()
        self._lock_file.unlink(missing_ok=True)

    def _dead(self, connection: Connection, is_alone: bool) -> dict[int, Path]:
        """The numbers of dead processes, each with its file, which lies here if it was one of this host."""
        others = select(Server, (Server.lease_until < now()).label("is_late")).where(
            Server.id != self._number
        )
        return {
            row.id: Path(row.lock_file)
            for row in connection.execute(others)
            if row.is_late or is_alone or _is_dead(row.host, Path(row.lock_file))
        }


def _is_dead(host: str, lock_file: Path) -> bool:
    """A process of this host that let its lock go; a file that is not here says nothing."""
    if host != socket.gethostname() or not lock_file.exists():
        return False
    lock = FileLock(lock_file, thread_local=False)
    try:
        lock.acquire(timeout=0)
    except (Timeout, OSError):
        return False
    lock.release()
    return True
