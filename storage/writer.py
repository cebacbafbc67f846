"""The thread that writes what waits, as soon as it can be, keeps this process' lease, and looks what others
want of its runs."""

import logging
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError, SQLAlchemyError, TimeoutError

from model.messages import Message
from storage import care, leases, problems, rooms, steering
from storage import runs as stored
from storage.backlog import Backlog, Change, Key, write
from storage.database import Database, problem_of, reason, was_deadlocked
from storage.leases import Lease
from storage.problems import StorageError
from storage.runs import RestingState, RunRecord
from storage.steering import Look

P = ParamSpec("P")
T = TypeVar("T")

_log = logging.getLogger(__name__)

# Changes in one transaction.
_BATCH = 16
# Seconds that somebody who takes a run over waits for this process' lease.
_OPENING = 3.0
# Of two changes that wait for each other PostgreSQL undoes one, which is made again so often.
_ATTEMPTS = 5
# Seconds between two looks at what other servers want.
_LOOKS_AFTER = 1.0
# Seconds between two tries at a database that does not answer.
_RETRY = 1.0
# Seconds between two looks for visitors who have not been here for long.
_PURGED_AFTER = 24 * 60 * 60.0
# What passes, so that the same is tried again.
_PASSING = (StorageError, OperationalError, InterfaceError, InternalError, TimeoutError)


@dataclass(frozen=True)
class RunListener:
    """Called in the writer's thread: with runs that are this process' now, and what they go on from; with
    what was ``written`` of a run; and with what was ``refused``, since this process may not write to the run
    any more. Where other servers use the database, too: for what this one says of itself, ``at_work``; for
    the runs that it ``held`` before a look, of which nothing waits, by id with their fences; and with these
    and the look itself."""

    claimed: Callable[[Sequence[tuple[RunRecord, RestingState | None]]], None]
    written: Callable[[str, Any], None]
    refused: Callable[[str, Any], None]
    at_work: Callable[[], str]
    held: Callable[[], Mapping[str, int]]
    looked: Callable[[Mapping[str, int], Look], None]


class Writer:
    """Writes what is put into its ``backlog`` from ``start`` on. Any thread may call every method.

    Without a ``database`` everything stays in the backlog.
    """

    def __init__(self, database: Database | None = None) -> None:
        self.database = database
        self.backlog = Backlog()
        self.problem: Message | None = None
        """Why nothing can be written at the moment."""
        self._lease = Lease()
        self._renewed = self._purged = self._looked = float("-inf")
        # When this thread last came round; before that it may have stood still for any time.
        self._came_round = time.monotonic()
        self.server = 0
        """The number by which the others know this one; 0 before it has its lease."""
        self._finds_some_left = False
        self._is_open = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, runs: RunListener) -> None:
        """Open the database, and begin to write."""
        if self.database is not None:
            self._thread = threading.Thread(
                target=self._work, args=(self.database, runs), name="writer", daemon=True
            )
            self._thread.start()

    def wait_until_open(self, seconds: float) -> bool:
        """Wait until the database is open and this process has its lease; whether it is."""
        return self._is_open.wait(seconds)

    def close(self, seconds: float) -> None:
        """Write what waits, as far as ``seconds`` allow, and let others have the runs of this process."""
        if self._thread is not None:
            self.backlog.flush(seconds)
            self.backlog.close()
            self._thread.join(seconds)

    @property
    def is_shared(self) -> bool:
        """Whether other servers may write into the database, too."""
        return self.database is not None and self.database.is_shared

    @property
    def may_be_taken_for_dead(self) -> bool:
        """Whether this process stood still for longer than its lease lasts, and has not looked since whether
        its runs are another's now."""
        return self.is_shared and time.monotonic() - self._came_round > leases.LASTS

    def order(self, run_id: str, content: str) -> None:
        """Let the server that has a run do something with it.

        Raises:
            StorageError: the database cannot be written to now.
        """
        if self.is_shared:
            self.change(steering.put, self.server, run_id, content)

    def claim(self, run_id: str) -> int | None:
        """The fence of a run that is over, to go on with it here; ``None`` where it is another's.

        Raises:
            StorageError: the database cannot be written to now.
        """
        if self.database is not None:
            # Of a lease that is being written at this moment nothing can be owned yet.
            self.wait_until_open(_OPENING)
        return self.change(self._lease.claim_one, run_id)

    def read(self, default: T, query: Callable[..., T], *args: Any) -> T:
        """What ``query`` finds in the database; without one, ``default``.

        Raises:
            StorageError: the database does not answer.
        """
        return default if self.database is None else self.database.read(query, *args)

    def change(
        self, statement: Callable[Concatenate[Connection, P], T], *args: P.args, **values: P.kwargs
    ) -> T | None:
        """Do something at once, in the caller's thread; ``None`` without a database.

        Raises:
            StorageError: the database cannot be written to now, and nothing was changed.
        """
        if self.database is None:
            return None
        for attempts_left in reversed(range(_ATTEMPTS)):
            try:
                with self.database.writing() as connection:
                    return statement(connection, *args, **values)
            except SQLAlchemyError as error:
                if not (attempts_left and was_deadlocked(error)):
                    _log.warning("a change was not written: %s", reason(error))
                    raise problem_of(error) from error
        raise AssertionError("unreachable")

    def delete(
        self,
        keys: Collection[Key],
        statement: Callable[Concatenate[Connection, P], object],
        *args: P.args,
        **values: P.kwargs,
    ) -> None:
        """Delete something at once with ``statement``, and whatever of it waits under ``keys``.

        Raises:
            StorageError: the database cannot be written to now, and nothing was deleted.
        """
        self.change(statement, *args, **values)
        # What had no row yet may have got one meanwhile.
        self.backlog.drop(keys)
        self.change(statement, *args, **values)

    # In the writer's thread

    def _work(self, database: Database, runs: RunListener) -> None:
        while not self.backlog.is_closed:
            batch = self.backlog.take(_BATCH, max(0.0, self._next_time() - time.monotonic()))
            try:
                database.open()
                self._keep_lease(database, runs)
                self._purge(database)
                self._write(database, batch, runs)
                self._look(database, runs)
            except Exception as error:
                self.backlog.put_back()
                self._note(error)
                self.backlog.wait(_RETRY)
                if self.may_be_taken_for_dead:
                    continue
            else:
                self._note(None)
            self._came_round = time.monotonic()
        self._leave(database)

    def _next_time(self) -> float:
        """When this thread has something to do, though nothing is to be written."""
        if self._finds_some_left:
            return float("-inf")
        renewal = self._renewed + leases.RENEWED_AFTER
        return min(renewal, self._looked + _LOOKS_AFTER) if self.is_shared else renewal

    def _keep_lease(self, database: Database, runs: RunListener) -> None:
        if time.monotonic() - self._renewed < leases.RENEWED_AFTER and not self._finds_some_left:
            return
        # After a time without the database, others are only as late as this process is.
        was_away = self.server and time.monotonic() - self._renewed > leases.LASTS
        left = []
        with database.writing() as connection:
            self.server = self._lease.renew(connection, runs.at_work())
            if not was_away:
                # A folder has one process, so in its database everybody else is dead.
                claimed = self._lease.claim(connection, is_alone=database.is_sqlite)
                records = stored.read(connection, claimed)
                left = [(record, stored.state(connection, run_id)) for run_id, record in records.items()]
        self._renewed = time.monotonic()
        self._finds_some_left = False
        runs.claimed(left)
        if left:
            # There may be orders to their former owner.
            self._looked = float("-inf")
        self._is_open.set()

    def _look(self, database: Database, runs: RunListener) -> None:
        """What others want of this process' runs, and what they have. After the writing, so that what has
        just begun here is among it."""
        if not self.is_shared or time.monotonic() - self._looked < _LOOKS_AFTER:
            return
        held = runs.held()
        with database.writing() as connection:
            look = steering.look(connection, self.server)
        self._looked = time.monotonic()
        # Whoever let its runs go did so for others to go on at once.
        self._finds_some_left = look.is_left
        runs.looked(held, look)

    def _purge(self, database: Database) -> None:
        """Once a day, and at the start: whoever has not been here for long is forgotten, and a room that has
        had its time."""
        if time.monotonic() - self._purged < _PURGED_AFTER:
            return
        with database.writing() as connection:
            if count := care.purge(connection, care.retention_days()):
                _log.warning("deleted: everything of %d visitors who have not been here for long", count)
            if count := rooms.purge(connection):
                _log.warning("deleted: %d rooms after their time", count)
        self._purged = time.monotonic()

    def _write(self, database: Database, batch: Mapping[Key, Change], runs: RunListener) -> None:
        if not batch:
            return
        try:
            with database.writing() as connection:
                if not self._lease.is_held(connection):
                    self._renewed = float("-inf")
                    raise problems.unreachable("the lease was lost and is taken anew")
                written = {key: write(change, connection, self.server) for key, change in batch.items()}
        except _PASSING:
            raise
        except Exception:
            # A fault in what was to be written: one change must not hold up the others.
            if len(batch) > 1:
                for key, change in batch.items():
                    self._write(database, {key: change}, runs)
                return
            _log.exception("lost, since the database does not take it: %s", next(iter(batch)))
            written = dict.fromkeys(batch, False)
        for key, is_written in written.items():
            self.backlog.finish(key)
            if key.kind == "run":
                (runs.written if is_written else runs.refused)(key.id, batch[key])

    def _note(self, error: Exception | None) -> None:
        """A line for the operator when something goes wrong, and when that is over."""
        problem = None
        if isinstance(error, StorageError):
            problem = error
        elif isinstance(error, SQLAlchemyError):
            problem = problem_of(error)
        elif error is not None:
            problem = problems.unreachable(repr(error))
            _log.error("the writer goes on after an error", exc_info=error)
        if problem and self.problem is None:
            _log.warning("not saved for now: %s", problem)
        elif self.problem and problem is None:
            _log.warning("everything is saved again")
        self.problem = problem.message if problem else None

    def _leave(self, database: Database) -> None:
        if not self.backlog.flush(0):
            _log.error("this process ends before everything was saved")
        try:
            with database.writing() as connection:
                self._lease.release(connection)
        except SQLAlchemyError as error:
            _log.warning("the lease was not released: %s", reason(error))
        database.close()
