"""What waits to be written: one change a key, however often something was put there."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple, Protocol, Self

from sqlalchemy import Connection

from storage import problems
from storage.problems import ForgottenError

# Bytes that may wait before nothing new is begun; what goes on takes no more than its own bounds.
ROOM = 200_000_000
# Seconds that whoever deletes something waits for its being written.
_PATIENCE = 10.0


class Key(NamedTuple):
    """What is written: which kind of thing, such as "run", and which one."""

    kind: str
    id: str


class Change(Protocol):
    """What is to be written under one key."""

    @property
    def size(self) -> int:
        """Bytes that it takes in memory, roughly."""

    def following(self, earlier: Any) -> Self:
        """This and an ``earlier`` change that was not written, as one."""

    def write(self, connection: Connection, server: int) -> bool:
        """Whether ``server`` may still write it; if not, nothing was changed.

        Raises:
            ForgottenError: it is a forgotten visitor's, and nothing was changed.
        """


def write(change: Change, connection: Connection, server: int) -> bool:
    """As ``Change.write``; ``False`` also for what is a forgotten visitor's."""
    try:
        return change.write(connection, server)
    except ForgottenError:
        return False


class Backlog:
    """Any thread may call every method, but ``take``, ``finish`` and ``put_back`` are the writer's."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._pending: dict[Key, Change] = {}
        self._writing: dict[Key, Change] = {}
        # Since when, on the monotonic clock, something has been waiting.
        self._since: dict[Key, float] = {}
        self._is_closed = False

    def put(self, key: Key, change: Change) -> None:
        """Let ``change`` be written; returns at once."""
        with self._changed:
            earlier = self._pending.get(key)
            self._pending[key] = change.following(earlier) if earlier else change
            self._since.setdefault(key, time.monotonic())
            self._changed.notify_all()

    def drop(self, keys: Collection[Key]) -> None:
        """Write nothing of what waits under ``keys``; what is being written just now is waited for."""
        with self._changed:
            for key in keys:
                self._pending.pop(key, None)
            self._changed.wait_for(lambda: not any(key in self._writing for key in keys), _PATIENCE)
            for key in keys:
                self._pending.pop(key, None)
                if key not in self._writing:
                    self._since.pop(key, None)

    def waiting_keys(self) -> list[Key]:
        """The keys of everything that waits, each once, those that were put there last at the end."""
        with self._changed:
            return list(dict.fromkeys([*self._writing, *self._pending]))

    def waiting(self, key: Key) -> Any:
        """What is not written yet under ``key``, or ``None``."""
        with self._changed:
            pending, writing = self._pending.get(key), self._writing.get(key)
            return pending.following(writing) if pending and writing else pending or writing

    def seconds_behind(self, key: Key) -> float:
        """For how long something under ``key`` has been waiting; 0 where nothing is."""
        with self._changed:
            since = self._since.get(key)
        return 0.0 if since is None else time.monotonic() - since

    def longest_behind(self) -> float:
        """For how long what has waited longest has been waiting; 0 where nothing waits."""
        with self._changed:
            return time.monotonic() - min(self._since.values()) if self._since else 0.0

    def check_room(self) -> None:
        """Call it before something new is begun.

        Raises:
            StorageError: too much is waiting already.
        """
        with self._changed:
            waiting = [*self._pending.values(), *self._writing.values()]
        if sum(change.size for change in waiting) > ROOM:
            raise problems.backlog_full()

    def flush(self, seconds: float) -> bool:
        """Wait until all is written, at most so long; whether it is."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._pending and not self._writing, seconds)

    def wait_for(self, keys: Collection[Key], seconds: float) -> bool:
        """Wait until nothing waits under ``keys``, at most so long; whether that is so."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._since.keys() & keys, seconds)

    def close(self) -> None:
        """Whoever waits in ``take`` or ``wait`` goes on."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    @property
    def is_closed(self) -> bool:
        """``close`` was called."""
        return self._is_closed

    def wait(self, seconds: float) -> None:
        """So long, or until ``close``."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_closed, seconds)

    def take(self, most: int, seconds: float) -> Mapping[Key, Change]:
        """At most so many changes, those that have waited longest; waits so long for one to come."""
        with self._changed:
            self._changed.wait_for(lambda: self._pending or self._is_closed, seconds)
            keys = list(self._pending)[:most]
            self._writing = {key: self._pending.pop(key) for key in keys}
            return dict(self._writing)

    def finish(self, key: Key) -> None:
        """What was taken under ``key`` waits no more."""
        with self._changed:
            del self._writing[key]
            if key in self._pending:
                self._since[key] = time.monotonic()
            else:
                self._since.pop(key, None)
            self._changed.notify_all()

    def put_back(self) -> None:
        """What was taken and not finished waits again, in front."""
        with self._changed:
            later, self._pending = self._pending, self._writing
            self._writing = {}
            for key, change in later.items():
                earlier = self._pending.get(key)
                self._pending[key] = change.following(earlier) if earlier else change
            self._changed.notify_all()
