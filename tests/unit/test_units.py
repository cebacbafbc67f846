"""What units do on many images, held against all activations at once."""

import tracemalloc
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from model.config import Activation
from model.data import mnist
from model.explain.histogram import aligned, histogram
from model.explain.units import STILL, by_norm, leaders, links_onward, survey, weight_histograms
from model.inference import Network, activations
from model.starter import recording
from testing.networks import everywhere, made_up

COUNT = 5


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    """More than two chunks, the last one not full."""
    return mnist.load("test").images[:2_345]


def whole_numbers(units: int, activation: Activation = Activation.RELU) -> Network:
    """Sums without rounding, and many of them equal: weights of -1, 0 and 1."""
    rng = np.random.default_rng(3)
    kernels = [rng.integers(-1, 2, shape).astype(np.float32) for shape in ((784, units), (units, 10))]
    biases = [np.zeros(units, np.float32), np.zeros(10, np.float32)]
    return Network((kernels[0], biases[0], kernels[1], biases[1]), activation)


def black_and_white(count: int) -> np.ndarray:
    """Five pixels of ink at most, so that sums tie."""
    ink = np.zeros((count, 784), np.uint8)
    ink[:, 300:305] = 255 * np.random.default_rng(4).integers(0, 2, (count, 5))
    return ink


@everywhere
def test_what_is_kept_of_a_layer_is_what_all_its_activations_say(
    images: np.ndarray, activation: Activation, hidden: tuple[int, ...]
) -> None:
    network = made_up(hidden, activation)
    for found, values in zip(survey(network, images, COUNT), activations(network, images), strict=True):
        close: dict[str, Any] = {"rtol": 1e-5, "atol": 1e-5}
        np.testing.assert_allclose(found.low, values.min(axis=0), **close)
        np.testing.assert_allclose(found.high, values.max(axis=0), **close)
        np.testing.assert_allclose(found.active, (values > 0).mean(axis=0), atol=1.5 / len(images))
        np.testing.assert_allclose(found.values, -np.sort(-values, axis=0)[:COUNT].T, **close)
        for unit in range(len(found.low)):
            best = found.most_exciting(unit)
            assert len({image for image, _ in best}) == len(best)
            np.testing.assert_allclose(
                [values[image, unit] for image, _ in best], [value for _, value in best], **close
            )
        assert found.histogram.counts.sum() == values.size
        expected = np.histogram(values.astype(np.float64), found.histogram.edges)[0]
        # One rounding or two may lie on the other side of an edge.
        assert np.abs(found.histogram.counts - expected).sum() <= 4


@pytest.mark.parametrize("activation", [Activation.RELU, Activation.TANH])
@pytest.mark.parametrize("count", [3, 12])
def test_of_equally_exciting_images_the_earlier_ones_are_kept(activation: Activation, count: int) -> None:
    network, ink = whole_numbers(20, activation), black_and_white(2_345)
    values = activations(network, ink)[0]
    found = survey(network, ink, count)[0]
    ties = 0
    for unit in range(20):
        order = np.argsort(-values[:, unit], kind="stable")[:count].tolist()
        if activation == Activation.RELU:
            order = [image for image in order if values[image, unit] > 0]
        assert [image for image, _ in found.most_exciting(unit)] == order
        ties += len(set(values[order, unit].tolist())) < len(order)
    assert ties > 10


def test_images_that_leave_a_relu_at_0_do_not_excite_it() -> None:
    kernel = np.zeros((784, 8), np.float32)
    kernel[300, 2] = 2
    network = Network(
        (kernel, np.zeros(8, np.float32), np.ones((8, 10), np.float32), np.zeros(10, np.float32)),
        Activation.RELU,
    )
    ink = np.zeros((1_500, 784), np.uint8)
    ink[[7, 1_200], 300] = 255, 51
    found = survey(network, ink, COUNT)[0]
    assert found.most_exciting(2) == [(7, 2.0), (1_200, pytest.approx(0.4))]
    assert found.most_exciting(3) == []
    assert found.active[2] == pytest.approx(2 / 1_500)


@pytest.mark.parametrize("count", [1, 3, 40])
def test_fewer_images_than_asked_for_are_all_kept(count: int) -> None:
    network, images = made_up((16,), Activation.TANH), mnist.load("test").images[:count]
    for found in survey(network, images, 12):
        assert found.images.shape == (len(found.low), 12)
        for unit in range(len(found.low)):
            assert len(found.most_exciting(unit)) == min(count, 12)


def test_a_relu_is_dead_that_no_image_moves_from_0_and_alive_if_one_does() -> None:
    network, ink = whole_numbers(8), np.zeros((1_001, 784), np.uint8)
    ink[1_000, 300] = 255
    kernel, bias = network.weights[0].copy(), np.full(8, -0.5, np.float32)
    kernel[300] = [1, 1, 1, 0.5, -1, 0, 0.25, 0]
    bias[7] = 1
    found = survey(Network((kernel, bias, *network.weights[2:]), Activation.RELU), ink)
    assert found[0].dead.tolist() == [False, False, False, True, True, True, True, False]
    assert survey(Network((kernel, bias, *network.weights[2:]), Activation.RELU), ink[:1_000])[
        0
    ].dead.tolist() == [True] * 7 + [False]
    assert not found[1].dead.any()


@pytest.mark.parametrize("activation", [Activation.TANH, Activation.SIGMOID])
def test_a_saturated_unit_is_dead_and_one_that_moves_a_little_is_not(
    images: np.ndarray, activation: Activation
) -> None:
    network = made_up((16,), activation)
    kernel, bias = network.weights[0].copy(), network.weights[1].copy()
    bias[0], bias[1] = 60, -60
    kernel[:, 2] = 0
    kernel[:, 3] *= 0.01
    found = survey(Network((kernel, bias, *network.weights[2:]), activation), images)
    assert found[0].dead.tolist() == [True, True, True] + [False] * 13
    assert STILL < found[0].high[3] - found[0].low[3] < 0.2
    assert not found[1].dead.any()


def test_logits_are_never_dead(images: np.ndarray) -> None:
    network = Network((np.zeros((784, 10), np.float32), np.zeros(10, np.float32)), Activation.RELU)
    (found,) = survey(network, images[:100])
    assert not found.dead.any()
    assert found.most_exciting(0)[:2] == [(0, 0.0), (1, 0.0)]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_in_a_network_that_exploded_only_numbers_count() -> None:
    network = made_up((16,), Activation.TANH)
    kernel = network.weights[0].copy()
    # Infinite times no ink is not a number; times ink it is infinite, whose tanh is 1.
    kernel[:, 0], kernel[300, 1] = np.nan, np.inf
    ink = np.zeros((2_000, 784), np.uint8)
    ink[[3, 1_500], 300] = 255
    found = survey(Network((kernel, *network.weights[1:]), Activation.TANH), ink, COUNT)
    assert found[0].most_exciting(0) == []
    assert found[0].most_exciting(1) == [(3, 1.0), (1_500, 1.0)]
    assert len(found[0].most_exciting(2)) == COUNT
    assert not found[0].dead[:2].any()
    assert found[0].histogram.not_finite == 2_000 + 1_998
    assert found[0].histogram.counts.sum() == 14 * 2_000 + 2
    assert found[1].histogram.counts.size == 0


@pytest.mark.parametrize(("count", "number"), [(0, 5), (3, 0), (-1, 5)])
def test_nothing_to_look_at_is_refused(images: np.ndarray, count: int, number: int) -> None:
    with pytest.raises(ValueError, match=str(min(count, number))):
        survey(made_up((16,)), images[:number], count)


def test_a_survey_is_small_locked_and_needs_no_more_memory_for_more_images(images: np.ndarray) -> None:
    network, peaks = made_up((256, 256)), []
    for number in (1_000, 4_000):
        ink = np.resize(images, (number, 784))
        tracemalloc.start()
        found = survey(network, ink)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0]
    arrays = [
        array
        for layer in found
        for array in (layer.images, layer.values, layer.low, layer.high, layer.active, layer.dead)
    ]
    assert sum(array.nbytes for array in arrays) < 100_000
    assert not any(array.flags.writeable for array in arrays)


def test_weights_of_two_epochs_lie_side_by_side() -> None:
    lesson = recording.load()
    first, last = (
        weight_histograms(Network(lesson.weights[epoch], lesson.config.activation)) for epoch in (0, -1)
    )
    assert len(first) == len(last) == 3
    for layer in range(3):
        both = aligned([first[layer], last[layer]])
        np.testing.assert_array_equal(both[0].edges, both[1].edges)
        for found, epoch in zip(both, (0, -1), strict=True):
            kernel = lesson.weights[epoch][2 * layer]
            expected = np.histogram(kernel.astype(np.float64), found.edges)[0]
            assert found.counts.tolist() == expected.tolist()
            assert found.counts.sum() == kernel.size


def test_first_layer_pictures_are_sorted_by_the_length_of_their_weights() -> None:
    network = made_up((24, 16))
    lengths = [float((network.weights[0][:, unit].astype(np.float64) ** 2).sum()) for unit in range(24)]
    assert by_norm(network).tolist() == sorted(range(24), key=lambda unit: -lengths[unit])
    assert by_norm(Network((np.ones((784, 10), np.float32),), Activation.RELU)).tolist() == [*range(10)]


def test_a_unit_sends_most_where_its_activation_times_the_weight_is_largest() -> None:
    network = made_up((24, 16))
    found = links_onward(network, 1, 7, -0.5, 4)
    parts = -0.5 * network.weights[2][7]
    assert [link.end for link in found] == sorted(range(16), key=lambda end: -abs(parts[end]))[:4]
    assert [link.contribution for link in found] == [float(parts[link.end]) for link in found]
    assert {(link.layer, link.start) for link in found} == {(1, 7)}
    assert links_onward(network, 1, 7, 0.0, 4) == []
    assert len(links_onward(network, 2, 0, 1.0, 40)) == 10


@pytest.mark.parametrize("name", ["relu", "signed", "not finite"])
def test_the_unit_with_most_values_in_a_bin_is_the_one_that_a_plain_loop_finds(name: str) -> None:
    values = np.random.default_rng(5).normal(0, 1, (300, 7)).astype(np.float32)
    if name == "relu":
        values = np.maximum(values, 0)
    if name == "not finite":
        values[:200, 2], values[5, 3], values[6, 3] = np.nan, np.inf, -np.inf
    # Wider than the values, and then so narrow that some lie outside.
    wide = aligned([histogram(values), histogram(np.array([-9, 9], np.float32))])[0]
    narrow = histogram(values[np.abs(values) < 0.5])
    for bins in (wide, narrow, histogram(values)):
        expected = []
        for low, high in pairwise(bins.edges.tolist()):
            counts = [sum(low <= value < high for value in unit) for unit in values.T.tolist()]
            expected.append(counts.index(max(counts)) if max(counts) else -1)
        found = leaders(values, bins)
        assert found.dtype == np.int64
        assert found.tolist() == expected
    assert -1 in leaders(values, wide)
    assert len(set(leaders(values, wide).tolist())) > 3


def test_nobody_leads_where_there_are_no_bins_and_the_first_where_two_are_equal() -> None:
    nothing = np.full((4, 3), np.nan, np.float32)
    assert leaders(nothing, histogram(nothing)).tolist() == []
    even = np.array([[2.0, 1.0, 1.0]], np.float32)
    assert leaders(even, histogram(even))[0] == 1
