"""NumPy arrays as bytes and back: uncompressed ``.npz``, never pickled."""

import io
import logging
from collections.abc import Sequence
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

_log = logging.getLogger(__name__)


def packed(arrays: Sequence[NDArray[Any]]) -> bytes:
    """All ``arrays``, in order."""
    file = io.BytesIO()
    np.savez(file, *arrays)
    return file.getvalue()


def unpacked(content: bytes) -> tuple[NDArray[Any], ...]:
    """What ``packed`` was given, read-only.

    Raises:
        ValueError, zipfile.BadZipFile: ``content`` is damaged.
    """
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        arrays = tuple(file[f"arr_{i}"] for i in range(len(file.files)))
    for array in arrays:
        array.setflags(write=False)
    return arrays


def unpacked_if_whole(content: bytes | None) -> tuple[NDArray[Any], ...] | None:
    """As ``unpacked``; ``None`` for what is not there, or is damaged, which the log says."""
    try:
        return None if content is None else unpacked(content)
    except (ValueError, KeyError, EOFError, BadZipFile) as error:
        _log.error("arrays in the database are damaged: %r", error)
        return None
