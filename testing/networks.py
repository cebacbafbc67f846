"""Networks that nobody trained, and what a browser makes of one."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from model.config import Activation
from model.inference import ForwardPass, Images, Network, forward
from model.quantization import QuantizedLayer
from model.slices import Arrays

HIDDEN = [(), (16,), (24, 16), (32, 24, 16, 8)]
# A test of ``activation`` and ``hidden``, with every activation and every shape.
everywhere = pytest.mark.parametrize(
    ("activation", "hidden"), [(activation, hidden) for activation in Activation for hidden in HIDDEN]
)


def made_up(hidden: tuple[int, ...], activation: Activation = Activation.RELU, seed: int = 0) -> Network:
    """A network with random weights and biases."""
    rng = np.random.default_rng(seed)
    weights: list[Any] = []
    for fan_in, fan_out in pairwise((784, *hidden, 10)):
        weights.append(rng.normal(0, 1.5 / np.sqrt(fan_in), (fan_in, fan_out)).astype(np.float32))
        weights.append(rng.normal(0, 0.3, fan_out).astype(np.float32))
    return Network.from_arrays(tuple(weights), activation)


def through(network: Network, image: Images) -> ForwardPass:
    """The way of one image through ``network``."""
    return forward(network, image).image(0)


def dequantize(layers: tuple[QuantizedLayer, ...]) -> Arrays:
    """Kernel and bias of each layer in order, as ``Network.from_arrays`` takes them."""
    return tuple(array for layer in layers for array in (layer.codes * layer.steps[:, None], layer.bias))
