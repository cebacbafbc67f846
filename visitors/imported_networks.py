"""Networks that visitors imported from a file."""

import hashlib
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from cachetools import LRUCache, TTLCache

from model.config import TrainingConfig
from model.export.weights_file import WeightsFile, from_npz
from model.messages import N_, Message, MessageError
from storage import visitors as stored
from storage.backlog import Key
from storage.problems import StorageError
from storage.visitors import NetworkChange
from storage.writer import Writer

# Of one visitor; the largest has 5 MB.
MAX_NETWORKS = 20
_PREFIX = "file-"
# Networks that were looked at last, and what is said of them in lists.
_CACHED, _SUMMARIES = 8, 2_000
# Seconds for which a network that was found counts as being there.
_SEEN_SECONDS = 1.0


@dataclass(frozen=True)
class Summary:
    """A network without its weights; see ``model.export.weights_file.WeightsFile``."""

    config: TrainingConfig
    epoch: int


class TooManyNetworksError(MessageError):
    """More than one visitor may keep."""


class ImportedNetworks:
    """Every method may be called from any thread."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._lock = threading.Lock()
        self._cache: LRUCache[str, WeightsFile] = LRUCache(_CACHED)
        self._summaries: LRUCache[str, Summary] = LRUCache(_SUMMARIES)
        # What was found in the database a moment ago.
        self._seen: TTLCache[str, bool] = TTLCache(_SUMMARIES, _SEEN_SECONDS)
        # What this process imported and may not have written yet: visitors and names, the newest first.
        self._new: list[tuple[str, str]] = []

    def of(self, visitor: str) -> list[str]:
        """The names of the visitor's networks, the newest first."""
        written: list[str] = []
        with suppress(StorageError):
            written = self._writer.read(written, stored.networks_of, visitor)
        with self._lock:
            self._new = [
                (whose, name) for whose, name in self._new if whose != visitor or name not in written
            ]
            return [*(name for whose, name in self._new if whose == visitor), *written]

    def named(self, name: str) -> WeightsFile | None:
        """The network with this name, whoever imported it; ``None`` where there is none."""
        if not name.startswith(_PREFIX):
            return None
        with self._lock:
            known = self._cache.get(name)
        if known and self._is_there(name):
            return known
        content = self._content(name)
        return None if content is None else self._remember(name, from_npz(content))

    def summary(self, name: str) -> Summary | None:
        """As ``named``, without the weights: a list of many networks is shown at once."""
        with self._lock:
            known = self._summaries.get(name)
        if known and self._is_there(name):
            return known
        if self.named(name) is None:
            return None
        with self._lock:
            return self._summaries.get(name)

    def add(self, visitor: str, content: bytes) -> str:
        """Keep the network in a file, and return its name.

        Raises:
            model.export.npz_archive.WeightsFileError: it is no such file.
            TooManyNetworksError, StorageError: there is no room for it.
        """
        network = from_npz(content)
        name = name_of(content)
        own = self.of(visitor)
        if name in own:
            return name
        if len(own) >= MAX_NETWORKS:
            raise TooManyNetworksError(
                Message(
                    N_("You already have {count} imported networks, which is as many as can be kept."),
                    {"count": len(own)},
                )
            )
        self._writer.backlog.check_room()
        with self._lock:
            self._new.insert(0, (visitor, name))
        self._writer.backlog.put(_key(visitor, name), NetworkChange(visitor, name, content))
        self._remember(name, network)
        return name

    def delete(self, visitor: str, names: Sequence[str]) -> None:
        """Delete these of the visitor's networks.

        Raises:
            StorageError: the database cannot be written to now; they are still there then.
        """
        keys = [_key(visitor, name) for name in names]
        self._writer.delete(keys, stored.delete_networks, visitor, names)
        with self._lock:
            self._new = [(whose, name) for whose, name in self._new if whose != visitor or name not in names]
            for name in names:
                self._cache.pop(name, None)
                self._summaries.pop(name, None)

    def forget(self, visitor: str) -> None:
        """Hold nothing any more that the visitor imported."""
        with self._lock:
            self._new = [(whose, name) for whose, name in self._new if whose != visitor]
            self._cache.clear()
            self._summaries.clear()

    def _content(self, name: str) -> bytes | None:
        with self._lock:
            new = [whose for whose, other in self._new if other == name]
        for visitor in new:
            waiting: NetworkChange | None = self._writer.backlog.waiting(_key(visitor, name))
            if waiting:
                return waiting.content
        try:
            return self._writer.read(None, stored.network, name)
        except StorageError:
            return None

    def _is_there(self, name: str) -> bool:
        """Whether nobody has deleted it at another server, as far as that can be known now."""
        with self._lock:
            if not self._writer.is_shared or name in self._seen or any(name == new for _, new in self._new):
                return True
        with suppress(StorageError):
            if not self._writer.read(True, stored.has_network, name):
                return False
        with self._lock:
            self._seen[name] = True
        return True

    def _remember(self, name: str, network: WeightsFile) -> WeightsFile:
        with self._lock:
            self._cache[name] = network
            self._summaries[name] = Summary(network.config, network.epoch)
        return network


def name_of(content: bytes) -> str:
    """The name of the network in a file: the same for the same content."""
    return f"{_PREFIX}{hashlib.sha256(content).hexdigest()[:16]}"


def _key(visitor: str, name: str) -> Key:
    return Key("network", f"{visitor}/{name}")
