"""What this process keeps of its visitors' own tests."""

import threading
import zlib
from collections import OrderedDict
from collections.abc import Callable

from model.own_test import OwnTest

# The tests that nobody looked at for longest go first. A drawing takes 8 KB as people draw and 70 KB at
# most: 40 MB for all of them, or 350 MB of scribbles.
MOST_VISITORS = 200
MOST_DRAWINGS = 5_000


class OwnTests:
    """One test a visitor; every method may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tests: OrderedDict[str, OwnTest] = OrderedDict()

    def of(self, visitor: str) -> OwnTest:
        """The visitor's test; one without trials, in an order of its own, where none is kept."""
        with self._lock:
            return self._of(visitor)

    def change(self, visitor: str, step: Callable[[OwnTest], OwnTest]) -> None:
        """Keep what ``step`` makes of the visitor's test."""
        with self._lock:
            self._tests[visitor] = step(self._of(visitor))
            while len(self._tests) > MOST_VISITORS or self._drawings() > MOST_DRAWINGS:
                self._tests.popitem(last=False)

    def _of(self, visitor: str) -> OwnTest:
        if visitor in self._tests:
            self._tests.move_to_end(visitor)
            return self._tests[visitor]
        return OwnTest(zlib.crc32(visitor.encode()))

    def _drawings(self) -> int:
        return sum(len(test.trials) for test in self._tests.values())
