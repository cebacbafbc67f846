"""A network as a ``.npz`` file: written for download, and read from whoever sends one."""

import io
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from model.config import ConfigError, TrainingConfig, bounds
from model.export.npz_archive import (
    Entry,
    WeightsFileError,
    file_names,
    layer_names,
    read_entries,
    shape_text,
    shorten,
    wrong_entry,
    wrong_names,
)
from model.inference import Network
from model.messages import N_, Message
from model.slices import Arrays, read_only

# What numbers may be stored as; all of them are read as float32.
_FLOATS = ("<f2", "<f4", "<f8")
# With weights up to this size no sum overflows in the largest network: 784 * 512^4 * 10,000^5 = 5e33 is
# below 3e38, the largest float32. Those of a network that has learned are around 1.
_MAX_WEIGHT = 10_000.0
# Characters; a recipe with every field at its longest has 300.
_MAX_CONFIG = 1_000


@dataclass(frozen=True)
class WeightsFile:
    """What is in a file: a network, its recipe, and after which epoch it was taken."""

    network: Network
    config: TrainingConfig
    epoch: int


def to_npz(network: Network, config: TrainingConfig, epoch: int) -> bytes:
    """``kernel_1``, ``bias_1``, ... float32, kernels (inputs, units) and biases (units,); ``config``, a
    text with the recipe as JSON; ``epoch``, a whole number. ``numpy.load`` reads it without pickle."""
    layers = dict(zip(layer_names(len(network.layers)), network.weights, strict=True))
    file = io.BytesIO()
    np.savez(file, config=np.array(config.to_json()), epoch=np.array(epoch), **layers)  # type: ignore[arg-type]
    return file.getvalue()


def from_npz(content: bytes) -> WeightsFile:
    """The network that ``to_npz`` wrote; arrays may also be float16 or float64, deflated, or in
    Fortran's order.

    Raises:
        WeightsFileError: anything else; its message says what was expected and what was received.
    """
    config, epoch, entries = _read(content)
    weights = [_read_floats(name, entry, shape) for name, entry, shape in entries]
    return WeightsFile(Network.from_arrays(read_only(weights), config.activation), config, epoch)


def weights_of_run(content: bytes, recipe: TrainingConfig, epoch: int, may_be_nan: bool = False) -> Arrays:
    """The weights that ``to_npz`` wrote of a run with this ``recipe`` after ``epoch``, to the last bit; those
    of a run that diverged may be large, or no numbers.

    Raises:
        WeightsFileError: as ``from_npz``, and where the file is of another recipe or epoch.
    """
    found, found_epoch, entries = _read(content)
    if found != recipe:
        expected = Message(N_("the recipe of its run"))
        raise wrong_entry("config", expected, shorten(found.to_json()))
    if found_epoch != epoch:
        raise wrong_entry("epoch", str(epoch), str(found_epoch))
    for name, entry, shape in entries:
        if entry.dtype.str != "<f4" or not entry.holds(shape):
            expected = Message(N_("{shape} numbers of type float32"), {"shape": shape_text(shape)})
            raise wrong_entry(name, expected, entry.outline())
        if not may_be_nan and not np.isfinite(entry.array).all():
            raise wrong_entry(name, Message(N_("finite numbers")), "nan")
    return read_only([np.array(entry.array, order="C") for _name, entry, _shape in entries])


def array_shapes(config: TrainingConfig) -> list[tuple[int, ...]]:
    """The shapes of kernel and bias of each layer, in order."""
    return [shape for size in pairwise(config.layer_sizes) for shape in (size, size[1:])]


def _read(content: bytes) -> tuple[TrainingConfig, int, list[tuple[str, Entry, tuple[int, ...]]]]:
    """Recipe, epoch, and the arrays as they are, each with its name and the shape that it should have."""
    entries = read_entries(content)
    config = _read_config(entries["config"])
    names = layer_names(len(config.hidden_layers) + 1)
    if entries.keys() != {"config", "epoch", *names}:
        raise wrong_names(file_names(len(config.hidden_layers) + 1), [f"{name}.npy" for name in entries])
    epoch = _read_epoch(entries["epoch"])
    shapes = array_shapes(config)
    return config, epoch, [(name, entries[name], shape) for name, shape in zip(names, shapes, strict=True)]


def _read_config(entry: Entry) -> TrainingConfig:
    expected = Message(N_("the recipe as one text of at most {most} plain characters"), {"most": _MAX_CONFIG})
    is_text = entry.dtype.kind == "U" and entry.dtype.byteorder != ">" and entry.holds(())
    if not is_text or entry.dtype.itemsize > 4 * _MAX_CONFIG:
        raise wrong_entry("config", expected, entry.outline())
    text = bytes(entry.data).decode("utf-32-le", "replace").rstrip("\0")
    # Half characters such as "\ud800" would end in a message, which no page could send.
    if not (text.isascii() and text.isprintable()) or "\\" in text:
        raise wrong_entry("config", expected, shorten(ascii(text)))
    try:
        return TrainingConfig.from_json(text)
    except ConfigError as error:
        raise WeightsFileError(
            Message(
                N_("The recipe in the file is invalid: {problem} Choose a file exported from Digit Lab."),
                {"problem": error.message},
            )
        ) from None


def _read_epoch(entry: Entry) -> int:
    most = bounds("epochs")[1]
    expected = Message(N_("a whole number from {low} to {high}"), {"low": 0, "high": most})
    if entry.dtype.kind not in "iu" or entry.dtype.byteorder == ">" or not entry.holds(()):
        raise wrong_entry("epoch", expected, entry.outline())
    epoch = int(entry.array[()])
    if not 0 <= epoch <= most:
        raise wrong_entry("epoch", expected, str(epoch))
    return epoch


def _read_floats(name: str, entry: Entry, shape: tuple[int, ...]) -> NDArray[np.float32]:
    expected = Message(
        N_("{shape} numbers of type float32, float16 or float64, as in the recipe"),
        {"shape": shape_text(shape)},
    )
    if entry.dtype.str not in _FLOATS or not entry.holds(shape):
        raise wrong_entry(name, expected, entry.outline())
    largest = float(np.abs(entry.array).max())
    if not largest <= _MAX_WEIGHT:
        raise wrong_entry(
            name,
            Message(N_("finite numbers no larger than {most}"), {"most": int(_MAX_WEIGHT)}),
            f"{largest:g}",
        )
    return entry.array.astype(np.float32, order="C")
