"""The forward pass in NumPy: pages ask the network without TensorFlow."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.config import Activation
from model.slices import Arrays

Values = NDArray[np.float32]
Images = NDArray[np.float32] | NDArray[np.uint8]


@dataclass(frozen=True)
class Network:
    """Trained weights, kernel and bias per layer in order, and what the hidden units do."""

    weights: Arrays
    activation: Activation

    @property
    def layer_sizes(self) -> tuple[int, ...]:
        """Units per layer, the inputs first."""
        kernels = self.weights[::2]
        return (kernels[0].shape[0], *(kernel.shape[1] for kernel in kernels))


def ink_of(images: Images) -> NDArray[np.float32]:
    """Images as the network reads them: float32 (N, 784) in [0, 1].

    ``images`` holds 784 values each, in any shape: uint8 0-255, or float already in [0, 1].
    """
    flat = images.reshape(-1, 784)
    return flat.astype(np.float32) / np.float32(255) if flat.dtype == np.uint8 else flat.astype(np.float32)


def activations(network: Network, images: Images) -> list[NDArray[np.float32]]:
    """What every layer passes on: hidden layers after their activation, then the logits (N, 10)."""
    x = ink_of(images)
    layers = []
    kernels, biases = network.weights[::2], network.weights[1::2]
    for number, (kernel, bias) in enumerate(zip(kernels, biases, strict=True), start=1):
        x = x @ kernel + bias
        if number < len(kernels):
            x = _activate(x, network.activation)
        layers.append(x)
    return layers


def logits(network: Network, images: Images) -> NDArray[np.float32]:
    """The ten sums before the softmax, float32 (N, 10)."""
    return activations(network, images)[-1]


def softmax(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each row's exponentials over their sum; the largest is subtracted first, against overflow."""
    exponentials = np.exp(values - values.max(axis=-1, keepdims=True))
    result: NDArray[np.float32] = exponentials / exponentials.sum(axis=-1, keepdims=True)
    return result


def probabilities(network: Network, images: Images) -> NDArray[np.float32]:
    """How likely the network finds each digit, float32 (N, 10), rows summing to 1."""
    return softmax(logits(network, images))


def _activate(x: NDArray[np.float32], activation: Activation) -> NDArray[np.float32]:
    match activation:
        case Activation.RELU:
            return np.maximum(x, 0)
        case Activation.TANH:
            return np.tanh(x)
        case Activation.SIGMOID:
            # The same function as 1 / (1 + exp(-x)), without its overflow.
            result: NDArray[np.float32] = np.float32(0.5) * (np.tanh(np.float32(0.5) * x) + np.float32(1))
            return result


def slope(passed: Values, activation: Activation) -> Values:
    """The derivative of the activation, from what it passed on."""
    match activation:
        case Activation.RELU:
            return (passed > 0).astype(np.float32)
        case Activation.TANH:
            return 1 - passed * passed
        case Activation.SIGMOID:
            return passed * (1 - passed)
