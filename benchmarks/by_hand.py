"""The recipe by hand, in plain NumPy: ReLU layers, softmax, cross-entropy, SGD or Adam.

``Weights`` are a kernel (inputs, units) and a bias (units,) per layer, in order; their dtype decides
in what precision everything is computed.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.config import Optimizer, TrainingConfig
from model.slices import epoch_order, initial_state

Floats = NDArray[np.floating[Any]]
Weights = Sequence[Floats]
Update = Callable[[Weights, Weights], None]

# As Keras sets them.
_BETA_1, _BETA_2, _EPSILON = 0.9, 0.999, 1e-7


def epochs(config: TrainingConfig, x: Floats, labels: NDArray[np.uint8]) -> Iterator[Weights]:
    """Train on pixels ``x`` (N, 784) in [0, 1], from a run's own initial weights and in its own order of
    the images; the weights after every epoch, which the next one changes in place."""
    weights = [array.astype(x.dtype) for array in initial_state(config).weights]
    update = adam(config.learning_rate) if config.optimizer == Optimizer.ADAM else sgd(config.learning_rate)
    for epoch in range(1, config.epochs + 1):
        order = epoch_order(config, epoch)
        for first in range(0, len(order), config.batch_size):
            rows = order[first : first + config.batch_size]
            update(weights, gradients(weights, x[rows], labels[rows]))
        yield weights


def layer_outputs(weights: Weights, x: Floats) -> list[Floats]:
    """``x`` (N, inputs), what every hidden layer makes of it, and the logits (N, 10)."""
    outputs = [x]
    for number in range(0, len(weights), 2):
        z = outputs[-1] @ weights[number]
        z += weights[number + 1]
        outputs.append(np.maximum(z, 0, out=z) if number + 2 < len(weights) else z)
    return outputs


def log_softmax(logits: Floats) -> Floats:
    shifted: Floats = logits - logits.max(axis=1, keepdims=True)
    shifted -= np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return shifted


def score(weights: Weights, x: Floats, labels: NDArray[np.uint8]) -> tuple[float, float]:
    """Mean cross-entropy in nats and accuracy 0-1."""
    probabilities = log_softmax(layer_outputs(weights, x)[-1])
    loss = -np.take_along_axis(probabilities, labels[:, None].astype(np.intp), axis=1).mean()
    return float(loss), float(np.mean(probabilities.argmax(axis=1) == labels))


def gradients(weights: Weights, x: Floats, labels: NDArray[np.uint8]) -> Weights:
    """Of the mean cross-entropy over ``x``, for every array of ``weights``."""
    outputs = layer_outputs(weights, x)
    slope: Floats = np.exp(log_softmax(outputs[-1]))
    slope[np.arange(len(labels)), labels] -= 1
    slope /= len(labels)
    found: list[Floats] = []
    for layer in reversed(range(len(weights) // 2)):
        found = [outputs[layer].T @ slope, slope.sum(axis=0), *found]
        if layer:
            slope = slope @ weights[2 * layer].T
            slope *= outputs[layer] > 0
    return found


def sgd(rate: float) -> Update:
    def update(weights: Weights, gradients: Weights) -> None:
        for weight, gradient in zip(weights, gradients, strict=True):
            weight -= rate * gradient

    return update


def adam(rate: float) -> Update:
    """Kingma and Ba 2015, with epsilon where Keras has it (section 2, "epsilon hat")."""
    step = 0
    moments: list[tuple[Floats, Floats]] = []

    def update(weights: Weights, gradients: Weights) -> None:
        nonlocal step
        if not moments:
            moments.extend((np.zeros_like(weight), np.zeros_like(weight)) for weight in weights)
        step += 1
        scale = rate * (1 - _BETA_2**step) ** 0.5 / (1 - _BETA_1**step)
        for weight, gradient, (mean, square) in zip(weights, gradients, moments, strict=True):
            mean += (1 - _BETA_1) * (gradient - mean)
            square += (1 - _BETA_2) * (gradient * gradient - square)
            weight -= scale * mean / (np.sqrt(square) + _EPSILON)

    return update
