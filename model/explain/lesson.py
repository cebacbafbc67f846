"""Small true calculations for the lesson: the loss along one weight."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.inference import Images, Network, cross_entropy, forward, softmax
from model.slices import Values


@dataclass(frozen=True)
class WeightLoss:
    """The mean cross-entropy of some images as one weight of the last layer moves.

    ``inputs`` float32 (N,): what arrives over this link; ``logits`` float32 (N, 10): those at the
    trained weight; ``labels`` uint8 (N,); the link leads to digit ``digit``; ``trained`` its weight.
    """

    inputs: Values
    logits: Values
    labels: NDArray[np.uint8]
    digit: int
    trained: float

    def loss(self, weight: float) -> float:
        """Mean cross-entropy in nats where the link has this weight."""
        return float(cross_entropy(self._logits(weight), self.labels).mean())

    def gradient(self, weight: float) -> float:
        """The slope of ``loss``: for softmax with cross-entropy (p - y) times the input, on average."""
        surplus = softmax(self._logits(weight))[:, self.digit] - (self.labels == self.digit)
        return float((surplus * self.inputs).mean())

    def descend(self, start: float, learning_rate: float, steps: int) -> list[float]:
        """The weights that SGD visits from ``start``, that one included."""
        visited = [start]
        for _ in range(steps):
            visited.append(visited[-1] - learning_rate * self.gradient(visited[-1]))
        return visited

    def _logits(self, weight: float) -> Values:
        logits = self.logits.copy()
        logits[:, self.digit] += np.float32(weight - self.trained) * self.inputs
        return logits


def busiest_link(network: Network, images: Images, labels: NDArray[np.uint8]) -> WeightLoss:
    """The link into the last layer that carries most on these images, and the loss along its weight."""
    seen = forward(network, images)
    inputs, kernel = seen.activations[-2], network.layers[-1].kernel
    carried = np.abs(kernel) * np.abs(inputs).mean(axis=0)[:, None]
    unit, digit = np.unravel_index(int(carried.argmax()), carried.shape)
    return WeightLoss(inputs[:, unit], seen.logits, labels, int(digit), float(kernel[unit, digit]))
