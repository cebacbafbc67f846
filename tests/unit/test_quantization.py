"""Weights in eight bits: how far off, and how small."""

import gzip

import numpy as np
import pytest

from model.data import mnist
from model.inference import Network, probabilities
from model.quantization import quantize
from model.starter import recording, starter
from testing.networks import dequantize
from ui.components.lens import as_sent, packed

_IMAGES = mnist.load("test").images[5000:7000]


@pytest.mark.parametrize(
    "network", [starter.load().network, recording.load().network], ids=["starter", "lesson"]
)
def test_what_the_lens_computes_is_within_a_percent_for_nineteen_of_twenty_images(network: Network) -> None:
    sent = Network.from_arrays(dequantize(as_sent(network)), network.activation)
    exact, found = probabilities(network, _IMAGES), probabilities(sent, _IMAGES)
    off = np.abs(found - exact).max(axis=1)
    assert np.percentile(off, 95) < 0.01
    assert (found.argmax(axis=1) == exact.argmax(axis=1)).mean() > 0.995


def test_the_starter_takes_half_a_megabyte_and_the_lessons_network_a_tenth_of_it() -> None:
    packed.clear()
    assert len(packed("starter", starter.load().network)) < 0.5e6
    assert len(packed("lesson", recording.load().network)) < 0.07e6


def test_a_weight_is_off_by_half_a_step_at_most_and_a_bias_by_nothing() -> None:
    network = recording.load().network
    for layer, rounded in zip(network.layers, quantize(network, _IMAGES[:100], 0.05), strict=True):
        error = np.abs(rounded.codes * rounded.steps[:, None] - layer.kernel)
        assert (error <= rounded.steps[:, None] * 0.501).all()
        assert np.array_equal(rounded.bias, layer.bias)


def test_a_weight_of_a_pixel_that_is_never_inked_costs_nothing() -> None:
    network = recording.load().network
    first = quantize(network, _IMAGES[:100], 0.05)[0]
    corner = first.codes.reshape(28, 28, -1)[:2, :2]
    assert not corner.any()
    assert len(gzip.compress(corner.tobytes())) < 50


def test_a_network_without_any_weight_stays_one() -> None:
    zeros = Network.from_arrays(
        (np.zeros((784, 10), np.float32), np.zeros(10, np.float32)), recording.load().network.activation
    )
    sent = dequantize(quantize(zeros, _IMAGES[:10], 0.05))
    assert not any(array.any() for array in sent)
