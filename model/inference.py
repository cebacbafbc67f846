"""The network and its forward pass in NumPy: pages ask it without TensorFlow."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from model.activations import ACTIVATIONS
from model.config import Activation
from model.slices import Arrays, Values, read_only

Images = NDArray[np.float32] | NDArray[np.uint8]
Float = TypeVar("Float", bound=np.floating[Any])


class Layer(NamedTuple):
    """A dense layer: ``kernel`` float32 (inputs, units), ``bias`` float32 (units,), and its ``activation``.

    The last layer's activation is ``None``: it puts out its pre-activations, which are the logits. The
    softmax is no part of a layer.
    """

    kernel: Values
    bias: Values
    activation: Activation | None = None

    def pre_activations(self, inputs: Values) -> Values:
        """z = inputs W + b: float32 (N, units) of ``inputs`` (N, inputs)."""
        result: Values = inputs @ self.kernel + self.bias
        return result

    def activate(self, pre_activations: Values) -> Values:
        """a = f(z), elementwise."""
        if self.activation is None:
            return pre_activations
        return ACTIVATIONS[self.activation].function(pre_activations)


@dataclass(frozen=True)
class Network:
    """A trained network: its ``layers`` in order, the last one linear."""

    layers: tuple[Layer, ...]

    @classmethod
    def from_arrays(cls, weights: Arrays, activation: Activation) -> "Network":
        """From the arrays of a ``TrainingState``, kernel and bias per layer in order, as Keras has them;
        ``activation`` is that of the hidden layers."""
        pairs = list(zip(weights[::2], weights[1::2], strict=True))
        hidden = [Layer(kernel, bias, activation) for kernel, bias in pairs[:-1]]
        return cls((*hidden, Layer(*pairs[-1])))

    @property
    def weights(self) -> Arrays:
        """The arrays that ``from_arrays`` takes."""
        return tuple(array for layer in self.layers for array in (layer.kernel, layer.bias))

    @property
    def activation(self) -> Activation:
        """That of the hidden layers; ReLU where there are none."""
        return self.layers[0].activation or Activation.RELU

    @property
    def layer_sizes(self) -> tuple[int, ...]:
        """Units per layer, the inputs first."""
        return (len(self.layers[0].kernel), *(len(layer.bias) for layer in self.layers))


@dataclass(frozen=True)
class ForwardPass:
    """Images on their way through ``network``; all arrays are float32 and read-only.

    With L layers and N images: ``ink`` (N, 784); ``pre_activations``, L, each (N, units), the last being
    the logits; ``hidden``, L - 1, the activations of the hidden layers. Of ``image`` the first axis is
    missing everywhere.
    """

    network: Network
    ink: Values
    pre_activations: Arrays
    hidden: Arrays

    @property
    def logits(self) -> Values:
        """The ten pre-activations before the softmax, (N, 10)."""
        return self.pre_activations[-1]

    @cached_property
    def probabilities(self) -> Values:
        """The softmax of the logits, (N, 10), rows summing to 1."""
        return read_only([softmax(self.logits)])[0]

    @property
    def activations(self) -> Arrays:
        """L + 1: the ink, which goes into layer 0, the hidden layers' activations, and the probabilities."""
        return (self.ink, *self.hidden, self.probabilities)

    @property
    def outputs(self) -> Arrays:
        """What each of the L layers puts out: the hidden layers' activations, then the logits."""
        return (*self.hidden, self.logits)

    def image(self, index: int) -> "ForwardPass":
        """The pass of one image."""
        return ForwardPass(
            self.network,
            self.ink[index],
            tuple(layer[index] for layer in self.pre_activations),
            tuple(layer[index] for layer in self.hidden),
        )


def ink_of(images: Images) -> Values:
    """Images as the network reads them: float32 (N, 784) in [0, 1].

    ``images`` holds 784 values each, in any shape: uint8 0-255, or float already in [0, 1].
    """
    flat = images.reshape(-1, 784)
    return flat.astype(np.float32) / np.float32(255) if flat.dtype == np.uint8 else flat.astype(np.float32)


def forward(network: Network, images: Images) -> ForwardPass:
    """``images`` on their way through ``network``."""
    ink = ink_of(images)
    activations: list[Values] = [ink]
    pre_activations: list[Values] = []
    for layer in network.layers:
        pre_activations.append(layer.pre_activations(activations[-1]))
        activations.append(layer.activate(pre_activations[-1]))
    return ForwardPass(network, ink, read_only(pre_activations), read_only(activations)[1:-1])


def logits(network: Network, images: Images) -> Values:
    """The logits alone, float32 (N, 10): of many images, without keeping what each layer puts out."""
    values = ink_of(images)
    for layer in network.layers:
        values = layer.activate(layer.pre_activations(values))
    return values


def softmax(values: Values) -> Values:
    """Each row's exponentials over their sum; the largest is subtracted first, against overflow."""
    exponentials = np.exp(values - values.max(axis=-1, keepdims=True))
    result: Values = exponentials / exponentials.sum(axis=-1, keepdims=True)
    return result


def probabilities(network: Network, images: Images) -> Values:
    """The probability of each digit, float32 (N, 10), rows summing to 1."""
    return softmax(logits(network, images))


def cross_entropy(logits: NDArray[Float], labels: NDArray[np.integer[Any]]) -> NDArray[Float]:
    """-log of the probability of each label, in nats and in the precision of the logits: (N,).

    ``logits`` (N, 10), ``labels`` (N,). From the logits, not from the probabilities: it stays exact where
    a probability is too small for a float32, or too near 1.
    """
    shifted = logits - logits.max(axis=1, keepdims=True)
    of_label = np.take_along_axis(shifted, labels[:, None], axis=1)[:, 0]
    result: NDArray[Float] = np.log(np.exp(shifted).sum(axis=1)) - of_label
    return result


def l2_penalty(network: Network, l2: float) -> float:
    """``l2`` times the sum of all squared weights, biases apart, as Keras counts it."""
    return l2 * sum(float(np.square(layer.kernel).sum()) for layer in network.layers)
