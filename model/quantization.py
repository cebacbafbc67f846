"""Weights in eight bits, for a browser that computes while the pen moves."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.inference import Images, Network, forward
from model.slices import Values

_MAX_CODE = 127
_TINY = 1e-6


class QuantizedLayer(NamedTuple):
    """A dense layer's weights as ``codes`` int8 (inputs, units): times ``steps`` float32 (inputs,), one an
    input, they are the weights. ``bias`` float32 (units,) as it was."""

    codes: NDArray[np.int8]
    steps: Values
    bias: Values


def quantize(network: Network, images: Images, noise: float) -> tuple[QuantizedLayer, ...]:
    """The layers of ``network``, rounded so that a unit's sum gets an error of about ``noise`` times the mean
    spread of its layer's sums over ``images`` (N, 784), where eight bits allow it.

    The error of a sum is made up of its inputs', each the rounding error of a weight, uniform with a
    standard deviation of step / sqrt(12), times the input's root mean square. Every input gets the same
    share: weights of an input that is nearly always 0 are rounded to coarse steps, and codes that are mostly
    0 compress well.
    """
    seen = forward(network, images)
    layers = []
    for layer, inputs, sums in zip(network.layers, seen.activations[:-1], seen.pre_activations, strict=True):
        size = np.sqrt(np.square(inputs).mean(axis=0))
        spread = float(sums.std(axis=0).mean())
        even = noise * spread * np.sqrt(12 / len(size)) / np.maximum(size, _TINY)
        steps = np.maximum(even, np.abs(layer.kernel).max(axis=1) / _MAX_CODE) + np.float32(_TINY)
        codes = np.rint(layer.kernel / steps[:, None]).astype(np.int8)
        layers.append(QuantizedLayer(codes, steps.astype(np.float32), layer.bias))
    return tuple(layers)
