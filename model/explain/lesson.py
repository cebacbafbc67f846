"""Small true calculations for the lesson: one unit's sum, and the loss along one weight."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.inference import Images, Network, activations, ink_of, softmax


@dataclass(frozen=True)
class UnitSum:
    """A unit of the first layer at work: ``total`` = sum of weight times input, plus ``bias``;
    ``output`` after the activation. ``unit`` counts from 0."""

    unit: int
    weighted: float
    bias: float
    total: float
    output: float


def strongest_unit(network: Network, image: Images) -> UnitSum:
    """The unit of the first hidden layer that answers ``image`` (784 values) most strongly."""
    kernel, bias = network.weights[0], network.weights[1]
    outputs = activations(network, image)[0][0]
    unit = int(outputs.argmax())
    weighted = float(ink_of(image)[0] @ kernel[:, unit])
    return UnitSum(unit, weighted, float(bias[unit]), weighted + float(bias[unit]), float(outputs[unit]))


@dataclass(frozen=True)
class WeightLoss:
    """The mean cross-entropy of some images as one weight of the last layer moves.

    ``hidden`` float32 (N,): what arrives over this link; ``sums`` float32 (N, 10): the logits at the
    trained weight; ``labels`` uint8 (N,); the link leads to digit ``digit``; ``trained`` its weight.
    """

    hidden: NDArray[np.float32]
    sums: NDArray[np.float32]
    labels: NDArray[np.uint8]
    digit: int
    trained: float

    def loss(self, weight: float) -> float:
        """Mean cross-entropy in nats where the link has this weight."""
        likely = self._probabilities(weight)[np.arange(len(self.labels)), self.labels]
        return float(-np.log(np.maximum(likely, 1e-30)).mean())

    def gradient(self, weight: float) -> float:
        """The slope of ``loss``: for softmax with cross-entropy (p - y) times the input, on average."""
        surplus = self._probabilities(weight)[:, self.digit] - (self.labels == self.digit)
        return float((surplus * self.hidden).mean())

    def descend(self, start: float, learning_rate: float, steps: int) -> list[float]:
        """The weights that SGD visits from ``start``, that one included."""
        visited = [start]
        for _ in range(steps):
            visited.append(visited[-1] - learning_rate * self.gradient(visited[-1]))
        return visited

    def _probabilities(self, weight: float) -> NDArray[np.float32]:
        sums = self.sums.copy()
        sums[:, self.digit] += np.float32(weight - self.trained) * self.hidden
        return softmax(sums)


def busiest_link(network: Network, images: Images, labels: NDArray[np.uint8]) -> WeightLoss:
    """The link into the last layer that carries most on these images, and the loss along its weight."""
    layers = activations(network, images)
    hidden = layers[-2] if len(layers) > 1 else ink_of(images)
    kernel = network.weights[-2]
    carried = np.abs(kernel) * np.abs(hidden).mean(axis=0)[:, None]
    unit, digit = np.unravel_index(int(carried.argmax()), carried.shape)
    return WeightLoss(hidden[:, unit], layers[-1], labels, int(digit), float(kernel[unit, digit]))
