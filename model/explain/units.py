"""What the units of a network do on many images, and what its weights look like: plain values."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.config import Activation
from model.explain.histogram import Histogram, added, histogram
from model.explain.links import Link
from model.inference import Network, activations

Values = NDArray[np.float32]

# Images that go through the network at once: four layers of 512 units then pass on 8 MB. Smaller
# products are slow where other processes keep the cores busy.
_CHUNK = 1_000
# Units of tanh and sigmoid are dead where they move by less than this. In untrained sigmoid networks
# of four layers the last one moves by 0.004 at least, and learns; units that large steps drove into
# saturation move by 1e-4 to 0. Times a weight of size 1, either is nothing to the next layer.
STILL = 1e-3


@dataclass(frozen=True)
class LayerUnits:
    """What the units of one layer pass on for N images; all arrays are read-only.

    ``images`` int32 and ``values`` float32, both (units, k): the images that excite each unit most, and
    what it passes on there, the largest first; of equal ones the earlier image first. A ReLU unit is
    excited by what is above 0; image -1 fills a place for which there is none. ``low`` and ``high``
    float32 (units,): the least and the most that a unit passes on. ``active`` float32 (units,): on what
    share of the images that is above 0. ``dead`` bool (units,): see ``survey``. ``histogram``: of what
    all units pass on for all images.
    """

    images: NDArray[np.int32]
    values: Values
    low: Values
    high: Values
    active: Values
    dead: NDArray[np.bool_]
    histogram: Histogram

    def most_exciting(self, unit: int) -> list[tuple[int, float]]:
        """The places of the images that excite ``unit`` most, and what it passes on there; at most k."""
        pairs = zip(self.images[unit].tolist(), self.values[unit].tolist(), strict=True)
        return [(image, value) for image, value in pairs if image >= 0]


def survey(network: Network, images: NDArray[np.uint8], count: int = 12) -> tuple[LayerUnits, ...]:
    """What each layer does on ``images``, uint8 (N, 784): hidden layers, then the logits.

    Of the activations only the ``count`` largest of a unit are kept: for four layers of 512 units 0.2 MB
    instead of the 82 MB of 10,000 images, so a survey can be cached per network.

    A hidden ReLU unit is dead where it passes on 0 for every image: no gradient gets through it then. One
    of tanh or sigmoid is dead where it moves by less than ``STILL`` over all images: it is saturated or
    hears nothing, and to the next layer it is another bias. A logit is never called dead.

    Raises:
        ValueError: there are no images, or ``count`` is not positive.
    """
    if not len(images) or count < 1:
        raise ValueError(f"Expected images and a count from 1; received {len(images)} and {count}.")
    *hidden, outputs = network.layer_sizes[1:]
    tallies = [_Tally(units, count, network.activation) for units in hidden]
    tallies.append(_Tally(outputs, count, None))
    for start in range(0, len(images), _CHUNK):
        layers = activations(network, images[start : start + _CHUNK])
        for tally, values in zip(tallies, layers, strict=True):
            tally.add(values, start)
    return tuple(tally.result(len(images)) for tally in tallies)


def weight_histograms(network: Network) -> tuple[Histogram, ...]:
    """One histogram of the weights per layer, biases apart. To lay two networks side by side: ``aligned``."""
    return tuple(histogram(kernel) for kernel in network.weights[::2])


def by_norm(network: Network) -> NDArray[np.int64]:
    """The units of the first layer in the order of their 784 weights' Euclidean norm, the largest first:
    int64 (units,). What a unit learned stands out from the noise that it began with."""
    return np.argsort(-np.linalg.norm(network.weights[0], axis=0), kind="stable")


def leaders(values: Values, bins: Histogram) -> NDArray[np.int64]:
    """Which unit has most of ``values`` (N, units) in each bin: int64 (bins,), -1 where nobody has any; of
    equal ones the first. Values outside of all bins, and those that are not finite, do not count."""
    count, units = len(bins.counts), values.shape[1]
    # As in ``model.explain.histogram``: a power of two, so nothing is rounded.
    places = np.floor(values * np.float32(2.0**-bins.exponent)) - np.float32(bins.first)
    inside = (places >= 0) & (places < count)
    owners = np.broadcast_to(np.arange(units), values.shape)[inside]
    tally = np.bincount(places[inside].astype(np.int64) * units + owners, minlength=count * units)
    by_unit = tally.reshape(count, units)
    return np.where(by_unit.any(axis=1), by_unit.argmax(axis=1), -1)


def links_onward(network: Network, layer: int, unit: int, passed: float, count: int) -> list[Link]:
    """Where a unit of layer ``layer`` (0: the pixels) that passes on ``passed`` sends it: at most ``count``
    links to units of the next layer, by contribution without its sign, the largest first."""
    parts = np.float32(passed) * network.weights[2 * layer][unit]
    order = np.argsort(-np.abs(parts), kind="stable")[:count]
    return [Link(layer, unit, end, float(parts[end])) for end in order.tolist() if parts[end] != 0]


class _Tally:
    """What is kept of one layer while images go through it; ``activation`` is ``None`` for logits."""

    def __init__(self, units: int, count: int, activation: Activation | None) -> None:
        self._activation = activation
        floor = 0 if activation == Activation.RELU else -np.inf
        self._values = np.full((units, count), floor, np.float32)
        self._images = np.full((units, count), -1, np.int32)
        self._low = np.full(units, np.inf, np.float32)
        self._high = np.full(units, -np.inf, np.float32)
        self._active = np.zeros(units, np.int64)
        self._histograms: list[Histogram] = []

    def add(self, values: Values, start: int) -> None:
        """``values`` (N, units) are those of the images from ``start`` on."""
        self._low = np.minimum(self._low, values.min(axis=0))
        self._high = np.maximum(self._high, values.max(axis=0))
        self._active += np.count_nonzero(values > 0, axis=0)
        self._histograms.append(histogram(values))
        self._keep_best(values, start)

    def _keep_best(self, values: Values, start: int) -> None:
        units, count = self._values.shape
        better = values > self._values[:, -1]
        if start == 0 and len(values) > count:
            # Nearly all are better than nothing; what cannot stay is not sorted. NaN, of a network that
            # exploded, would count as the largest.
            numbers = np.fmax(values, np.float32(-np.inf))
            better &= values >= np.partition(numbers, -count, axis=0)[-count]
        images, owners = np.nonzero(better)
        # Those kept so far come first: the sort is stable, and theirs are the earlier images.
        owner = np.concatenate([np.repeat(np.arange(units), count), owners])
        value = np.concatenate([self._values.ravel(), values[images, owners]])
        image = np.concatenate([self._images.ravel(), (start + images).astype(np.int32)])
        order = np.lexsort((-value, owner))
        firsts = np.searchsorted(owner[order], np.arange(units))
        best = order[firsts[:, None] + np.arange(count)]
        self._values, self._images = value[best], image[best]

    def result(self, images: int) -> LayerUnits:
        match self._activation:
            case None:
                dead = np.zeros(len(self._low), np.bool_)
            case Activation.RELU:
                dead = self._high == 0
            case Activation.TANH | Activation.SIGMOID:
                dead = self._high - self._low < STILL
        active = (self._active / images).astype(np.float32)
        for array in (self._images, self._values, self._low, self._high, active, dead):
            array.setflags(write=False)
        return LayerUnits(
            self._images, self._values, self._low, self._high, active, dead, added(self._histograms)
        )
