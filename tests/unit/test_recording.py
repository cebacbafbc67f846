"""The network that ships is the one that its history describes."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from model.config import TrainingConfig
from model.data import mnist
from model.evaluation.metrics import evaluate
from model.inference import Network
from model.slices import initial_state
from model.starter import recording as recordings


@pytest.fixture(scope="module")
def recording() -> recordings.Recording:
    return recordings.load()


def test_the_recording_is_of_the_seed_recipe_with_a_history_of_21_entries(
    recording: recordings.Recording,
) -> None:
    assert recording.config == TrainingConfig()
    assert [metrics.epoch for metrics in recording.history] == list(range(21))
    assert len(recording.weights) == 21
    assert recording.network.layer_sizes == (784, 100, 50, 10)


def test_the_recorded_networks_measured_accuracy_is_the_last_one_of_its_history(
    recording: recordings.Recording,
) -> None:
    measured = evaluate(recording.network, mnist.load("test"))
    assert measured.accuracy == pytest.approx(recording.history[-1].validation.accuracy, abs=0.001)
    assert measured.loss == pytest.approx(recording.history[-1].validation.loss, abs=0.002)
    assert measured.accuracy >= 0.94


@pytest.mark.parametrize("epoch", [0, 1, 10])
def test_the_weights_of_every_epoch_belong_to_its_entry(recording: recordings.Recording, epoch: int) -> None:
    network = Network.from_arrays(recording.weights[epoch], recording.config.activation)
    measured = evaluate(network, mnist.load("test"))
    assert measured.accuracy == pytest.approx(recording.history[epoch].validation.accuracy, abs=0.002)


def test_the_recorded_run_began_with_the_weights_of_its_seed(recording: recordings.Recording) -> None:
    for ours, first in zip(recording.weights[0], initial_state(recording.config).weights, strict=True):
        np.testing.assert_allclose(ours, first, rtol=2**-11, atol=1e-7)  # float16


def test_the_recorded_loss_falls_and_its_accuracy_rises(recording: recordings.Recording) -> None:
    losses = [metrics.validation.loss for metrics in recording.history]
    assert losses[0] == pytest.approx(np.log(10), abs=0.3)
    assert losses[-1] < 0.25
    assert recording.history[0].validation.accuracy < 0.25


def test_the_recorded_weights_are_read_only_floats(recording: recordings.Recording) -> None:
    for arrays in recording.weights:
        assert {array.dtype for array in arrays} == {np.dtype(np.float32)}
        assert not any(array.flags.writeable for array in arrays)


def test_a_recording_comes_back_as_it_was_saved(recording: recordings.Recording, tmp_path: Path) -> None:
    short = replace(recording, history=recording.history[:3], weights=recording.weights[:3])
    recordings.save(short, tmp_path / "short.npz")
    again = recordings.load(tmp_path / "short.npz")
    assert again.config == short.config
    assert again.history == short.history
    for before, after in zip(short.weights, again.weights, strict=True):
        for left, right in zip(before, after, strict=True):
            # They were float16 once, so that nothing more is lost.
            np.testing.assert_array_equal(left, right)
