"""What each pixel of the ink contributes to a logit: integrated gradients."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.config import CLASSES
from model.drawing.strokes import Ink
from model.inference import Images, Network, Values, activations, ink_of, slope

# Where integrating begins, what it is content with as a share of all that the value moves on its way,
# and when it gives up. On 60 test images the lesson's network takes 60 gradients at the median and the
# starter 1,400; the pixels then miss their sum by 0.13 % at most. Cut into equal pieces, the way takes
# 500 gradients for the lesson's network to miss by less than 1 % on every image, and more for the starter.
_FIRST_PIECES = 16
_TOLERANCE = 3e-3
_MOST_GRADIENTS = 2_000


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
        """What all pixels that speak for it add together; zero or positive."""
        return float(self.pixels[self.pixels > 0].sum())

    @property
    def taken(self) -> float:
        """Zero or negative."""
        return float(self.pixels[self.pixels < 0].sum())


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


def _value_and_gradient(network: Network, images: Images, direction: Values) -> tuple[Values, Values]:
    """``direction`` times the logits, float32 (N,), and its gradient by the pixels, (N, 784)."""
    layers = activations(network, images)
    kernels = network.weights[::2]
    gradient = np.tile(kernels[-1] @ direction, (len(layers[-1]), 1))
    for kernel, passed in zip(kernels[-2::-1], layers[-2::-1], strict=True):
        gradient = (gradient * slope(passed, network.activation)) @ kernel.T
    return layers[-1] @ direction, gradient
