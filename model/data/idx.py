"""IDX, the format of MNIST's own files.

Two zero bytes, 0x08 for uint8, the number of dimensions, then each dimension as a big-endian int32, then the
values (described on the authors' MNIST page).
"""

import struct

import numpy as np
from numpy.typing import NDArray

_UNSIGNED_BYTES = 0x08


def to_idx(array: NDArray[np.uint8]) -> bytes:
    """``array`` as a file."""
    header = struct.pack(f">BBBB{array.ndim}i", 0, 0, _UNSIGNED_BYTES, array.ndim, *array.shape)
    return header + array.tobytes()


def from_idx(content: bytes) -> NDArray[np.uint8]:
    """The array of a file of unsigned bytes, shaped as its header says."""
    dimensions = content[3]
    header = 4 + 4 * dimensions
    shape = np.frombuffer(content[4:header], ">i4")
    return np.frombuffer(content[header:], np.uint8).reshape(shape)
