"""The tests by visitors' own hands, one a visitor."""

import threading
import zlib
from collections.abc import Callable, Collection
from weakref import WeakValueDictionary

from cachetools import LRUCache

from model.drawing.collection import OwnTest, start_over
from storage import visitors as stored
from storage.backlog import Key
from storage.visitors import OwnTestChange
from storage.writer import Writer

# Tests that were read last; a drawing takes 8 KB as people draw and 70 KB at most.
_CACHED_DRAWINGS = 2_000


class OwnTests:
    """Every method may be called from any thread, and raises ``StorageError`` where the database does not
    answer: a test that cannot be read must not be begun anew."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        # One a visitor, for as long as it is held: two tabs take turns, and nobody waits for another visitor.
        self._changing: WeakValueDictionary[str, threading.Lock] = WeakValueDictionary()
        self._lock = threading.Lock()
        self._cache: LRUCache[str, tuple[int, OwnTest]] = LRUCache(_CACHED_DRAWINGS, _drawings)

    def of(self, visitor: str) -> OwnTest:
        """The visitor's test; one without trials, in an order of its own, where none is kept."""
        return self.of_all([visitor])[visitor]

    def of_all(self, visitors: Collection[str]) -> dict[str, OwnTest]:
        """The tests of several, with one look at what has changed: a class of thirty is looked at often."""
        found = {}
        for visitor in visitors:
            waiting: OwnTestChange | None = self._writer.backlog.waiting(_key(visitor))
            if waiting:
                found[visitor] = waiting.test
        kept = [visitor for visitor in visitors if visitor not in found]
        no_versions: dict[str, int] = {}
        versions = self._writer.read(no_versions, stored.own_test_versions, kept) if kept else no_versions
        return found | {visitor: self._kept(visitor, versions.get(visitor, 0)) for visitor in kept}

    def _kept(self, visitor: str, version: int) -> OwnTest:
        """As it was at this ``version``, or is since; 0 for none."""
        with self._lock:
            cached = self._cache.get(visitor)
        if cached is None or cached[0] != version:
            test = self._writer.read(None, stored.own_test_of, visitor) if version else None
            cached = (version, test or OwnTest(zlib.crc32(visitor.encode())))
            if _drawings(cached) <= _CACHED_DRAWINGS:
                with self._lock:
                    self._cache[visitor] = cached
        return cached[1]

    def change(self, visitor: str, step: Callable[[OwnTest], OwnTest]) -> None:
        """Keep what ``step`` makes of the visitor's test.

        Raises:
            StorageError: also where too much waits to be written.
        """
        self._writer.backlog.check_room()
        with self._turn_of(visitor):
            changed = OwnTestChange(visitor, step(self.of(visitor)))
            self._writer.backlog.put(_key(visitor), changed)

    def delete(self, visitor: str) -> None:
        """Delete all that the visitor drew; the test begins anew, in another order.

        Raises:
            StorageError: the database cannot be written to now; all is still there then.
        """
        with self._turn_of(visitor):
            empty = OwnTestChange(visitor, start_over(self.of(visitor)))
            self._writer.delete([_key(visitor)], empty.write, 0)

    def _turn_of(self, visitor: str) -> threading.Lock:
        with self._lock:
            return self._changing.setdefault(visitor, threading.Lock())


def _key(visitor: str) -> Key:
    return Key("own test", visitor)


def _drawings(kept: tuple[int, OwnTest]) -> int:
    return 1 + len(kept[1].trials)
