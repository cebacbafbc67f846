"""The gradient by hand, held against TensorFlow's."""

from typing import Any

import numpy as np
import pytest

from model.config import Activation, TrainingConfig
from model.data import mnist
from model.explain.integrated_gradients import input_gradient, logit_direction
from model.inference import Network, forward, ink_of
from model.slices import Arrays, initial_state
from model.starter import starter
from runs.local_engine import LocalEngine


def _keras_gradient(config: TrainingConfig, weights: Arrays, ink: np.ndarray, digit: int, other: int) -> Any:
    """The gradient of a difference of logits by the pixels, in the engine's process."""
    import keras
    import tensorflow as tf

    from model.training.network import build_mlp

    model = build_mlp(config)
    model.set_weights(list(weights))
    # The sums before the softmax: the same layer without its activation.
    model.layers[-1].activation = keras.activations.linear
    x = tf.Variable(ink)
    with tf.GradientTape() as tape:
        logits = model(x, training=False)
        value = tf.reduce_sum(logits[:, digit] - logits[:, other])
    return tape.gradient(value, x).numpy()


@pytest.mark.parametrize("activation", list(Activation))
@pytest.mark.parametrize("hidden", [(), (24,), (100, 50), (64, 48, 32, 16)])
def test_the_gradient_by_the_pixels_is_that_of_a_gradient_tape(
    engine: LocalEngine, hidden: tuple[int, ...], activation: Activation
) -> None:
    config = TrainingConfig(hidden_layers=hidden, activation=activation)
    weights, ink = initial_state(config).weights, ink_of(mnist.load("test").images[:4])
    expected = engine.submit(_keras_gradient, config, weights, ink, 7, 1).result(timeout=100)
    found = input_gradient(forward(Network.from_arrays(weights, activation), ink), logit_direction(7, 1))
    assert np.abs(expected).max() > 1e-5
    np.testing.assert_allclose(found, expected, atol=1e-5 * np.abs(expected).max())


def test_the_starters_gradient_is_that_of_a_gradient_tape(engine: LocalEngine) -> None:
    network = starter.load().network
    config = TrainingConfig(hidden_layers=network.layer_sizes[1:-1], activation=network.activation)
    ink = ink_of(mnist.load("test").images[:4])
    expected = engine.submit(_keras_gradient, config, network.weights, ink, 4, 9).result(timeout=100)
    found = input_gradient(forward(network, ink), logit_direction(4, 9))
    np.testing.assert_allclose(found, expected, atol=1e-4 * np.abs(expected).max())
