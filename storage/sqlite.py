"""An SQLite database in a folder: connections to it, the folder's lock, and a file that is damaged."""

import sqlite3
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError

from storage import problems

# Seconds. A page waits so long for a lock, and then does without; the writer has time.
_READING, _WRITING = 0.3, 5.0
_LOCK = "server.lock"
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}

_locks: dict[Path, FileLock] = {}


def engine(url: URL) -> Engine:
    """Over connections of which one writes at a time."""
    # Readers need not wait for those that wait for the one who writes.
    made = create_engine(url, pool_size=20, pool_timeout=1, connect_args={"timeout": _READING})
    event.listen(made, "connect", _prepare)
    event.listen(made, "begin", _begin)
    return made


def _prepare(connection: Any, _record: object) -> None:
    # Python would begin transactions by itself, and too late.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("digitlab_writes", False)
    connection.exec_driver_sql(f"PRAGMA busy_timeout={round(1000 * (_WRITING if writes else _READING))}")
    # Whoever reads before it writes takes the lock at once, or could not get it later.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def lock(folder: Path) -> None:
    """Keep other servers out of ``folder`` for as long as this process lives; of a killed one the system
    forgets the lock.

    Raises:
        StorageError: another server uses it.
    """
    if folder in _locks:
        return
    own = FileLock(folder / _LOCK, thread_local=False)
    try:
        own.acquire(timeout=0)
    except Timeout:
        raise problems.in_use(folder) from None
    _locks[folder] = own


def unlock(folder: Path) -> None:
    """Let others in again."""
    if own := _locks.pop(folder, None):
        own.release()


def is_damage(error: DatabaseError) -> bool:
    """Whether ``error`` says that the file is no whole database."""
    return error.orig is not None and getattr(error.orig, "sqlite_errorcode", 0) & 0xFF in _DAMAGED


def rename(file: Path, aside: Path) -> None:
    """Give a file another name, ``aside``, with all that belongs to it."""
    for ending in ("", "-wal", "-shm"):
        part = file.with_name(f"{file.name}{ending}")
        if part.exists():
            part.rename(aside.with_name(f"{aside.name}{ending}"))
