"""The database: where it is, how it is opened, and transactions on it.

SQLite in a folder by default, PostgreSQL by a URL. Opening makes what is missing, brings the tables up to
date, and refuses what it must not touch. Every method may be called from any thread.
"""

import logging
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from platformdirs import user_data_path
from sqlalchemy import URL, Connection, Engine, inspect, make_url, text
from sqlalchemy.exc import DatabaseError, DataError, SQLAlchemyError

from storage import problems, sqlite
from storage.problems import StorageError

P = ParamSpec("P")
T = TypeVar("T")

_log = logging.getLogger(__name__)

# The revision of storage/migrations that the tables in storage.tables are.
REVISION = "0005"
FILE = "digitlab.db"
# Seconds for which a page waits for a word of a PostgreSQL that is there.
_READING_WAIT = 1.0
# Seconds for which nobody reads again after it failed: each page would wait anew.
_PAUSE = 2.0
# Seconds that a page waits for the first opening.
_FIRST_OPENING = 3.0
# As PostgreSQL names it.
_DISK_FULL, _DEADLOCK = "53100", "40P01"
# A number of our own: whoever holds it brings the tables of a PostgreSQL database up to date.
_ADVISORY_LOCK = 784_100_50_10


class Database:
    """One database. ``url`` as SQLAlchemy has it, ``folder`` where files of ours lie; with ``locks`` this
    process alone has the SQLite database in it."""

    def __init__(self, url: URL, folder: Path, locks: bool = False) -> None:
        self.url, self.folder = url, folder
        self._locks = locks
        self._engine = _engine(url)
        self._lock = threading.Lock()
        self._tried, self._is_open = threading.Event(), False
        self._blocked_until = 0.0
        # The copy of the tables before they were changed.
        self._aside: Path | None = None

    @property
    def is_sqlite(self) -> bool:
        """A file in ``folder``, which one server alone uses."""
        return self.url.get_backend_name() == "sqlite"

    @property
    def is_shared(self) -> bool:
        """Other servers may use it at the same time."""
        return not self.is_sqlite

    @property
    def file(self) -> Path:
        """The file of an SQLite database."""
        return Path(str(self.url.database))

    def open(self) -> None:
        """Make or update the tables, unless that is done already.

        Raises:
            StorageError: it cannot be reached or written to, is newer than this program, or another server
                uses its folder.
        """
        with self._lock:
            if self._is_open:
                return
            try:
                self._open()
            except OSError as error:
                raise problems.no_folder(self.folder, error) from error
            except SQLAlchemyError as error:
                raise problem_of(error) from error
            finally:
                self._tried.set()
            self._is_open = True

    def close(self) -> None:
        """Close all connections; ``open`` begins anew."""
        with self._lock:
            self._engine.dispose()
            self._is_open = False
            if self._locks:
                sqlite.unlock(self.folder)

    def read(self, query: Callable[Concatenate[Connection, P], T], *args: P.args, **values: P.kwargs) -> T:
        """What ``query`` finds over a connection, for somebody who waits for it; errors as ``reading``."""
        with self._give_up_after(_READING_WAIT), self.reading() as connection:
            return query(connection, *args, **values)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for a moment; all that it reads was so at the same one.

        Raises:
            StorageError: the database is not open, does not answer soon, or did not a moment ago.
        """
        if (
            not self._tried.wait(_FIRST_OPENING)
            or not self._is_open
            or time.monotonic() < self._blocked_until
        ):
            raise problems.unreachable("it did not answer")
        try:
            with self._engine.connect() as connection:
                if not self.is_sqlite:
                    connection.execution_options(isolation_level="REPEATABLE READ")
                with connection.begin():
                    yield connection
        except DataError as error:
            # What no table can hold, such as a NUL in a link, was asked for: it must not keep others waiting.
            raise problem_of(error) from error
        except SQLAlchemyError as error:
            if not self._blocked_until:
                _log.warning("the database cannot be read: %s", reason(error))
            self._blocked_until = time.monotonic() + _PAUSE
            raise problem_of(error) from error
        self._blocked_until = 0.0

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction: all of it is kept, or, after an error, nothing. Errors are SQLAlchemy's."""
        connection = self._engine.connect().execution_options(digitlab_writes=True)
        with connection, connection.begin():
            yield connection

    def overwrite_deleted(self) -> None:
        """Leave nothing of deleted rows beside the database, which has overwritten them in itself."""
        if self.is_sqlite:
            connection = self._engine.raw_connection()
            connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]
            connection.close()

    def vacuum(self) -> None:
        """Give the room of deleted rows back to the disk. Whoever writes waits for it."""
        connection = self._engine.raw_connection()
        driver: Any = connection.driver_connection
        if self.is_sqlite:
            driver.execute("PRAGMA busy_timeout=60000")
        else:
            driver.autocommit = True
            driver.execute("SET statement_timeout = 0")
        driver.execute("VACUUM")
        connection.invalidate()

    def _give_up_after(self, seconds: float) -> AbstractContextManager[None]:
        if self.is_sqlite:
            return nullcontext()
        from storage import postgresql

        return postgresql.give_up_after(seconds)

    def _open(self) -> None:
        if self.is_sqlite:
            self.folder.mkdir(parents=True, exist_ok=True)
            if self._locks:
                sqlite.lock(self.folder)
            try:
                self._update()
            except DatabaseError as error:
                if not sqlite.is_damage(error):
                    raise
                self._engine.dispose()
                aside = dated(self.folder, "damaged")
                sqlite.rename(self.file, aside)
                _log.error("the database %s is damaged: it was renamed to %s", self.file, aside)
                self._update()
        else:
            self._update()

    def _update(self) -> None:
        with self.writing() as connection:
            if not self.is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _ADVISORY_LOCK})
            revision = _revision(connection)
            if revision == REVISION:
                return
            # Only here, since it takes a while to import.
            from storage.migrations.upgrade import copy, is_known, upgrade

            if revision is not None:
                if not is_known(revision):
                    raise problems.newer_database(revision)
                self.folder.mkdir(parents=True, exist_ok=True)
                # A second try replaces the copy of the first, and what a killed one has left.
                for unfinished in self.folder.glob("digitlab.revision-*.part*"):
                    unfinished.unlink()
                self._aside = self._aside or dated(self.folder, f"revision-{revision}")
                copy(connection, revision, at_file(self._aside.with_suffix(".part")))
                self._aside.with_suffix(".part").replace(self._aside)
                _log.warning("the tables are brought up to date; as before, they are in %s", self._aside)
            upgrade(connection)


def from_environment(locks: bool = True) -> Database:
    """The database of ``DIGITLAB_DATABASE_URL``, or a file in the folder ``DIGITLAB_DATA``, by default that
    which the system has for the data of programs."""
    folder = Path(os.environ.get("DIGITLAB_DATA") or user_data_path("digitlab", appauthor=False))
    address = os.environ.get("DIGITLAB_DATABASE_URL")
    return at_address(address, folder) if address else in_folder(folder, locks)


def in_folder(folder: Path, locks: bool = True) -> Database:
    """The SQLite database in ``folder``; one that does not lock it may look at it beside a server."""
    folder = folder.absolute()
    return Database(URL.create("sqlite", database=str(folder / FILE)), folder, locks)


def at_file(file: Path) -> Database:
    """An SQLite database anywhere."""
    return Database(URL.create("sqlite", database=str(file.absolute())), file.absolute().parent)


def at_address(address: str, folder: Path) -> Database:
    """The PostgreSQL database at ``address``, as ``postgresql://user:password@host/name``."""
    return Database(make_url(address).set(drivername="postgresql+psycopg"), folder)


def dated(folder: Path, what: str) -> Path:
    """The name of a file beside the database, with the time in it."""
    return folder / f"digitlab.{what}-{time.strftime('%Y%m%d-%H%M%S')}.db"


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "sqlite":
        return sqlite.engine(url)
    # Only here, since psycopg takes a while to import.
    from storage import postgresql

    return postgresql.engine(url)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def problem_of(error: SQLAlchemyError) -> StorageError:
    """What a visitor is told about ``error``, and the operator."""
    driver = getattr(error, "orig", None)
    is_full = (
        getattr(driver, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL
        or getattr(driver, "sqlstate", None) == _DISK_FULL
    )
    return (problems.disk_full if is_full else problems.unreachable)(reason(error))


def was_deadlocked(error: SQLAlchemyError) -> bool:
    """Whether the transaction was undone, since it and another one waited for each other."""
    return getattr(getattr(error, "orig", None), "sqlstate", None) == _DEADLOCK


def reason(error: SQLAlchemyError) -> object:
    """What the database said, without the statement."""
    return getattr(error, "orig", None) or error
