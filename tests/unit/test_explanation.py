"""What an answer depends on, held against sums, differences and searches done another way."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from scipy.stats import spearmanr

from model.config import Activation
from model.data import mnist
from model.drawing.strokes import prepare
from model.explain.integrated_gradients import input_gradient, integrated_gradients, logit_direction
from model.explain.links import links_onward, strongest_links
from model.explain.nearest_images import features, last_hidden, nearest
from model.explain.pixel_attack import fewest_pixels
from model.explain.stroke_ablation import longest, without
from model.inference import ForwardPass, Network, forward, ink_of, logits
from model.slices import initial_state
from model.starter import recording, starter
from testing.networks import everywhere, made_up, through


def exact_logits(network: Network, x: np.ndarray) -> np.ndarray:
    """The forward pass once more, in float64, by the formulas."""
    functions: dict[str, Any] = {
        "relu": lambda v: v * (v > 0),
        "tanh": np.tanh,
        "sigmoid": lambda v: 1 / (1 + np.exp(-v)),
    }
    x = x.astype(np.float64)
    for layer in network.layers:
        x = x @ layer.kernel + layer.bias
        if layer is not network.layers[-1]:
            x = functions[network.activation](x)
    return x


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return ink_of(mnist.load("test").images[:20]).reshape(-1, 28, 28)


@pytest.fixture(scope="module")
def lesson() -> recording.Recording:
    return recording.load()


@everywhere
def test_the_gradient_is_that_of_finite_differences(
    images: np.ndarray, activation: Activation, hidden: tuple[int, ...]
) -> None:
    network, direction, step = made_up(hidden, activation), logit_direction(7, 2), 1e-6
    x = images[0].reshape(784).astype(np.float64)
    steps = step * np.eye(784)
    differences = (
        (exact_logits(network, x + steps) - exact_logits(network, x - steps)) @ direction / (2 * step)
    )
    gradient = input_gradient(through(network, images[0]), direction)
    assert np.abs(differences).max() > 1e-3
    np.testing.assert_allclose(gradient, differences, atol=1e-4 * np.abs(differences).max())


@everywhere
def test_contributions_add_up_to_the_difference_of_the_logits(
    images: np.ndarray, activation: Activation, hidden: tuple[int, ...]
) -> None:
    network, direction = made_up(hidden, activation), logit_direction(3, 5)
    for ink in images[:5]:
        found = integrated_gradients(through(network, ink), direction, tolerance=1e-4)
        ends = exact_logits(network, np.stack([np.zeros(784), ink.reshape(784)])) @ direction
        assert found.blank == pytest.approx(ends[0], abs=1e-5)
        assert found.ink == pytest.approx(ends[1], abs=1e-5)
        assert found.pixels.sum() == pytest.approx(ends[1] - ends[0], abs=5e-4)
        assert found.added + found.taken == pytest.approx(found.pixels.sum())
        assert found.added > 0 > found.taken


def test_contributions_add_up_for_the_networks_that_ship_to_within_a_hundredth(
    images: np.ndarray, lesson: recording.Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    gradients = []

    def counted(between: ForwardPass, direction: np.ndarray) -> np.ndarray:
        gradients.append(len(between.ink))
        return input_gradient(between, direction)

    monkeypatch.setattr("model.explain.integrated_gradients.input_gradient", counted)
    for network in (lesson.network, starter.load().network):
        for ink in images:
            best, second = logits(network, ink)[0].argsort()[:-3:-1]
            gradients.clear()
            found = integrated_gradients(through(network, ink), logit_direction(best, second))
            assert found.pixels.sum() == pytest.approx(found.ink - found.blank, rel=0.01)
            assert 0 < sum(gradients) <= 2_000


def test_contributions_are_those_of_twenty_thousand_equal_steps(images: np.ndarray) -> None:
    network, direction, count = made_up((24, 16)), logit_direction(3), 20_000
    x = images[3].reshape(784)
    middles = ((np.arange(count) + 0.5) / count).astype(np.float32)
    expected = x * np.mean(
        [
            input_gradient(forward(network, part[:, None] * x), direction).mean(0)
            for part in np.split(middles, 20)
        ],
        axis=0,
    )
    found = integrated_gradients(through(network, images[3]), direction, tolerance=1e-4).pixels
    np.testing.assert_allclose(found, expected, atol=1e-3 * np.abs(expected).max())


def test_without_a_hidden_layer_a_contribution_is_ink_times_weight(images: np.ndarray) -> None:
    network = made_up(())
    kernel = network.layers[0].kernel
    found = integrated_gradients(through(network, images[0]), logit_direction(4, 9))
    np.testing.assert_allclose(
        found.pixels, images[0].reshape(784) * (kernel[:, 4] - kernel[:, 9]), atol=1e-6
    )
    assert not found.pixels[images[0].reshape(784) == 0].any()


def test_a_blank_has_no_contributions() -> None:
    found = integrated_gradients(through(made_up((16,)), np.zeros((28, 28), np.float32)), logit_direction(1))
    assert not found.pixels.any()
    assert found.blank == found.ink


def test_randomised_weights_give_another_map_and_nearly_the_same_weights_nearly_the_same(
    images: np.ndarray, lesson: recording.Recording
) -> None:
    """The sanity check of Adebayo et al. 2018: a map that does not depend on the weights explains nothing."""

    def likeness(weights: Any) -> float:
        other = Network.from_arrays(weights, lesson.config.activation)
        ranks = []
        for ink in images:
            direction, inked = (
                logit_direction(int(logits(lesson.network, ink)[0].argmax())),
                ink.reshape(784) > 0,
            )
            maps = [
                integrated_gradients(through(net, ink), direction).pixels[inked]
                for net in (lesson.network, other)
            ]
            ranks.append(spearmanr(*maps).statistic)
        return float(np.mean(ranks))

    fresh = [initial_state(lesson.config.with_changes(seed=seed)).weights for seed in (1, 2)]
    assert likeness(lesson.weights[-2]) > 0.95
    for weights in fresh:
        assert abs(likeness(weights)) < 0.2
    # From the top down: new weights in the last layer alone already make it another map.
    assert likeness((*lesson.weights[-1][:-2], *fresh[0][-2:])) < 0.5


@pytest.mark.parametrize("target", [None, 0, 1, 4])
def test_the_pixels_that_are_turned_over_change_the_answer(
    images: np.ndarray, lesson: recording.Recording, target: int | None
) -> None:
    for ink in images[:5]:
        before = int(logits(lesson.network, ink)[0].argmax())
        if before == target:
            continue
        found = fewest_pixels(through(lesson.network, ink), target)
        after = int(exact_logits(lesson.network, found.ink.reshape(1, 784))[0].argmax())
        assert found.reached
        assert after == target if target is not None else after != before
        changed = np.flatnonzero((found.ink != ink).reshape(784))
        assert sorted(found.pixels) == changed.tolist()
        assert set(found.ink.reshape(784)[changed].tolist()) <= {0.0, 1.0}


def test_none_of_the_pixels_is_one_too_many(images: np.ndarray, lesson: recording.Recording) -> None:
    for network in (lesson.network, starter.load().network):
        for ink in images:
            before = int(logits(network, ink)[0].argmax())
            found = fewest_pixels(through(network, ink))
            for pixel in found.pixels:
                undone = found.ink.reshape(784).copy()
                undone[pixel] = ink.reshape(784)[pixel]
                assert int(logits(network, undone)[0].argmax()) == before


def test_where_one_pixel_is_enough_one_is_found() -> None:
    kernel = np.zeros((784, 10), np.float32)
    kernel[300, 1], kernel[5, 1], kernel[6, 1] = 3, 1, 1
    bias = np.array([2, *[0] * 9], np.float32)
    blank = np.zeros((28, 28), np.float32)
    assert fewest_pixels(through(Network.from_arrays((kernel, bias), Activation.RELU), blank)).pixels == (
        300,
    )


def test_one_pixel_that_breaks_the_answer_is_found_by_a_trained_network_wherever_there_is_one(
    lesson: recording.Recording,
) -> None:
    images = ink_of(mnist.load("test").images[:1_000])
    scores = np.sort(logits(lesson.network, images), axis=1)
    doubtful = images[np.argsort(scores[:, -1] - scores[:, -2])[:20]]
    singles = 0
    for ink in doubtful:
        answer = logits(lesson.network, ink)[0].argmax()
        tried = np.tile(ink, (784, 1))
        np.fill_diagonal(tried, ink < 0.5)
        possible = (logits(lesson.network, tried).argmax(axis=1) != answer).any()
        singles += possible
        assert (len(fewest_pixels(through(lesson.network, ink)).pixels) == 1) == possible
    assert singles > 5


def test_a_search_ends_at_its_limit_and_says_so(images: np.ndarray, lesson: recording.Recording) -> None:
    found = fewest_pixels(through(lesson.network, images[0]), 0, most=2)
    assert not found.reached
    assert len(found.pixels) == 2


@pytest.mark.parametrize("hidden", [(), (32,), (64, 48)])
@pytest.mark.parametrize("activation", list(Activation))
def test_the_nearest_images_are_those_of_an_exhaustive_search(
    activation: Activation, hidden: tuple[int, ...]
) -> None:
    network, train = made_up(hidden, activation), mnist.load("train")
    pictures, labels = train.images[:9_000], train.labels[:9_000]
    ink = ink_of(mnist.load("test").images[7])[0].reshape(28, 28)
    layer = last_hidden(network, pictures).astype(np.float64)
    distances = np.linalg.norm(layer - last_hidden(network, ink).astype(np.float64), axis=1)
    known = features(network, pictures)
    for among in (np.ones(len(labels), bool), labels == 3):
        places = np.flatnonzero(among)
        expected = places[distances[places].argsort()[:5]]
        found = nearest(through(network, ink), known, pictures, 5, among)
        assert found.indices == tuple(expected.tolist())
        np.testing.assert_allclose(found.distances, distances[expected], rtol=1e-4)
        assert found.median == pytest.approx(np.median(distances[places]), rel=0.01)


def test_an_image_is_its_own_nearest(lesson: recording.Recording) -> None:
    pictures = mnist.load("train").images[:5_000]
    ink = ink_of(pictures[4_321])[0].reshape(28, 28)
    known = features(lesson.network, pictures)
    assert known.values.nbytes == 5_000 * 50
    found = nearest(through(lesson.network, ink), known, pictures, 5, np.ones(5_000, bool))
    assert found.indices[0] == 4_321
    assert found.distances[0] == pytest.approx(0, abs=1e-4)
    assert list(found.distances) == sorted(found.distances)


@everywhere
def test_all_links_to_a_digit_and_its_bias_are_its_logit(
    images: np.ndarray, activation: Activation, hidden: tuple[int, ...]
) -> None:
    network = made_up(hidden, activation)
    links = strongest_links(through(network, images[0]), 6, 1_000_000)
    last = [link.contribution for link in links if link.layer == len(hidden)]
    assert sum(last) + network.layers[-1].bias[6] == pytest.approx(logits(network, images[0])[0, 6], abs=1e-4)
    assert {link.layer for link in links} == set(range(len(hidden) + 1))


def test_the_links_are_the_strongest_and_hang_together(images: np.ndarray) -> None:
    network = made_up((24, 16))
    links = strongest_links(through(network, images[0]), 6, 4)
    layers = forward(network, images[0]).activations
    by_layer = [[link for link in links if link.layer == layer] for layer in range(3)]
    assert [len(some) for some in by_layer] == [4, 4, 4]
    assert {link.end for link in by_layer[2]} == {6}
    for lower, upper in pairwise(by_layer):
        assert {link.end for link in lower} <= {link.start for link in upper}
    parts = np.abs(layers[2][0] * network.layers[2].kernel[:, 6])
    assert [link.start for link in by_layer[2]] == parts.argsort()[::-1][:4].tolist()
    for link in links:
        weight = network.layers[link.layer].kernel[link.start, link.end]
        assert link.contribution == pytest.approx(layers[link.layer][0, link.start] * weight, rel=1e-5)


def test_a_unit_sends_most_where_its_activation_times_the_weight_is_largest(images: np.ndarray) -> None:
    network = made_up((24, 16))
    image = through(network, images[0])
    unit = int(image.hidden[0].argmax())
    found = links_onward(image, 1, unit, 4)
    parts = image.hidden[0][unit] * network.layers[1].kernel[unit]
    assert [link.end for link in found] == sorted(range(16), key=lambda end: -abs(parts[end]))[:4]
    assert [link.contribution for link in found] == [float(parts[link.end]) for link in found]
    assert {(link.layer, link.start) for link in found} == {(1, unit)}
    assert links_onward(image, 1, int(image.hidden[0].argmin()), 4) == []
    assert len(links_onward(image, 2, int(image.hidden[1].argmax()), 40)) == 10


def test_without_a_stroke_the_ink_is_that_of_the_others() -> None:
    strokes = [
        np.array(points, float) for points in ([[0, 0], [9, 0]], [[9, 0], [5, 30]], [[2, 15], [9, 15]])
    ]
    np.testing.assert_array_equal(without(strokes, 1), prepare([strokes[0], strokes[2]]))
    assert len(strokes) == 3
    assert without(strokes[:1], 0) is None


def test_the_longest_strokes_keep_the_order_of_drawing() -> None:
    strokes = [np.array([[0, 0], [x, 0]], float) for x in (5, 9, 1, 7)]
    assert longest(strokes, 2) == [1, 3]
    assert longest(strokes, 9) == [0, 1, 2, 3]
