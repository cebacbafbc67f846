"""What is kept of runs, for readers: asked for again and again, and read as seldom as that allows."""

import logging
import threading
from collections.abc import Callable, Collection
from typing import Any, TypeVar

from cachetools import LRUCache, TTLCache

from model.messages import MessageError
from model.slices import Arrays
from runs.kept import snapshot_of
from runs.records import RunSnapshot
from storage import runs as stored
from storage.backlog import Key
from storage.problems import StorageError
from storage.runs import RunChange, RunRecord
from storage.writer import Writer

T = TypeVar("T")

_log = logging.getLogger(__name__)

# Snapshots of runs that are not at work, and bytes of weights, that were read last.
_SNAPSHOTS, _WEIGHTS = 2_000, 64_000_000
# Seconds for which a version that was read counts: a page asks for the same one ten times. What this process
# writes is seen at once.
_VERSION_SECONDS = 0.5


class KeptReader:
    """Every method may be called from any thread. Where the database does not answer, what was read last
    counts, or nothing; only of weights that cannot be read it is not said that they are not kept."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._lock = threading.Lock()
        self._snapshots: LRUCache[str, tuple[int, RunSnapshot]] = LRUCache(_SNAPSHOTS)
        self._weights: LRUCache[tuple[str, int], Arrays] = LRUCache(_WEIGHTS, stored.size_of)
        # How often this process wrote: what was read before its last write is not remembered.
        self._writes = 0
        # By run, and by visitor those of all runs.
        self._versions: TTLCache[str, int] = TTLCache(_SNAPSHOTS, _VERSION_SECONDS)
        self._versions_of: TTLCache[str, dict[str, int]] = TTLCache(_SNAPSHOTS, _VERSION_SECONDS)

    def weights(self, run_id: str, epoch: int) -> Arrays | None:
        """The weights after ``epoch``, read-only, or ``None`` where they are not kept.

        Raises:
            StorageError: the database does not answer.
        """
        waiting: RunChange | None = self._writer.backlog.waiting(Key("run", run_id))
        if waiting and epoch in waiting.weights:
            return waiting.weights[epoch]
        with self._lock:
            kept = self._weights.get((run_id, epoch))
        if kept is None:
            kept = self._writer.read(kept, stored.weights, run_id, epoch)
            if kept is not None:
                self._remember_weights(run_id, epoch, kept)
        return kept

    def epochs(self, run_id: str) -> list[int]:
        """The epochs whose weights are kept, sorted."""
        waiting: RunChange | None = self._writer.backlog.waiting(Key("run", run_id))
        written: list[int] = self._read([], stored.epochs, run_id)
        return sorted({*written, *(waiting.weights if waiting else ())})

    def snapshot(self, run_id: str) -> RunSnapshot | None:
        """A run that is not at work, or ``None`` where it is not known."""
        with self._lock:
            kept, version, writes = self._snapshots.get(run_id), self._versions.get(run_id), self._writes
        if version is None:
            version = self._read(kept[0] if kept else None, stored.version_of, run_id)
            with self._lock:
                if version is not None and writes == self._writes:
                    self._versions[run_id] = version
        return None if version is None else self._up_to_date({run_id: version}).get(run_id)

    def runs_of(self, visitor: str) -> list[RunSnapshot]:
        """The visitor's runs that have been written, the newest first."""
        with self._lock:
            versions, writes = self._versions_of.get(visitor), self._writes
        if versions is None:
            nothing: dict[str, int] = {}
            versions = self._read(nothing, stored.versions_of, visitor)
            with self._lock:
                if writes == self._writes:
                    self._versions_of[visitor] = versions
        return list(self._up_to_date(versions).values())

    def visitor_of(self, run_id: str) -> str | None:
        """Whose run it is, once it has been written."""
        return self._read(None, stored.visitor_of, run_id)

    def last_number(self, visitor: str) -> int:
        """The number of the visitor's newest run that has been written; 0 before the first."""
        return self._read(0, stored.last_number, visitor)

    def note(self, change: RunChange) -> None:
        """This process has written ``change``."""
        self.note_change()
        for epoch, weights in change.weights.items():
            self._remember_weights(change.record.id, epoch, weights)

    def note_change(self, deleted: Collection[str] = ()) -> None:
        """This process has changed runs, and these are ``deleted``."""
        with self._lock:
            self._writes += 1
            self._versions.clear()
            self._versions_of.clear()
            for key in [key for key in self._weights if key[0] in deleted]:
                del self._weights[key]

    def _read(self, default: T, query: Callable[..., T], *args: Any) -> T:
        """What ``query`` finds, or ``default`` where the database does not answer."""
        try:
            return self._writer.read(default, query, *args)
        except StorageError:
            return default

    def _up_to_date(self, versions: dict[str, int]) -> dict[str, RunSnapshot]:
        """The runs with these ids in these versions, in this order, as far as they can be read."""
        with self._lock:
            known = {run_id: kept for run_id in versions if (kept := self._snapshots.get(run_id))}
        stale = [run_id for run_id in versions if run_id not in known or known[run_id][0] != versions[run_id]]
        records: dict[str, RunRecord] = self._read({}, stored.read, stale) if stale else {}
        read = {
            run_id: (record.version, run) for run_id, record in records.items() if (run := _snapshot(record))
        }
        with self._lock:
            self._snapshots.update(read)
        known |= read
        return {run_id: known[run_id][1] for run_id in versions if run_id in known}

    def _remember_weights(self, run_id: str, epoch: int, weights: Arrays) -> None:
        with self._lock:
            # A network larger than the whole cache is read anew each time.
            if stored.size_of(weights) <= _WEIGHTS:
                self._weights[run_id, epoch] = weights


def _snapshot(record: RunRecord) -> RunSnapshot | None:
    """What a reader sees of a run; nothing of one that another version has written, in words of its own."""
    try:
        return snapshot_of(record)
    except (ValueError, MessageError):
        _log.exception("the run %s cannot be shown", record.id)
        return None
