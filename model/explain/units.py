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

    ``images`` int32 and ``values`` float32, both (units, k): the images that excite each unit most, and
    what it puts out there, the largest first; of equal ones the earlier image first. A ReLU unit is
    excited by what is above 0; image -1 stands where there is none. ``low`` and ``high`` float32 (units,):
    the least and the most that a unit puts out. ``active`` float32 (units,): the share of the images on
    which that is above 0. ``dead`` bool (units,): see ``layer_statistics``. ``histogram``: of what all units
    put out for all images.
    """

    images: NDArray[np.int32]
    values: Values
    low: Values
    high: Values
    active: Values
    dead: NDArray[np.bool_]
    histogram: Histogram

    def most_exciting(self, unit: int) -> list[tuple[int, float]]:
        """The indices of the images that excite ``unit`` most, and what it puts out there; at most k."""
        pairs = zip(self.images[unit].tolist(), self.values[unit].tolist(), strict=True)
        return [(image, value) for image, value in pairs if image >= 0]


def layer_statistics(
    network: Network, images: NDArray[np.uint8], count: int = 12
) -> tuple[LayerStatistics, ...]:
    """What each layer does on ``images``, uint8 (N, 784): hidden layers, then the logits.

    All ``images`` go through at once: of 1,000, four layers of 512 units put out 8 MB. Of these only the
    ``count`` largest of a unit are kept, so that the statistics can be cached per network.

    A hidden ReLU unit is dead where it puts out 0 for every image: no gradient gets through it then. One
    of tanh or sigmoid is dead where it moves by less than ``DEAD_RANGE`` over all images: it is saturated
    or gets nothing, and to the next layer it is another bias. A logit is never called dead.

    Raises:
        ValueError: there are no images, or ``count`` is not positive.
    """
    if not len(images) or count < 1:
        raise ValueError(f"Expected images and a count from 1; received {len(images)} and {count}.")
    outputs = forward(network, images).outputs
    return tuple(
        _statistics(values, layer.activation, count)
        for values, layer in zip(outputs, network.layers, strict=True)
    )


def weight_histograms(network: Network) -> tuple[Histogram, ...]:
    """One histogram of the weights per layer, biases apart. To lay two networks side by side: ``aligned``."""
    return tuple(histogram(layer.kernel) for layer in network.layers)


def by_norm(network: Network) -> NDArray[np.int64]:
    """The units of the first layer in the order of their 784 weights' Euclidean norm, the largest first:
    int64 (units,). What a unit learned stands out from the noise that it began with."""
    return np.argsort(-np.linalg.norm(network.layers[0].kernel, axis=0), kind="stable")


def _statistics(values: Values, activation: Activation | None, count: int) -> LayerStatistics:
    low, high = values.min(axis=0), values.max(axis=0)
    match activation:
        case None:
            dead = np.zeros(len(low), np.bool_)
        case Activation.RELU:
            dead = high == 0
        case Activation.TANH | Activation.SIGMOID:
            dead = high - low < DEAD_RANGE
    largest_images, largest = _largest(values, count, 0.0 if activation == Activation.RELU else -np.inf)
    active = (np.count_nonzero(values > 0, axis=0) / len(values)).astype(np.float32)
    for array in (largest_images, largest, low, high, active, dead):
        array.setflags(write=False)
    return LayerStatistics(largest_images, largest, low, high, active, dead, histogram(values))


def _largest(values: Values, count: int, floor: float) -> tuple[NDArray[np.int32], Values]:
    """The images of each unit's ``count`` largest values above ``floor``, and these: both (units, count)."""
    images = np.full((values.shape[1], count), -1, np.int32)
    largest = np.full((values.shape[1], count), floor, np.float32)
    # A comparison with NaN is false. A copy, so that the values of a unit lie side by side.
    by_unit = np.where(values > np.float32(floor), values, np.float32(floor)).T.copy()
    # Only values that can be among the largest are sorted, and equal ones stay in the images' order.
    last = max(len(values) - count, 0)
    thresholds = np.partition(by_unit, last, axis=1)[:, last]
    for unit, (of_unit, threshold) in enumerate(zip(by_unit, thresholds, strict=True)):
        candidates = np.flatnonzero((of_unit >= threshold) & (of_unit > floor))
        chosen = candidates[np.argsort(-of_unit[candidates], kind="stable")[:count]]
        images[unit, : len(chosen)], largest[unit, : len(chosen)] = chosen, of_unit[chosen]
    return images, largest
