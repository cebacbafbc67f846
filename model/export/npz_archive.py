"""A ``.npz`` archive from whoever sends one, opened with care.

Reading trusts nothing. A ``.npz`` is a zip archive of ``.npy`` files: first the archive's directory is
checked, then the header of each array, and no more is ever unpacked than the largest network needs.
Nothing is unpickled, so that a file is data and never code. Format of the arrays: ``numpy.lib.format``.
"""

import io
import math
import struct
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from model.config import MAX_HIDDEN_LAYERS, MAX_UNITS, TrainingConfig
from model.messages import N_, Message, MessageError

# Bytes of a .npy header; NumPy writes 128.
_MAX_HEADER = 512
_MAX_LAYERS = MAX_HIDDEN_LAYERS + 1
_MAX_ENTRIES = 2 * _MAX_LAYERS + 2
_MAX_DIRECTORY = 4_096  # bytes; ours have 60 an entry
_LARGEST_CONFIG = TrainingConfig(hidden_layers=(MAX_UNITS,) * MAX_HIDDEN_LAYERS)
# Bytes of a whole file, and of all that is unpacked from it: the largest network as float64, and room for
# headers and the directory.
MAX_BYTES = _LARGEST_CONFIG.parameter_count * 8 + 65_536

# The record at the end of a zip archive, from APPNOTE.TXT 4.3.16 of PKWARE: signature, four numbers of
# disks and entries, bytes and place of the directory, length of a comment.
_END = struct.Struct("<4s4H2LH")
_END_SIGNATURE = b"PK\x05\x06"
_ZIP64_LOCATOR, _ZIP64_LOCATOR_BYTES = b"PK\x06\x07", 20
_ENCRYPTED = 1  # bit of ``ZipInfo.flag_bits``


class WeightsFileError(MessageError):
    """A file is not a network that this app could have written."""


@dataclass(frozen=True)
class Entry:
    """A ``.npy`` file, its header read: ``data`` are the bytes behind it, of any length."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    fortran_order: bool
    data: memoryview

    def holds(self, shape: tuple[int, ...]) -> bool:
        """Whether it has this ``shape`` and just the bytes for it."""
        return self.shape == shape and len(self.data) == math.prod(shape) * self.dtype.itemsize

    @property
    def array(self) -> NDArray[Any]:
        """The numbers, without a copy; only of an entry that ``holds`` its own shape."""
        order = "F" if self.fortran_order else "C"
        return np.frombuffer(self.data, self.dtype).reshape(self.shape, order=order)  # type: ignore[call-overload, no-any-return]

    def outline(self) -> Message:
        """What it holds, in words for an error: shape, type and size."""
        return Message(
            N_("{shape} of type {dtype} in {size} bytes"),
            {
                "shape": shorten(shape_text(self.shape)),
                "dtype": shorten(ascii(self.dtype.str)),
                "size": len(self.data),
            },
        )


def read_entries(content: bytes) -> dict[str, Entry]:
    """The arrays of an archive by name, each read once its place in the directory was checked.

    Raises:
        WeightsFileError: ``content`` is too large or damaged, or not what a network's archive holds.
    """
    _check_size(len(content))
    if not has_small_directory(content, _MAX_ENTRIES, _MAX_DIRECTORY):
        raise _damaged(len(content))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            infos = archive.infolist()
            _check_directory(infos)
            return {info.filename.removesuffix(".npy"): _read_entry(archive, info) for info in infos}
    except MessageError:
        raise
    # Damaged bytes make zipfile, zlib and NumPy raise more kinds of errors than they document.
    except Exception as error:
        raise _damaged(len(content)) from error


def has_small_directory(content: bytes, most_entries: int, most_bytes: int) -> bool:
    """Whether the archive ends as NumPy ends it, with a directory of so few entries and bytes: ``zipfile``
    builds an object for each entry, and a file of 10 MB has room for 200,000."""
    if len(content) < _END.size:
        return False
    signature, *_disks, entries, directory, _place, comment = _END.unpack(content[-_END.size :])
    locator = content[-_END.size - _ZIP64_LOCATOR_BYTES : -_END.size]
    return bool(
        signature == _END_SIGNATURE
        and entries <= most_entries
        and directory <= most_bytes
        and comment == 0
        and not locator.startswith(_ZIP64_LOCATOR)
    )


def is_plain(info: zipfile.ZipInfo) -> bool:
    """Whether a file of an archive is stored or deflated, and without a password."""
    is_known = info.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    return is_known and not info.flag_bits & _ENCRYPTED


def _check_directory(infos: Sequence[zipfile.ZipInfo]) -> None:
    """The names of some network, each once, packed so that reading is bounded, and no larger than the
    largest network."""
    received = [info.filename for info in infos]
    needed, known = file_names(0), file_names(_MAX_LAYERS)
    if not set(needed) <= set(received) <= set(known) or len(set(received)) < len(received):
        raise wrong_names([*file_names(1), "…"], received)
    for info in infos:
        if not is_plain(info):
            raise wrong_entry(
                info.filename.removesuffix(".npy"),
                Message(N_("stored or deflated without a password")),
                Message(
                    N_("method {method} with flags {flags}"),
                    {"method": info.compress_type, "flags": info.flag_bits},
                ),
            )
    _check_size(sum(max(info.file_size, info.compress_size) for info in infos))


def _read_entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Entry:
    """Raises whatever ``zipfile`` and NumPy raise on damaged bytes."""
    return parse_npy(read_member(archive, info))


def read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """A file of an archive whose directory was checked. Raises whatever ``zipfile`` raises on damaged bytes,
    and ``ValueError`` for one that is longer than the directory says."""
    with archive.open(info) as file:
        # As much as the directory says, and whatever follows: to meet the end is to check the CRC.
        content = file.read(info.file_size + 1)
    if len(content) != info.file_size:
        raise ValueError("not as long as the directory says")
    return content


def parse_npy(content: bytes) -> Entry:
    """A ``.npy`` file, its header read. Raises whatever NumPy raises on damaged bytes."""
    stream = io.BytesIO(content)
    if npy.read_magic(stream) != (1, 0):
        raise ValueError("not the version of .npy that holds plain arrays")
    shape, fortran_order, dtype = npy.read_array_header_1_0(stream, max_header_size=_MAX_HEADER)
    return Entry(dtype, shape, fortran_order, memoryview(content)[stream.tell() :])


def _check_size(size: int) -> None:
    if size > MAX_BYTES:
        raise WeightsFileError(
            Message(
                N_(
                    "A weights file may have at most {most} bytes, compressed or not; this one has "
                    "{received}. Choose a file exported from Digit Lab."
                ),
                {"most": MAX_BYTES, "received": size},
            )
        )


def layer_names(layers: int) -> list[str]:
    """``kernel_1``, ``bias_1``, ...: the arrays of a network of so many ``layers``."""
    return [f"{part}_{layer}" for layer in range(1, layers + 1) for part in ("kernel", "bias")]


def file_names(layers: int) -> list[str]:
    """What the archive of a network of so many ``layers`` holds, whatever the order."""
    return [f"{name}.npy" for name in ("config", "epoch", *layer_names(layers))]


def _damaged(size: int) -> WeightsFileError:
    return WeightsFileError(
        Message(
            N_(
                "This file ({size} bytes) cannot be read as a network (.npz). It may be another kind of "
                "file, damaged or incomplete. Download it again or choose another."
            ),
            {"size": size},
        )
    )


def wrong_names(expected: Sequence[str], received: Sequence[str]) -> WeightsFileError:
    """The archive holds other files than those of one network."""
    return WeightsFileError(
        Message(
            N_(
                "A weights file must contain {expected}, each once; this one contains {received}. Choose a "
                "file exported from Digit Lab."
            ),
            {
                "expected": ", ".join(expected),
                "received": shorten(", ".join(map(ascii, received)) or "–", 240),
            },
        )
    )


def wrong_entry(name: str, expected: Message | str, received: Message | str) -> WeightsFileError:
    """The file ``name`` holds something else than ``expected``."""
    return WeightsFileError(
        Message(
            N_(
                "“{name}” in the file must be {expected}; received {received}. Choose a file exported from "
                "Digit Lab."
            ),
            {"name": name, "expected": expected, "received": received},
        )
    )


def shape_text(shape: tuple[int, ...]) -> str:
    """``784 × 100``; 1 for a single number."""
    return " × ".join(map(str, shape)) or "1"


def shorten(text: str, limit: int = 80) -> str:
    """``text``, cut off after ``limit`` characters: a stranger decides how long it is."""
    return text if len(text) <= limit else f"{text[:limit]}…"
