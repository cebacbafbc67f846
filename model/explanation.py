"""What an answer depends on: the ink's contributions, single strokes, likenesses, the strongest links."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.config import CLASSES, Activation
from model.drawing.strokes import Ink, Stroke, prepare
from model.inference import Images, Network, activations, ink_of

Values = NDArray[np.float32]

# Where integrating begins, what it is content with as a share of all that the value moves on its way,
# and when it gives up. On 60 test images the lesson's network takes 60 gradients at the median and the
# starter 1,400; the pixels then miss their sum by 0.13 % at most. Cut into equal pieces, the way takes
# 500 gradients for the lesson's network to miss by less than 1 % on every image, and more for the starter.
_FIRST_PIECES = 16
_TOLERANCE = 3e-3
_MOST_GRADIENTS = 2_000
# Images that go through the network at once, and how many of the nearest are measured again exactly.
_CHUNK = 4_096
_SHORTLIST = 100


@dataclass(frozen=True)
class Contributions:
    """What each of 784 pixels, float64 (784,), added to a value between a blank and the ink.

    ``blank`` and ``ink`` are the value at both ends; the pixels add up to their difference.
    ``gradients`` is how many were needed for that.
    """

    pixels: NDArray[np.float64]
    blank: float
    ink: float
    gradients: int

    @property
    def added(self) -> float:
        return float(self.pixels[self.pixels > 0].sum())

    @property
    def taken(self) -> float:
        """Zero or negative."""
        return float(self.pixels[self.pixels < 0].sum())


@dataclass(frozen=True)
class Link:
    """From unit ``start`` of layer ``layer`` (0: the pixels) to unit ``end`` of the next, and what
    it adds to that unit's sum: activation times weight."""

    layer: int
    start: int
    end: int
    contribution: float


@dataclass(frozen=True)
class Features:
    """What the last hidden layer makes of many images, kept small: ``values`` int8 (N, units) times
    ``steps`` float32 (units,); ``squares`` float32 (N,) are their squared lengths."""

    values: NDArray[np.int8]
    steps: Values
    squares: Values


@dataclass(frozen=True)
class Neighbours:
    """``places`` of the nearest images among those that ``Features`` was made of, their Euclidean
    ``distances``, and the ``median`` distance of all, for comparison."""

    places: tuple[int, ...]
    distances: tuple[float, ...]
    median: float


def toward(digit: int, other: int | None = None) -> Values:
    """What picks a value from the logits, float32 (10,): the logit of ``digit``, minus that of ``other``."""
    direction = np.zeros(CLASSES, np.float32)
    direction[digit] += 1
    if other is not None:
        direction[other] -= 1
    return direction


def input_gradient(network: Network, images: Images, direction: Values) -> Values:
    """How fast ``direction`` times the logits grows with each pixel's ink: float32 (N, 784)."""
    return _value_and_gradient(network, images, direction)[1]


def integrated_gradients(
    network: Network, ink: Ink, direction: Values, tolerance: float = _TOLERANCE
) -> Contributions:
    """What each pixel adds to ``direction`` times the logits while the ink appears from a blank.

    Each pixel's ink times the mean of its gradient along the straight way from all 0 to ``ink``
    (Sundararajan, Taly and Yan 2017). The way is cut into pieces with one gradient in the middle of
    each. A piece has to add up to what the value moves on it; one that does not is halved, which
    finds the places where units of a ReLU network switch. The pixels miss the difference by at most
    ``tolerance`` times all that the value moves on its way, up and down, unless that takes more than
    2,000 gradients.
    """
    x = ink_of(ink)[0]
    edges = np.linspace(0, 1, _FIRST_PIECES + 1, dtype=np.float32)
    values = _value_and_gradient(network, edges[:, None] * x, direction)[0].astype(np.float64)
    blank, full = float(values[0]), float(values[-1])
    left, right, at_left, at_right = edges[:-1], edges[1:], values[:-1], values[1:]
    means, used = np.zeros(784), 0
    allowed = tolerance * float(np.abs(np.diff(values)).sum())
    while len(left):
        middle = (left + right) / 2
        at_middle, gradients = _value_and_gradient(network, middle[:, None] * x, direction)
        used += len(middle)
        errors = np.abs((right - left) * (gradients @ x) - (at_right - at_left))
        # Pieces within their share of what is left are done, and use up what they miss by.
        halved = errors > allowed / len(left)
        if used + 2 * np.count_nonzero(halved) > _MOST_GRADIENTS:
            halved[:] = False
        allowed -= float(errors[~halved].sum())
        means += ((right - left)[~halved, None] * gradients[~halved]).sum(axis=0, dtype=np.float64)
        left, middle, right = left[halved], middle[halved], right[halved]
        at_left, at_middle, at_right = at_left[halved], at_middle[halved], at_right[halved]
        left, right = np.append(left, middle), np.append(middle, right)
        at_left, at_right = np.append(at_left, at_middle), np.append(at_middle, at_right)
    return Contributions(means * x, blank, full, used)


def without(strokes: Sequence[Stroke], left_out: int) -> Ink | None:
    """The ink as if stroke ``left_out`` (from 0) had never been drawn: the others are prepared anew."""
    return prepare([*strokes[:left_out], *strokes[left_out + 1 :]])


def longest(strokes: Sequence[Stroke], count: int) -> list[int]:
    """Which strokes, at most ``count``, have the longest way of the pen, in the order they were drawn."""
    lengths = [float(np.linalg.norm(np.diff(stroke, axis=0), axis=1).sum()) for stroke in strokes]
    order = np.argsort([-length for length in lengths], kind="stable")
    return sorted(order[:count].tolist())


def last_hidden(network: Network, images: Images) -> Values:
    """What the last hidden layer passes on, float32 (N, units); the logits where there is none."""
    layers = activations(network, images)
    return layers[-2] if len(layers) > 1 else layers[-1]


def features(network: Network, images: Images) -> Features:
    """``last_hidden`` of many images, rounded to 1/127 of each unit's largest value."""
    flat = images.reshape(-1, 784)
    exact = np.concatenate([last_hidden(network, flat[chunk]) for chunk in _chunks(len(flat))])
    steps = np.abs(exact).max(axis=0) / np.float32(127)
    steps[steps == 0] = 1
    exact = np.round(exact / steps, out=exact)
    values = exact.astype(np.int8)
    return Features(values, steps, np.square(exact * steps, out=exact).sum(axis=1))


def nearest(
    network: Network, known: Features, images: Images, ink: Ink, count: int, among: NDArray[np.bool_]
) -> Neighbours:
    """The ``count`` of ``images`` that are nearest to ``ink`` in the last hidden layer, nearest first.

    ``known`` are the features of ``images``; ``among`` bool (N,), not all false, says which to look
    at. The rounded features choose a shortlist, which is then measured exactly.
    """
    point = last_hidden(network, ink)[0]
    products = [
        known.values[chunk].astype(np.float32) @ (known.steps * point) for chunk in _chunks(len(among))
    ]
    squares = np.maximum(known.squares - 2 * np.concatenate(products) + point @ point, 0)
    candidates = np.flatnonzero(among)
    shortlist = candidates[np.argsort(squares[candidates], kind="stable")[:_SHORTLIST]]
    exact = np.linalg.norm(last_hidden(network, images[shortlist]) - point, axis=1)
    order = np.argsort(exact, kind="stable")[:count]
    median = float(np.sqrt(np.median(squares[candidates])))
    return Neighbours(tuple(shortlist[order].tolist()), tuple(exact[order].tolist()), median)


def _chunks(count: int) -> list[slice]:
    return [slice(start, start + _CHUNK) for start in range(0, count, _CHUNK)]


def strongest_links(network: Network, ink: Ink, digit: int, count: int) -> list[Link]:
    """The links that speak loudest on the way to ``digit``, at most ``count`` between two layers.

    Traced back from the logit of ``digit``: the largest contributions to it, without their sign,
    then the largest to the units where these begin, and so on down to the pixels.
    """
    passed = [ink_of(ink)[0], *(layer[0] for layer in activations(network, ink)[:-1])]
    kernels = network.weights[::2]
    links: list[Link] = []
    ends = np.array([digit])
    for layer in reversed(range(len(kernels))):
        parts = passed[layer][:, None] * kernels[layer][:, ends]
        order = np.argsort(-np.abs(parts), axis=None, kind="stable")[:count]
        starts, places = np.unravel_index(order, parts.shape)
        found = [
            Link(layer, start, int(ends[place]), float(parts[start, place]))
            for start, place in zip(starts.tolist(), places.tolist(), strict=True)
            if parts[start, place] != 0
        ]
        links = found + links
        ends = np.unique(np.array([link.start for link in found], np.int64))
    return links


def _value_and_gradient(network: Network, images: Images, direction: Values) -> tuple[Values, Values]:
    """``direction`` times the logits, float32 (N,), and its gradient by the pixels, (N, 784)."""
    layers = activations(network, images)
    kernels = network.weights[::2]
    gradient = np.tile(kernels[-1] @ direction, (len(layers[-1]), 1))
    for kernel, passed in zip(kernels[-2::-1], layers[-2::-1], strict=True):
        gradient = (gradient * slope(passed, network.activation)) @ kernel.T
    return layers[-1] @ direction, gradient


def slope(passed: Values, activation: Activation) -> Values:
    """The derivative of the activation, from what it passed on."""
    match activation:
        case Activation.RELU:
            return (passed > 0).astype(np.float32)
        case Activation.TANH:
            return 1 - passed * passed
        case Activation.SIGMOID:
            return passed * (1 - passed)
