"""What the units of a network do on many images, and what its weights look like: plain values."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.config import Activation
from model.explain.histogram import Histogram, histogram
from model.inference import Network, forward
from model.slices import Values

# Units of tanh and sigmoid are dead where they move by less than this. In untrained sigmoid networks
# of four layers the last one moves by 0.004 at least, and learns; units that large steps drove into
# saturation move by 1e-4 to 0. Times a weight of size 1, either is nothing to the next layer.
DEAD_RANGE = 1e-3


@dataclass(frozen=True)
class LayerStatistics:
    """What the units of one layer put out for N images; all arrays are read-only.

    ``low`` and ``high`` float32 (units,): the least and the most that a unit puts out. ``active`` float32
    (units,): the share of the images on which that is above 0. ``dead`` bool (units,): see
    ``layer_statistics``. ``histogram``: of what all units put out for all images.
    """

    low: Values
    high: Values
    active: Values
    dead: NDArray[np.bool_]
    histogram: Histogram


def layer_statistics(network: Network, images: NDArray[np.uint8]) -> tuple[LayerStatistics, ...]:
    """What each layer does on ``images``, uint8 (N, 784): hidden layers, then the logits.

    All ``images`` go through at once: of 1,000, four layers of 512 units put out 8 MB. Of these little is
    kept, so that the statistics can be cached per network.

    A hidden ReLU unit is dead where it puts out 0 for every image: no gradient gets through it then. One
    of tanh or sigmoid is dead where it moves by less than ``DEAD_RANGE`` over all images: it is saturated
    or gets nothing, and to the next layer it is another bias. A logit is never called dead.

    Raises:
        ValueError: there are no images.
    """
    if not len(images):
        raise ValueError("Expected images; received none.")
    outputs = forward(network, images).outputs
    return tuple(
        _statistics(values, layer.activation) for values, layer in zip(outputs, network.layers, strict=True)
    )


def most_exciting(
    network: Network, images: NDArray[np.uint8], layer: int, unit: int, count: int = 12
) -> list[tuple[int, float]]:
    """The indices of the ``count`` images that excite unit ``unit`` of layer ``layer``, counted from 0, most,
    and what it puts out there: the largest first, of equal ones the earlier image. A ReLU unit is excited
    by what is above 0; there may be fewer such images."""
    values = forward(network, images).outputs[layer][:, unit]
    floor = 0 if network.layers[layer].activation == Activation.RELU else -np.inf
    # A comparison with NaN is false.
    excited = np.flatnonzero(values > floor)
    chosen = excited[np.argsort(-values[excited], kind="stable")[:count]]
    return list(zip(chosen.tolist(), values[chosen].tolist(), strict=True))


def weight_histograms(network: Network) -> tuple[Histogram, ...]:
    """One histogram of the weights per layer, biases apart. To lay two networks side by side: ``aligned``."""
    return tuple(histogram(layer.kernel) for layer in network.layers)


def by_norm(network: Network) -> NDArray[np.int64]:
    """The units of the first layer in the order of their 784 weights' Euclidean norm, the largest first:
    int64 (units,). What a unit learned stands out from the noise that it began with."""
    return np.argsort(-np.linalg.norm(network.layers[0].kernel, axis=0), kind="stable")


def _statistics(values: Values, activation: Activation | None) -> LayerStatistics:
    low, high = values.min(axis=0), values.max(axis=0)
    match activation:
        case None:
            dead = np.zeros(len(low), np.bool_)
        case Activation.RELU:
            dead = high == 0
        case Activation.TANH | Activation.SIGMOID:
            dead = high - low < DEAD_RANGE
    active = (np.count_nonzero(values > 0, axis=0) / len(values)).astype(np.float32)
    for array in (low, high, active, dead):
        array.setflags(write=False)
    return LayerStatistics(low, high, active, dead, histogram(values))
