"""What the NumPy side promises without Keras; tests/integration holds it against Keras itself."""

from typing import Any

import numpy as np
import pytest

from model.config import Activation
from model.data import mnist
from model.data.mnist import LabelledImages
from model.evaluation.metrics import digit_scores, evaluate, interval
from model.inference import Network, cross_entropy, forward, ink_of, logits, probabilities, softmax
from testing.networks import everywhere, made_up


def _identity() -> Network:
    """Answers the digit whose pixel among the first ten is the brightest."""
    return Network.from_arrays(
        (np.eye(784, 10, dtype=np.float32) * 10, np.zeros(10, np.float32)), Activation.RELU
    )


def _images(answers: list[int]) -> np.ndarray:
    images = np.zeros((len(answers), 784), np.uint8)
    images[np.arange(len(answers)), answers] = 255
    return images


def test_bytes_and_ink_of_any_shape_are_read_alike() -> None:
    picture = np.arange(784, dtype=np.uint8).reshape(28, 28)
    ink = ink_of(picture)
    assert ink.shape == (1, 784)
    assert ink.dtype == np.float32
    assert ink.max() == 1
    np.testing.assert_array_equal(ink, ink_of(picture.astype(np.float32) / np.float32(255)))


def test_the_softmax_of_huge_numbers_is_still_one() -> None:
    probabilities = softmax(np.array([[1e30, 0, -1e30], [88.0, 89.0, 90.0]], np.float32))
    assert np.isfinite(probabilities).all()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)


@pytest.mark.parametrize("activation", list(Activation))
def test_no_activation_overflows(activation: Activation) -> None:
    kernels = [np.full((784, 8), s, np.float32) for s in (1e4, -1e4)]
    for kernel in kernels:
        network = Network.from_arrays(
            (kernel, np.zeros(8, np.float32), np.ones((8, 10), np.float32), np.zeros(10, np.float32)),
            activation,
        )
        with np.errstate(over="raise", invalid="raise"):
            assert np.isfinite(probabilities(network, np.full((1, 784), 255, np.uint8))).all()


def test_every_layer_shows_what_it_passes_on() -> None:
    rng = np.random.default_rng(0)
    weights = tuple(rng.normal(size=shape).astype(np.float32) for shape in ((784, 8), (8,), (8, 10), (10,)))
    hidden, sums = forward(Network.from_arrays(weights, Activation.RELU), _images([3, 4])).outputs
    assert hidden.shape == (2, 8)
    assert sums.shape == (2, 10)
    assert hidden.min() >= 0
    np.testing.assert_allclose(sums, hidden @ weights[2] + weights[3], rtol=1e-6)


@everywhere
def test_a_networks_layers_are_its_arrays_and_its_last_one_is_linear(
    activation: Activation, hidden: tuple[int, ...]
) -> None:
    network = made_up(hidden, activation)
    again = Network.from_arrays(network.weights, activation)
    assert [id(array) for array in again.weights] == [id(array) for array in network.weights]
    assert network.layer_sizes == (784, *hidden, 10)
    assert [layer.activation for layer in network.layers] == [*[activation] * len(hidden), None]
    assert network.activation == (activation if hidden else Activation.RELU)


@everywhere
def test_one_images_pass_is_what_the_network_computes_step_by_step(
    activation: Activation, hidden: tuple[int, ...]
) -> None:
    network, images = made_up(hidden, activation), mnist.load("test").images[:3]
    seen = forward(network, images)
    np.testing.assert_array_equal(seen.logits, logits(network, images))
    np.testing.assert_array_equal(seen.probabilities, probabilities(network, images))
    image = seen.image(2)
    assert [len(values) for values in image.activations] == [784, *hidden, 10]
    assert [len(values) for values in image.outputs] == [*hidden, 10]
    functions: dict[str, Any] = {
        "relu": lambda z: z * (z > 0),
        "tanh": np.tanh,
        "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    }
    inputs = images[2] / 255
    for index, layer in enumerate(network.layers):
        expected = inputs @ layer.kernel.astype(np.float64) + layer.bias
        np.testing.assert_allclose(image.pre_activations[index], expected, atol=1e-4)
        inputs = functions[activation](expected)
        if index < len(hidden):
            np.testing.assert_allclose(image.hidden[index], inputs, atol=1e-4)
    np.testing.assert_array_equal(image.probabilities, seen.probabilities[2])
    for values in (*seen.activations, *seen.pre_activations, *image.activations, *image.pre_activations):
        assert not values.flags.writeable


def test_cross_entropy_is_exact_where_a_probability_is_no_float() -> None:
    scores = np.array([[200, *[0] * 9], [25, *[0] * 9], [0] * 10], np.float64)
    labels = np.array([1, 0, 4], np.uint8)
    expected = [200, 9 * np.exp(-25), np.log(10)]
    np.testing.assert_allclose(cross_entropy(scores, labels), expected, rtol=1e-4)
    single = cross_entropy(scores.astype(np.float32), labels)
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, expected, rtol=1e-6, atol=1e-6)


def test_the_confusion_matrix_has_true_digits_in_rows() -> None:
    labels = np.array([1, 1, 1, 2, 7], np.uint8)
    result = evaluate(_identity(), LabelledImages(_images([1, 1, 3, 2, 7]), labels))
    assert result.confusion[1, 1] == 2
    assert result.confusion[1, 3] == 1
    assert result.confusion.sum() == 5
    assert result.accuracy == 0.8
    assert result.predicted.tolist() == [1, 1, 3, 2, 7]
    assert result.misclassified.tolist() == [2]
    recall = digit_scores(result.confusion).recall
    assert recall[1] == pytest.approx(2 / 3)
    assert recall[0] == 0
    assert result.score == [result.loss, 0.8]


def test_the_most_confident_mistake_comes_first() -> None:
    images = _images([1, 2, 3])
    images[0] //= 2
    result = evaluate(_identity(), LabelledImages(images, np.zeros(3, np.uint8)))
    assert result.misclassified.tolist() == [1, 2, 0]
    assert (np.diff(result.confidence[result.misclassified]) <= 0).all()


def test_the_penalty_counts_kernels_and_not_biases() -> None:
    weights = (np.full((784, 10), 0.1, np.float32), np.full(10, 5, np.float32))
    images = LabelledImages(_images([1]), np.array([1], np.uint8))
    network = Network.from_arrays(weights, Activation.RELU)
    difference = evaluate(network, images, l2=0.01).loss - evaluate(network, images).loss
    assert difference == pytest.approx(0.01 * 7840 * 0.01, rel=1e-5)


def test_the_arrays_of_an_evaluation_are_read_only() -> None:
    result = evaluate(_identity(), LabelledImages(_images([1, 2]), np.array([1, 1], np.uint8)))
    for array in (result.confusion, result.predicted, result.confidence, result.misclassified):
        assert not array.flags.writeable


@pytest.mark.parametrize(
    ("right", "count", "low", "high"),
    # The formula of Wilson (1927), worked out by hand.
    [(9, 10, 0.5958, 0.9821), (10, 10, 0.7225, 1.0), (0, 10, 0.0, 0.2775), (45, 50, 0.7864, 0.9565)],
)
def test_the_interval_is_wilsons(right: int, count: int, low: float, high: float) -> None:
    assert interval(right, count) == pytest.approx((low, high), abs=1e-4)


@pytest.mark.parametrize(("right", "count"), [(0, 0), (11, 10), (-1, 10)])
def test_no_share_has_no_interval(right: int, count: int) -> None:
    with pytest.raises(ValueError, match=" must "):
        interval(right, count)
