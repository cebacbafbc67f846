"""One training step by hand, held against TensorFlow's tape and Keras' own step."""

from typing import Any

import numpy as np
import pytest

from model.config import Activation, TrainingConfig
from model.data import mnist
from model.explain.backpropagation import TrainingStep, training_step
from model.inference import Network, ink_of
from model.slices import initial_state
from model.starter import recording
from runs.local_engine import LocalEngine
from testing.networks import through
from tests.integration.oracle import keras_step, tape

LABEL = 7


def _slopes_at_zero() -> dict[str, list[float]]:
    """The derivative of each activation at 0 and beside it, by TensorFlow."""
    import keras
    import tensorflow as tf

    x = tf.constant([-1e-3, -0.0, 0.0, 1e-3])
    slopes = {}
    for name in ("relu", "tanh", "sigmoid"):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = keras.activations.get(name)(x)
        slopes[name] = tape.gradient(y, x).numpy().tolist()
    return slopes


def _assert_alike(found: Any, expected: Any) -> None:
    assert len(found) == len(expected)
    for ours, theirs in zip(found, expected, strict=True):
        assert ours.shape == theirs.shape
        largest = np.abs(theirs).max()
        assert largest > 1e-7
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=2e-5 * largest)


def _assert_alike_everywhere(step: TrainingStep, expected: dict[str, Any]) -> None:
    pairs = zip(step.grad_weights, step.grad_pre_activations, strict=True)
    _assert_alike([array for pair in pairs for array in pair], expected["grad_weights"])
    _assert_alike(step.before.activations, expected["activations"])
    _assert_alike(step.before.pre_activations, expected["pre_activations"])
    _assert_alike(step.grad_pre_activations, expected["grad_pre_activations"])
    _assert_alike(step.grad_activations, expected["grad_activations"])


@pytest.mark.parametrize("l2", [0, 0.003])
@pytest.mark.parametrize("activation", list(Activation))
@pytest.mark.parametrize("hidden", [(), (24,), (64, 48, 32, 16)])
def test_every_number_of_a_step_is_that_of_a_gradient_tape(
    engine: LocalEngine, hidden: tuple[int, ...], activation: Activation, l2: float
) -> None:
    config = TrainingConfig(hidden_layers=hidden, activation=activation, l2=l2)
    weights, ink = initial_state(config).weights, ink_of(mnist.load("test").images[0])
    expected = engine.submit(tape, config, weights, ink, LABEL).result(timeout=100)
    found = training_step(
        through(Network.from_arrays(weights, activation), ink), LABEL, config.learning_rate, l2
    )
    _assert_alike_everywhere(found, expected)
    assert (found.loss.cross_entropy, found.loss.total) == pytest.approx(expected["losses"], rel=1e-5)


@pytest.mark.parametrize("l2", [0, 0.003])
@pytest.mark.parametrize("activation", list(Activation))
@pytest.mark.parametrize("hidden", [(), (24,), (64, 48, 32, 16)])
def test_the_update_and_both_losses_are_those_of_keras_own_step(
    engine: LocalEngine, hidden: tuple[int, ...], activation: Activation, l2: float
) -> None:
    config = TrainingConfig(hidden_layers=hidden, activation=activation, l2=l2, learning_rate=0.05)
    weights, ink = initial_state(config).weights, ink_of(mnist.load("test").images[0])
    before, after, loss_after = engine.submit(keras_step, config, weights, ink, LABEL).result(timeout=100)
    found = training_step(
        through(Network.from_arrays(weights, activation), ink), LABEL, config.learning_rate, l2
    )
    for ours, theirs, old in zip(found.after.network.weights, after, weights, strict=True):
        change = np.abs(theirs - old).max()
        # A weight that moves by a little is rounded to the next float32, here or there.
        rounding = np.spacing(np.abs(theirs).max())
        assert change > 1e-5 > 100 * rounding
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=2e-5 * change + rounding)
    assert found.loss.total == pytest.approx(before, rel=1e-5)
    assert found.loss_after.total == pytest.approx(loss_after, rel=1e-5)
    assert abs(before - loss_after) > 1e-3


def test_a_step_of_the_lessons_network_on_a_digit_it_misreads_is_that_of_a_gradient_tape(
    engine: LocalEngine,
) -> None:
    lesson, test = recording.load(), mnist.load("test")
    for place, answer in ((15, 5), (8, 6)):  # two fives, and it takes the second for a 6
        ink, label = ink_of(test.images[place]), int(test.labels[place])
        expected = engine.submit(tape, lesson.config, lesson.weights[-1], ink, label).result(timeout=100)
        found = training_step(through(lesson.network, ink), label, lesson.config.learning_rate)
        assert (label, int(found.before.probabilities.argmax())) == (5, answer)
        _assert_alike_everywhere(found, expected)
        assert found.loss.total == pytest.approx(expected["losses"][1], rel=1e-4)


def test_slopes_at_0_are_those_of_keras(engine: LocalEngine) -> None:
    expected = engine.submit(_slopes_at_zero).result(timeout=100)
    for activation in Activation:
        biases = np.array([-1e-3, -0.0, 0.0, 1e-3, 0, 0, 0, 0], np.float32)
        weights = (np.zeros((784, 8)), biases, np.ones((8, 10)), np.zeros(10))
        network = Network.from_arrays(tuple(array.astype(np.float32) for array in weights), activation)
        step = training_step(through(network, np.ones(784, np.float32)), LABEL, 0.1)
        assert step.derivatives[0][:4].tolist() == pytest.approx(expected[activation], abs=1e-6)
