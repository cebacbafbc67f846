"""What units do on many images, held against all activations at once."""

import numpy as np
import pytest

from model.config import Activation
from model.data import mnist
from model.explain.histogram import aligned
from model.explain.units import DEAD_RANGE, by_norm, layer_statistics, most_exciting, weight_histograms
from model.inference import Layer, Network, forward
from model.starter import recording
from testing.networks import everywhere, made_up

COUNT = 5


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    """Some thousand."""
    return mnist.load("test").images[:2_345]


def whole_numbers(units: int, activation: Activation = Activation.RELU) -> Network:
    """Sums without rounding, and many of them equal: weights of -1, 0 and 1."""
    rng = np.random.default_rng(3)
    kernels = [rng.integers(-1, 2, shape).astype(np.float32) for shape in ((784, units), (units, 10))]
    biases = [np.zeros(units, np.float32), np.zeros(10, np.float32)]
    return Network.from_arrays((kernels[0], biases[0], kernels[1], biases[1]), activation)


def with_first(network: Network, kernel: np.ndarray, bias: np.ndarray) -> Network:
    """``network`` with another first layer."""
    first, *others = network.layers
    return Network((first._replace(kernel=kernel, bias=bias), *others))


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
    outputs = forward(network, images).outputs
    for layer, found in enumerate(layer_statistics(network, images)):
        values = outputs[layer]
        np.testing.assert_array_equal(found.low, values.min(axis=0))
        np.testing.assert_array_equal(found.high, values.max(axis=0))
        np.testing.assert_allclose(found.active, (values > 0).mean(axis=0), atol=1e-6)
        for unit in (0, len(found.low) - 1):
            best = most_exciting(network, images, layer, unit, COUNT)
            assert len({image for image, _ in best}) == len(best)
            assert [values[image, unit] for image, _ in best] == [value for _, value in best]
            largest = np.sort(values[:, unit])[::-1][:COUNT]
            assert [value for _, value in best] == [
                value
                for value in largest
                if value > 0 or layer == len(hidden) or activation != Activation.RELU
            ]
        assert found.histogram.counts.sum() == values.size
        expected = np.histogram(values.astype(np.float64), found.histogram.edges)[0]
        # One rounding or two may lie on the other side of an edge.
        assert np.abs(found.histogram.counts - expected).sum() <= 4


@pytest.mark.parametrize("activation", [Activation.RELU, Activation.TANH])
@pytest.mark.parametrize("count", [3, 12])
def test_of_equally_exciting_images_the_earlier_ones_are_kept(activation: Activation, count: int) -> None:
    network, ink = whole_numbers(20, activation), black_and_white(2_345)
    values = forward(network, ink).outputs[0]
    ties = 0
    for unit in range(20):
        order = np.argsort(-values[:, unit], kind="stable")[:count].tolist()
        if activation == Activation.RELU:
            order = [image for image in order if values[image, unit] > 0]
        assert [image for image, _ in most_exciting(network, ink, 0, unit, count)] == order
        ties += len(set(values[order, unit].tolist())) < len(order)
    assert ties > 10


def test_images_that_leave_a_relu_at_0_do_not_excite_it() -> None:
    kernel = np.zeros((784, 8), np.float32)
    kernel[300, 2] = 2
    network = Network.from_arrays(
        (kernel, np.zeros(8, np.float32), np.ones((8, 10), np.float32), np.zeros(10, np.float32)),
        Activation.RELU,
    )
    ink = np.zeros((1_500, 784), np.uint8)
    ink[[7, 1_200], 300] = 255, 51
    assert most_exciting(network, ink, 0, 2) == [(7, 2.0), (1_200, pytest.approx(0.4))]
    assert most_exciting(network, ink, 0, 3) == []
    assert layer_statistics(network, ink)[0].active[2] == pytest.approx(2 / 1_500)


@pytest.mark.parametrize("count", [1, 3, 40])
def test_fewer_images_than_asked_for_are_all_kept(count: int) -> None:
    network, images = made_up((16,), Activation.TANH), mnist.load("test").images[:count]
    for layer, units in enumerate((16, 10)):
        for unit in range(units):
            assert len(most_exciting(network, images, layer, unit, 12)) == min(count, 12)


def test_a_relu_is_dead_that_no_image_moves_from_0_and_alive_if_one_does() -> None:
    network, ink = whole_numbers(8), np.zeros((1_001, 784), np.uint8)
    ink[1_000, 300] = 255
    kernel, bias = network.layers[0].kernel.copy(), np.full(8, -0.5, np.float32)
    kernel[300] = [1, 1, 1, 0.5, -1, 0, 0.25, 0]
    bias[7] = 1
    found = layer_statistics(with_first(network, kernel, bias), ink)
    assert found[0].dead.tolist() == [False, False, False, True, True, True, True, False]
    assert layer_statistics(with_first(network, kernel, bias), ink[:1_000])[0].dead.tolist() == [True] * 7 + [
        False
    ]
    assert not found[1].dead.any()


@pytest.mark.parametrize("activation", [Activation.TANH, Activation.SIGMOID])
def test_a_saturated_unit_is_dead_and_one_that_moves_a_little_is_not(
    images: np.ndarray, activation: Activation
) -> None:
    network = made_up((16,), activation)
    kernel, bias = network.layers[0].kernel.copy(), network.layers[0].bias.copy()
    bias[0], bias[1] = 60, -60
    kernel[:, 2] = 0
    kernel[:, 3] *= 0.01
    found = layer_statistics(with_first(network, kernel, bias), images)
    assert found[0].dead.tolist() == [True, True, True] + [False] * 13
    assert DEAD_RANGE < found[0].high[3] - found[0].low[3] < 0.2
    assert not found[1].dead.any()


def test_logits_are_never_dead(images: np.ndarray) -> None:
    network = Network.from_arrays(
        (np.zeros((784, 10), np.float32), np.zeros(10, np.float32)), Activation.RELU
    )
    (found,) = layer_statistics(network, images[:100])
    assert not found.dead.any()
    assert most_exciting(network, images[:100], 0, 0)[:2] == [(0, 0.0), (1, 0.0)]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_in_a_network_that_exploded_only_numbers_count() -> None:
    network = made_up((16,), Activation.TANH)
    kernel = network.layers[0].kernel.copy()
    # Infinite times no ink is not a number; times ink it is infinite, whose tanh is 1.
    kernel[:, 0], kernel[300, 1] = np.nan, np.inf
    ink = np.zeros((2_000, 784), np.uint8)
    ink[[3, 1_500], 300] = 255
    broken = with_first(network, kernel, network.layers[0].bias)
    found = layer_statistics(broken, ink)
    assert most_exciting(broken, ink, 0, 0) == []
    assert most_exciting(broken, ink, 0, 1) == [(3, 1.0), (1_500, 1.0)]
    assert len(most_exciting(broken, ink, 0, 2, COUNT)) == COUNT
    assert not found[0].dead[:2].any()
    assert found[0].histogram.not_finite == 2_000 + 1_998
    assert found[0].histogram.counts.sum() == 14 * 2_000 + 2
    assert found[1].histogram.counts.size == 0


def test_nothing_to_look_at_is_refused(images: np.ndarray) -> None:
    with pytest.raises(ValueError, match="received none"):
        layer_statistics(made_up((16,)), images[:0])


def test_statistics_are_small_and_locked(images: np.ndarray) -> None:
    found = layer_statistics(made_up((256, 256)), images)
    arrays = [array for layer in found for array in (layer.low, layer.high, layer.active, layer.dead)]
    assert sum(array.nbytes for array in arrays) < 10_000
    assert sum(layer.histogram.by_unit.nbytes for layer in found) <= 64 * (256 + 256 + 10) * 4
    assert not any(array.flags.writeable for array in arrays)


def test_weights_of_two_epochs_lie_side_by_side() -> None:
    lesson = recording.load()
    networks = [Network.from_arrays(lesson.weights[epoch], lesson.config.activation) for epoch in (0, -1)]
    first, last = map(weight_histograms, networks)
    assert len(first) == len(last) == 3
    for layer in range(3):
        both = aligned([first[layer], last[layer]])
        np.testing.assert_array_equal(both[0].edges, both[1].edges)
        for found, network in zip(both, networks, strict=True):
            kernel = network.layers[layer].kernel
            expected = np.histogram(kernel.astype(np.float64), found.edges)[0]
            assert found.counts.tolist() == expected.tolist()
            assert found.counts.sum() == kernel.size


def test_first_layer_pictures_are_sorted_by_the_length_of_their_weights() -> None:
    network = made_up((24, 16))
    lengths = [float((network.layers[0].kernel[:, unit].astype(np.float64) ** 2).sum()) for unit in range(24)]
    assert by_norm(network).tolist() == sorted(range(24), key=lambda unit: -lengths[unit])
    assert by_norm(Network((Layer(np.ones((784, 10), np.float32), np.zeros(10, np.float32)),))).tolist() == [
        *range(10)
    ]
