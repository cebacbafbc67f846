"""Each number of a training step, held against finite differences of a loss in float64."""

from typing import Any

import numpy as np
import pytest

from model.config import Activation
from model.data import mnist
from model.explain.backpropagation import TrainingStep, backward_sum, link_step, training_step, unit_sum
from model.explain.integrated_gradients import input_gradient, logit_direction
from model.inference import Network, forward, ink_of, probabilities
from testing.networks import made_up, through

HIDDEN = [(), (6,), (9, 7, 6, 5)]
LABEL, RATE, L2 = 3, 0.05, 0.004
FUNCTIONS: dict[str, Any] = {
    "relu": lambda v: v * (v > 0),
    "tanh": np.tanh,
    "sigmoid": lambda v: 1 / (1 + np.exp(-v)),
}
everywhere = pytest.mark.parametrize(
    ("activation", "hidden"), [(activation, hidden) for activation in Activation for hidden in HIDDEN]
)


def exact_loss(
    weights: Any, activation: str, x: np.ndarray, l2: float, moved: tuple[str, int] | None = None, by: Any = 0
) -> np.ndarray:
    """The loss in float64 by the formulas, (N,), where ``by`` is added to one of the pre-activations or
    activations on the way, ``moved`` being its kind and its layer."""
    weights = [array.astype(np.float64) for array in weights]
    x = x.astype(np.float64).reshape(1, 784)
    for layer in range(len(weights) // 2):
        x = x + (by if moved == ("activations", layer) else 0)
        x = x @ weights[2 * layer] + weights[2 * layer + 1]
        x = x + (by if moved == ("pre_activations", layer) else 0)
        if layer < len(weights) // 2 - 1:
            x = FUNCTIONS[activation](x)
    probabilities = np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)
    return np.asarray(
        -np.log(probabilities[:, LABEL]) + l2 * sum((kernel**2).sum() for kernel in weights[::2])
    )


def differences(network: Network, x: np.ndarray, moved: tuple[str, int], units: int) -> np.ndarray:
    h = 1e-6
    up, down = (
        exact_loss(network.weights, network.activation, x, 0, moved, sign * h * np.eye(units))
        for sign in (1, -1)
    )
    return np.asarray((up - down) / (2 * h))


def assert_alike(found: np.ndarray, expected: np.ndarray) -> None:
    assert found.dtype == np.float32
    assert found.shape == expected.shape
    assert np.abs(expected).max() > 1e-6
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-4 * np.abs(expected).max())


@pytest.fixture(scope="module")
def image() -> np.ndarray:
    return np.asarray(ink_of(mnist.load("test").images[5])[0])


def gradients(step: TrainingStep) -> list[np.ndarray]:
    """In the order of the network's weights."""
    pairs = zip(step.grad_weights, step.grad_pre_activations, strict=True)
    return [array for pair in pairs for array in pair]


def step_of(image: np.ndarray, hidden: tuple[int, ...], activation: Activation) -> TrainingStep:
    return training_step(through(made_up(hidden, activation), image), LABEL, RATE, L2)


@everywhere
def test_gradients_by_sums_and_activations_are_finite_differences(
    image: np.ndarray, activation: Activation, hidden: tuple[int, ...]
) -> None:
    step = step_of(image, hidden, activation)
    assert len(step.grad_pre_activations) == len(step.grad_activations) == len(hidden) + 1
    for layer, units in enumerate((*hidden, 10)):
        assert_alike(
            step.grad_pre_activations[layer],
            differences(step.network, image, ("pre_activations", layer), units),
        )
    for layer, units in enumerate((784, *hidden)):
        assert_alike(
            step.grad_activations[layer], differences(step.network, image, ("activations", layer), units)
        )


@everywhere
@pytest.mark.parametrize("l2", [0, L2])
def test_gradients_by_weights_are_finite_differences(
    image: np.ndarray, activation: Activation, hidden: tuple[int, ...], l2: float
) -> None:
    network, h = made_up(hidden, activation), 1e-6
    step = training_step(through(network, image), LABEL, RATE, l2)
    rng = np.random.default_rng(1)
    weights = [array.astype(np.float64) for array in network.weights]
    for found, array in zip(gradients(step), weights, strict=True):
        assert found.shape == array.shape
        flat = array.reshape(-1)
        # Of the first kernel those that start where there is ink, and some others.
        is_first = array.shape[0] == 784
        inked = np.flatnonzero(np.repeat(image > 0, array.shape[-1]) if is_first else [])
        chosen = np.unique(np.concatenate([rng.permutation(inked)[:100], rng.permutation(flat.size)[:100]]))
        expected = []
        for place in chosen.astype(int):
            before = flat[place]
            losses = []
            for moved in (before + h, before - h):
                flat[place] = moved
                losses.append(exact_loss(weights, activation, image, l2)[0])
            flat[place] = before
            expected.append((losses[0] - losses[1]) / (2 * h))
        assert_alike(found.reshape(-1)[chosen.astype(int)], np.array(expected))


@everywhere
def test_losses_before_and_after_are_those_of_the_formulas(
    image: np.ndarray, activation: Activation, hidden: tuple[int, ...]
) -> None:
    step = step_of(image, hidden, activation)
    for loss, network in ((step.loss, step.network), (step.loss_after, step.after.network)):
        plain = exact_loss(network.weights, activation, image, 0)[0]
        assert loss.cross_entropy == pytest.approx(plain, rel=1e-5)
        assert loss.total == pytest.approx(exact_loss(network.weights, activation, image, L2)[0], rel=1e-5)
        assert loss.penalty > 1e-3
    np.testing.assert_array_equal(step.after.probabilities, probabilities(step.after.network, image)[0])
    assert step.loss_after.total < step.loss.total


def test_a_small_step_lowers_the_loss_by_the_rate_times_the_gradients_square(image: np.ndarray) -> None:
    rate = 1e-4
    step = training_step(through(made_up((9, 7), Activation.TANH), image), LABEL, rate, L2)
    square = sum(float(np.square(gradient.astype(np.float64)).sum()) for gradient in gradients(step))
    assert step.loss.total - step.loss_after.total == pytest.approx(rate * square, rel=0.02)


@everywhere
def test_the_forward_pass_is_written_down_whole(
    image: np.ndarray, activation: Activation, hidden: tuple[int, ...]
) -> None:
    step = step_of(image, hidden, activation)
    np.testing.assert_array_equal(step.before.activations[0], image)
    np.testing.assert_array_equal(step.before.activations[-1], probabilities(step.network, image)[0])
    for layer, pre_activations in enumerate(step.before.pre_activations):
        kernel, bias = (array.astype(np.float64) for array in step.network.layers[layer][:2])
        np.testing.assert_allclose(pre_activations, step.before.activations[layer] @ kernel + bias, atol=1e-5)
        if layer < len(hidden):
            function, v, h = FUNCTIONS[activation], pre_activations.astype(np.float64), 1e-6
            np.testing.assert_allclose(step.before.activations[layer + 1], function(v), atol=1e-6)
            slope = (function(v + h) - function(v - h)) / (2 * h)
            np.testing.assert_allclose(step.derivatives[layer], slope, atol=1e-5)
    assert len(step.derivatives) == len(hidden)


def test_a_relu_whose_sum_is_exactly_0_lets_no_gradient_through() -> None:
    kernel = np.zeros((784, 8), np.float32)
    kernel[:, 1] = 1
    ones = np.tile(np.arange(10, dtype=np.float32), (8, 1))
    network = Network.from_arrays(
        (kernel, np.zeros(8, np.float32), ones, np.zeros(10, np.float32)), Activation.RELU
    )
    step = training_step(through(network, np.ones(784, np.float32)), LABEL, RATE)
    assert step.before.pre_activations[0].tolist() == [0, 784, *[0] * 6]
    assert step.derivatives[0].tolist() == [0, 1, *[0] * 6]
    assert step.grad_activations[1].all()
    assert np.flatnonzero(step.grad_pre_activations[0]).tolist() == [1]


def test_without_a_penalty_the_update_is_the_rate_times_the_gradient(image: np.ndarray) -> None:
    step = training_step(through(made_up((6,)), image), LABEL, RATE)
    assert step.loss.penalty == step.loss_after.penalty == 0
    for before, gradient, after in zip(
        step.network.weights, gradients(step), step.after.network.weights, strict=True
    ):
        np.testing.assert_allclose(after, before - RATE * gradient.astype(np.float64), atol=1e-6)
        assert (after != before).any()


def test_the_gradient_by_the_ink_is_that_of_the_logits_weighed_by_their_errors(image: np.ndarray) -> None:
    step = step_of(image, (9, 7), Activation.RELU)
    expected = sum(
        error * input_gradient(step.before, logit_direction(digit))
        for digit, error in enumerate(step.grad_pre_activations[-1].astype(np.float64))
    )
    assert_alike(step.grad_activations[0], np.asarray(expected))


def test_the_loss_of_an_answer_that_is_surely_wrong_is_finite_and_of_one_surely_right_not_zero() -> None:
    bias = np.zeros(10, np.float32)
    bias[LABEL] = 200
    network = Network.from_arrays((np.zeros((784, 10), np.float32), bias), Activation.RELU)
    blank = np.zeros(784, np.float32)
    assert training_step(through(network, blank), 4, RATE).loss.cross_entropy == pytest.approx(200)
    bias[LABEL] = 25
    assert training_step(through(network, blank), LABEL, RATE).loss.cross_entropy == pytest.approx(
        9 * np.exp(-25), rel=1e-4
    )


def test_nobody_can_change_a_step_and_a_step_locks_nobody_elses_image(image: np.ndarray) -> None:
    mine = image.copy()
    step = training_step(through(made_up((6,)), mine), LABEL, RATE, L2)
    kept = (
        *step.before.activations,
        *step.before.pre_activations,
        *step.derivatives,
        *step.grad_pre_activations,
        *step.grad_activations,
        *step.grad_weights,
        *step.after.network.weights,
        *step.after.activations,
        *step.after.pre_activations,
    )
    assert not any(array.flags.writeable for array in kept)
    mine[:] = 0
    np.testing.assert_array_equal(step.before.activations[0], image)


def test_an_image_in_bytes_is_read_as_its_ink(image: np.ndarray) -> None:
    pixels = mnist.load("test").images[5]
    network = made_up((6,))
    as_bytes, as_ink = (training_step(through(network, picture), LABEL, RATE) for picture in (pixels, image))
    assert as_bytes.loss_after == as_ink.loss_after


@pytest.mark.parametrize("label", [-1, 10])
def test_what_is_not_a_digit_is_refused(image: np.ndarray, label: int) -> None:
    with pytest.raises(ValueError, match=str(label)):
        training_step(through(made_up((6,)), image), label, RATE)


@pytest.mark.parametrize("count", [0, 2])
def test_anything_but_one_image_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match=str(count)):
        training_step(forward(made_up((6,)), np.zeros((count, 784), np.float32)), LABEL, RATE)


@everywhere
def test_a_units_sum_is_its_largest_terms_the_rest_and_its_bias(
    image: np.ndarray, activation: Activation, hidden: tuple[int, ...]
) -> None:
    step = step_of(image, hidden, activation)
    for layer, pre_activations in enumerate(step.before.pre_activations):
        inputs, kernel = step.before.activations[layer], step.network.layers[layer].kernel
        for unit in (0, len(pre_activations) - 1):
            written = unit_sum(step.before, layer, unit, count=3)
            assert written.total == pytest.approx(float(pre_activations[unit]), abs=1e-5)
            assert written.bias == step.network.layers[layer].bias[unit]
            sizes = np.sort(np.abs(kernel[:, unit].astype(np.float64) * inputs))[::-1]
            assert [abs(term.product) for term in written.terms] == pytest.approx(
                sizes[sizes > 0][:3].tolist()
            )
            for term in written.terms:
                assert term.value == inputs[term.unit]
                assert term.weight == kernel[term.unit, unit]
            assert written.smaller == np.count_nonzero(sizes[3:])
            shown = [term.unit for term in written.terms]
            others = np.delete(np.arange(len(inputs)), shown)
            exact = kernel[others, unit].astype(np.float64) @ inputs[others]
            assert written.rest == pytest.approx(float(exact), abs=1e-9)


@everywhere
def test_a_gradient_flowing_back_is_the_sum_over_the_links_it_comes_from(
    image: np.ndarray, activation: Activation, hidden: tuple[int, ...]
) -> None:
    step = step_of(image, hidden, activation)
    for layer, gradient in enumerate(step.grad_activations):
        unit = int(np.abs(gradient).argmax())
        written = backward_sum(step, layer, unit, count=2)
        assert written.total == pytest.approx(float(gradient[unit]), rel=1e-4)
        assert written.bias == 0
        for term in written.terms:
            assert term.weight == step.network.layers[layer].kernel[unit, term.unit]
            assert term.value == step.grad_pre_activations[layer][term.unit]
        rest = backward_sum(step, layer, unit, count=1_000)
        assert rest.rest == rest.smaller == 0
        assert rest.total == pytest.approx(written.total)
        assert [term.unit for term in rest.terms[:2]] == [term.unit for term in written.terms]


def test_terms_that_are_zero_are_not_written_out() -> None:
    network = made_up((6,))
    one = np.zeros(784, np.float32)
    one[300] = 0.5
    written = unit_sum(through(network, one), 0, 2, count=5)
    assert [term.unit for term in written.terms] == [300]
    assert (written.rest, written.smaller) == (0, 0)
    assert unit_sum(through(network, one * 0), 0, 2, count=5).total == network.layers[0].bias[2]


@pytest.mark.parametrize("l2", [0, L2])
def test_a_links_gradient_is_what_came_over_it_times_what_flowed_back(image: np.ndarray, l2: float) -> None:
    step = training_step(through(made_up((9, 7), Activation.SIGMOID), image), LABEL, RATE, l2)
    pixel = int(image.argmax())
    for layer, start, end in ((0, pixel, 4), (1, 8, 6), (2, 0, LABEL)):
        link = link_step(step, layer, start, end)
        assert link.weight == step.network.layers[layer].kernel[start, end]
        assert link.gradient == step.grad_weights[layer][start, end] != 0
        assert link.activation * link.grad_pre_activation + link.decay == pytest.approx(
            link.gradient, rel=1e-4
        )
        assert link.after == step.after.network.layers[layer].kernel[start, end]
        assert link.weight - step.rate * link.gradient == pytest.approx(link.after, rel=1e-6)
        assert (link.decay != 0) == bool(l2)
