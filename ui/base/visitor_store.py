"""What this process keeps of its visitors: their own tests, and networks that they imported."""

import threading
import zlib
from collections import OrderedDict
from collections.abc import Callable

from model.drawing.collection import OwnTest
from model.export.weights_file import WeightsFile

# The tests that nobody looked at for longest go first. A drawing takes 8 KB as people draw and 70 KB at
# most: 40 MB for all of them, or 350 MB of scribbles.
MAX_VISITORS = 200
MAX_DRAWINGS = 5_000
# Networks that were imported; the largest has 5 MB.
MAX_NETWORKS_OF_VISITOR = 3
MAX_NETWORKS = 40


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
            while len(self._tests) > MAX_VISITORS or self._drawings() > MAX_DRAWINGS:
                self._tests.popitem(last=False)

    def _of(self, visitor: str) -> OwnTest:
        if visitor in self._tests:
            self._tests.move_to_end(visitor)
            return self._tests[visitor]
        return OwnTest(zlib.crc32(visitor.encode()))

    def _drawings(self) -> int:
        return sum(len(test.trials) for test in self._tests.values())


class ImportedNetworks:
    """Networks that visitors imported, the newest first; every method may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._networks: OrderedDict[tuple[str, str], WeightsFile] = OrderedDict()

    def of(self, visitor: str) -> dict[str, WeightsFile]:
        """The visitor's networks by the name that ``add`` gave them."""
        with self._lock:
            mine = {name: file for (whose, name), file in self._networks.items() if whose == visitor}
        return dict(reversed(mine.items()))

    def named(self, name: str) -> WeightsFile | None:
        """The network with this name, whoever imported it."""
        with self._lock:
            return next((file for (_whose, other), file in self._networks.items() if other == name), None)

    def add(self, visitor: str, name: str, file: WeightsFile) -> None:
        """Keep ``file``; the visitor's oldest goes, and so does the oldest of all, if there are too many."""
        with self._lock:
            self._networks[visitor, name] = file
            mine = [key for key in self._networks if key[0] == visitor]
            for key in [*mine[:-MAX_NETWORKS_OF_VISITOR], *list(self._networks)[:-MAX_NETWORKS]]:
                self._networks.pop(key, None)
