"""A network as a ``.npz`` file: written for download, and read from whoever sends one.

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
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from model.config import MAX_HIDDEN_LAYERS, MAX_UNITS, ConfigError, TrainingConfig, bounds
from model.inference import Network
from model.messages import N_, Message, MessageError
from model.slices import read_only

# What numbers may be stored as; all of them are read as float32.
_FLOATS = ("<f2", "<f4", "<f8")
_LARGEST_FLOAT = 8  # bytes
# With weights up to this size no sum overflows in the largest network: 784 * 512^4 * 10,000^5 = 5e33 is
# below 3e38, the largest float32. Those of a network that has learned are around 1.
_LARGEST_WEIGHT = 10_000.0
# Characters; a recipe with every field at its longest has 300.
_LONGEST_CONFIG = 1_000
# Bytes of a .npy header; NumPy writes 128.
_LONGEST_HEADER = 512

_MOST_LAYERS = MAX_HIDDEN_LAYERS + 1
_MOST_ENTRIES = 2 * _MOST_LAYERS + 2
_MOST_DIRECTORY = 4_096  # bytes; ours have 60 an entry
_LARGEST_CONFIG = TrainingConfig(hidden_layers=(MAX_UNITS,) * MAX_HIDDEN_LAYERS)
# Bytes of a whole file, and of all that is unpacked from it: the largest network, and room for headers
# and the directory.
MOST_BYTES = _LARGEST_CONFIG.parameter_count * _LARGEST_FLOAT + 65_536

# The record at the end of a zip archive, from APPNOTE.TXT 4.3.16 of PKWARE: signature, four numbers of
# disks and entries, bytes and place of the directory, length of a comment.
_END = struct.Struct("<4s4H2LH")
_END_SIGNATURE = b"PK\x05\x06"
_ZIP64_LOCATOR, _ZIP64_LOCATOR_BYTES = b"PK\x06\x07", 20
_ENCRYPTED = 1  # bit of ``ZipInfo.flag_bits``


class WeightsFileError(MessageError):
    """A file is not a network that this app could have written."""


@dataclass(frozen=True)
class WeightsFile:
    """What is in a file: a network, its recipe, and after which epoch it was taken."""

    network: Network
    config: TrainingConfig
    epoch: int


def to_npz(network: Network, config: TrainingConfig, epoch: int) -> bytes:
    """``kernel_1``, ``bias_1``, ... float32, kernels (inputs, units) and biases (units,); ``config``, a
    text with the recipe as JSON; ``epoch``, a whole number. ``numpy.load`` reads it without pickle."""
    layers = dict(zip(_layer_names(len(network.weights) // 2), network.weights, strict=True))
    file = io.BytesIO()
    np.savez(file, config=np.array(config.to_json()), epoch=np.array(epoch), **layers)  # type: ignore[arg-type]
    return file.getvalue()


def from_npz(content: bytes) -> WeightsFile:
    """The network that ``to_npz`` wrote; arrays may also be float16 or float64, deflated, or in
    Fortran's order.

    Raises:
        WeightsFileError: anything else; its message says what was expected and what was received.
    """
    _check_size(len(content))
    entries = _entries(content)
    config = _read_config(entries["config"])
    names = _layer_names(len(config.hidden_layers) + 1)
    if entries.keys() != {"config", "epoch", *names}:
        raise _wrong_names(_file_names(len(config.hidden_layers) + 1), [f"{name}.npy" for name in entries])
    epoch = _read_epoch(entries["epoch"])
    shapes: list[tuple[int, ...]] = []
    for fan_in, fan_out in pairwise(config.layer_sizes):
        shapes += [(fan_in, fan_out), (fan_out,)]
    weights = [_read_floats(name, entries[name], shape) for name, shape in zip(names, shapes, strict=True)]
    return WeightsFile(Network(read_only(weights), config.activation), config, epoch)


@dataclass(frozen=True)
class _Entry:
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
        order = "F" if self.fortran_order else "C"
        return np.frombuffer(self.data, self.dtype).reshape(self.shape, order=order)  # type: ignore[call-overload, no-any-return]


def _entries(content: bytes) -> dict[str, _Entry]:
    """The arrays of an archive by name, each read once its place in the directory was checked."""
    if not _has_small_directory(content):
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


def _has_small_directory(content: bytes) -> bool:
    """Whether the archive ends as NumPy ends it, with a directory of a few entries: ``zipfile`` builds an
    object for each, and a file of 10 MB has room for 200,000."""
    if len(content) < _END.size:
        return False
    signature, *_disks, entries, directory, _place, comment = _END.unpack(content[-_END.size :])
    locator = content[-_END.size - _ZIP64_LOCATOR_BYTES : -_END.size]
    return bool(
        signature == _END_SIGNATURE
        and entries <= _MOST_ENTRIES
        and directory <= _MOST_DIRECTORY
        and comment == 0
        and not locator.startswith(_ZIP64_LOCATOR)
    )


def _check_directory(infos: Sequence[zipfile.ZipInfo]) -> None:
    """The names of some network, each once, packed so that reading is bounded, and no larger than the
    largest network."""
    received = [info.filename for info in infos]
    needed, known = _file_names(0), _file_names(_MOST_LAYERS)
    if not set(needed) <= set(received) <= set(known) or len(set(received)) < len(received):
        raise _wrong_names([*_file_names(1), "…"], received)
    for info in infos:
        is_plain = info.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
        if not is_plain or info.flag_bits & _ENCRYPTED:
            raise _wrong_entry(
                info.filename.removesuffix(".npy"),
                Message(N_("stored or deflated, without a password")),
                Message(
                    N_("method {method} with flags {flags}"),
                    {"method": info.compress_type, "flags": info.flag_bits},
                ),
            )
    _check_size(sum(max(info.file_size, info.compress_size) for info in infos))


def _read_entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> _Entry:
    """Raises whatever ``zipfile`` and NumPy raise on damaged bytes."""
    with archive.open(info) as file:
        # As much as the directory says, which was checked, and whatever follows: to meet the end is to
        # check the CRC.
        content = file.read(info.file_size + 1)
    if len(content) != info.file_size:
        raise ValueError("not as long as the directory says")
    stream = io.BytesIO(content)
    if npy.read_magic(stream) != (1, 0):
        raise ValueError("not the version of .npy that holds plain arrays")
    shape, fortran_order, dtype = npy.read_array_header_1_0(stream, max_header_size=_LONGEST_HEADER)
    return _Entry(dtype, shape, fortran_order, memoryview(content)[stream.tell() :])


def _read_config(entry: _Entry) -> TrainingConfig:
    expected = Message(
        N_("one text of at most {most} plain characters, the recipe"), {"most": _LONGEST_CONFIG}
    )
    is_text = entry.dtype.kind == "U" and entry.dtype.byteorder != ">" and entry.holds(())
    if not is_text or entry.dtype.itemsize > 4 * _LONGEST_CONFIG:
        raise _wrong_entry("config", expected, _outline(entry))
    text = bytes(entry.data).decode("utf-32-le", "replace").rstrip("\0")
    # Half characters such as "\ud800" would end in a message, which no page could send.
    if not (text.isascii() and text.isprintable()) or "\\" in text:
        raise _wrong_entry("config", expected, _shorten(ascii(text)))
    try:
        return TrainingConfig.from_json(text)
    except ConfigError as error:
        raise WeightsFileError(
            Message(
                N_("The recipe in the file is wrong: {problem} Choose a file that was saved by this app."),
                {"problem": error.message},
            )
        ) from None


def _read_epoch(entry: _Entry) -> int:
    most = bounds("epochs")[1]
    expected = Message(N_("a whole number from {low} to {high}"), {"low": 0, "high": most})
    if entry.dtype.kind not in "iu" or entry.dtype.byteorder == ">" or not entry.holds(()):
        raise _wrong_entry("epoch", expected, _outline(entry))
    epoch = int(entry.array[()])
    if not 0 <= epoch <= most:
        raise _wrong_entry("epoch", expected, str(epoch))
    return epoch


def _read_floats(name: str, entry: _Entry, shape: tuple[int, ...]) -> NDArray[np.float32]:
    expected = Message(
        N_("{shape} numbers of type float32, float16 or float64, as the recipe has it"),
        {"shape": _shape_text(shape)},
    )
    if entry.dtype.str not in _FLOATS or not entry.holds(shape):
        raise _wrong_entry(name, expected, _outline(entry))
    largest = float(np.abs(entry.array).max())
    if not largest <= _LARGEST_WEIGHT:
        raise _wrong_entry(
            name,
            Message(N_("finite numbers, none above {most}"), {"most": int(_LARGEST_WEIGHT)}),
            f"{largest:g}",
        )
    return entry.array.astype(np.float32, order="C")


def _check_size(size: int) -> None:
    if size > MOST_BYTES:
        raise WeightsFileError(
            Message(
                N_(
                    "A file of weights has at most {most} bytes, packed and unpacked; this one has "
                    "{received}. Choose one that was saved by this app."
                ),
                {"most": MOST_BYTES, "received": size},
            )
        )


def _layer_names(layers: int) -> list[str]:
    return [f"{part}_{layer}" for layer in range(1, layers + 1) for part in ("kernel", "bias")]


def _file_names(layers: int) -> list[str]:
    return [f"{name}.npy" for name in ("config", "epoch", *_layer_names(layers))]


def _damaged(size: int) -> WeightsFileError:
    return WeightsFileError(
        Message(
            N_(
                "Expected a network as a .npz file; the {size} bytes that were received cannot be read as "
                "one. The file may be of another kind, damaged or cut short: download it again, or choose "
                "another."
            ),
            {"size": size},
        )
    )


def _wrong_names(expected: Sequence[str], received: Sequence[str]) -> WeightsFileError:
    return WeightsFileError(
        Message(
            N_(
                "A file of weights holds {expected}, each once; this one holds {received}. Choose one that "
                "was saved by this app."
            ),
            {
                "expected": ", ".join(expected),
                "received": _shorten(", ".join(map(ascii, received)) or "–", 240),
            },
        )
    )


def _wrong_entry(name: str, expected: Message, received: Message | str) -> WeightsFileError:
    return WeightsFileError(
        Message(
            N_(
                "“{name}” in the file has to be {expected}; received {received}. Choose a file that was "
                "saved by this app."
            ),
            {"name": name, "expected": expected, "received": received},
        )
    )


def _outline(entry: _Entry) -> Message:
    return Message(
        N_("{shape} of type {dtype} in {size} bytes"),
        {
            "shape": _shorten(_shape_text(entry.shape)),
            "dtype": _shorten(ascii(entry.dtype.str)),
            "size": len(entry.data),
        },
    )


def _shape_text(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape)) or "1"


def _shorten(text: str, limit: int = 80) -> str:
    return text if len(text) <= limit else f"{text[:limit]}…"
