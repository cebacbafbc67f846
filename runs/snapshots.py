"""The weights of runs as files: after every epoch, and all that a resting run needs to go on."""

import atexit
import logging
import os
import shutil
import tempfile
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import psutil
from numpy.typing import NDArray

from model.slices import Arrays, TrainingState, read_only
from runs.limits import Limits

_log = logging.getLogger(__name__)

_PREFIX = "digitlab-"
# Networks that pages look at again and again; the largest has 5 MB.
_CACHED = 16
_UNREADABLE = (OSError, ValueError, KeyError, BadZipFile)


class SnapshotFolder:
    """Files under ``folder``, one folder a run. Written by one thread, read by any.

    The epochs of one run take ``run_bytes`` at most; past it, those with near neighbours are dropped. All
    runs together take ``total_bytes`` at most; past it, the oldest ones keep their last epoch and their best.
    A file that cannot be written is logged and its epoch is missing; a reader gets ``None`` for it.
    """

    def __init__(
        self, folder: Path, run_bytes: int = Limits.run_bytes, total_bytes: int = Limits.total_bytes
    ) -> None:
        self._folder = folder
        self._run_bytes = run_bytes
        self._total_bytes = total_bytes
        # Per run, the oldest first: bytes of each epoch's file.
        self._sizes: dict[str, dict[int, int]] = {}
        self._best: dict[str, int | None] = {}
        self._read = lru_cache(maxsize=_CACHED)(_read)

    def save_weights(self, run_id: str, epoch: int, weights: Arrays, best: int | None = None) -> bool:
        """Keep the weights after ``epoch``, and drop what the budgets do not allow, those after the ``best``
        epoch last."""
        size = _write(self._weights_file(run_id, epoch), weights)
        if size is None:
            return False
        sizes = self._sizes.setdefault(run_id, {})
        sizes[epoch] = size
        self._best[run_id] = best
        while sum(sizes.values()) > self._run_bytes and len(sizes) > 2:
            self._drop(run_id, [_least_missed(sorted(sizes), best)])
        for oldest in self._sizes:
            if sum(sum(of_run.values()) for of_run in self._sizes.values()) <= self._total_bytes:
                break
            kept = {max(self._sizes[oldest]), self._best[oldest]}
            self._drop(oldest, sorted(self._sizes[oldest].keys() - kept))
        return True

    def weights(self, run_id: str, epoch: int) -> Arrays | None:
        """The weights after ``epoch``, read-only, or ``None`` where they are not kept."""
        try:
            return self._read(self._weights_file(run_id, epoch))
        except _UNREADABLE:
            return None

    def epochs(self, run_id: str) -> list[int]:
        """The epochs whose weights are kept, sorted."""
        return sorted(self._sizes.get(run_id, {}))

    def save_state(self, run_id: str, state: TrainingState) -> bool:
        """Keep all that a run needs to go on."""
        weights = _write(self._folder / run_id / "weights.npz", state.weights)
        optimizer = _write(self._folder / run_id / "optimizer.npz", state.optimizer)
        return weights is not None and optimizer is not None

    def state(self, run_id: str) -> TrainingState | None:
        """What ``save_state`` kept last."""
        try:
            weights = _read(self._folder / run_id / "weights.npz")
            return TrainingState(weights, _read(self._folder / run_id / "optimizer.npz"))
        except _UNREADABLE:
            return None

    def forget(self, run_id: str) -> None:
        """Delete everything of a run."""
        self._sizes.pop(run_id, None)
        self._best.pop(run_id, None)
        shutil.rmtree(self._folder / run_id, ignore_errors=True)

    def _drop(self, run_id: str, epochs: list[int]) -> None:
        for epoch in epochs:
            # Windows keeps a file that a page is reading just now; it goes with its run.
            with suppress(PermissionError):
                self._weights_file(run_id, epoch).unlink(missing_ok=True)
            del self._sizes[run_id][epoch]

    def _weights_file(self, run_id: str, epoch: int) -> Path:
        return self._folder / run_id / f"epoch_{epoch:03}.npz"


def temporary_folder() -> Path:
    """A new folder for this process, removed when it ends; those of dead processes are removed now.

    It lies in ``DIGITLAB_DATA``, or in the system's folder for temporary files.
    """
    parent = Path(os.environ.get("DIGITLAB_DATA") or tempfile.gettempdir())
    parent.mkdir(parents=True, exist_ok=True)
    for left in parent.glob(f"{_PREFIX}*"):
        process, _, started = left.name.removeprefix(_PREFIX).rpartition("-")[0].partition("-")
        if process.isdigit() and _start_of(int(process)) != started:
            shutil.rmtree(left, ignore_errors=True)
    own = f"{_PREFIX}{os.getpid()}-{_start_of(os.getpid())}-"
    folder = Path(tempfile.mkdtemp(prefix=own, dir=parent))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _start_of(process: int) -> str:
    """When a process began, in seconds; nothing where there is none. In a container that starts anew the
    server has the same number each time."""
    try:
        return str(int(psutil.Process(process).create_time()))
    except psutil.Error:
        return ""


def _least_missed(epochs: list[int], best: int | None) -> int:
    """The epoch with the nearest neighbours on both sides; never the first or the last one, and the ``best``
    only where there is no other."""
    inner = [i for i in range(1, len(epochs) - 1) if epochs[i] != best] or [1]
    return epochs[min(inner, key=lambda i: epochs[i + 1] - epochs[i - 1])]


def _write(path: Path, arrays: tuple[NDArray[np.generic], ...]) -> int | None:
    """The size of the file in bytes, or ``None`` where it could not be written."""
    part = path.with_suffix(".part")
    try:
        # Some systems clear their temporary folder while this process lives.
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            np.savez(file, *arrays)
        part.replace(path)
        return path.stat().st_size
    except OSError:
        _log.exception("weights cannot be written")
        return None


def _read(path: Path) -> Arrays:
    with np.load(path, allow_pickle=False) as file:
        return read_only([file[f"arr_{i}"] for i in range(len(file.files))])
