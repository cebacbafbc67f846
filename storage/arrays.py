"""NumPy arrays as bytes and back: uncompressed ``.npz``, never pickled."""

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


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
