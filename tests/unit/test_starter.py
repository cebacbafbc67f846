"""The starter: what it reads, what it refuses, and its file."""

from pathlib import Path

import numpy as np
import pytest

from model.config import MAX_HIDDEN_LAYERS, MAX_UNITS
from model.data import mnist
from model.drawing.strokes import Ink, prepare
from model.evaluation.calibration import calibrated, calibration_error, evidence
from model.inference import Network, logits, probabilities
from model.prediction import Verdict, predict
from model.starter import starter
from model.starter.digit_styles import STYLES
from model.starter.handwriting import Style, written
from model.starter.non_digits import LETTERS, SCRIBBLES
from testing.networks import through
from testing.strokes import DIGITS


@pytest.fixture(scope="module")
def ready() -> starter.Starter:
    return starter.load()


def _inks(style: Style, count: int) -> Ink:
    rng = np.random.default_rng(99)
    inks = [prepare(written(style, rng)) for _ in range(count)]
    return np.stack([ink for ink in inks if ink is not None])


def test_the_starter_is_within_the_apps_own_limits(ready: starter.Starter) -> None:
    assert len(ready.network.layer_sizes) <= MAX_HIDDEN_LAYERS + 2
    assert max(ready.network.layer_sizes[1:]) <= MAX_UNITS


def test_the_starter_reads_99_of_100_test_images(ready: starter.Starter) -> None:
    test = mnist.load("test")
    right = probabilities(ready.network, test.images).argmax(axis=1) == test.labels
    assert right.mean() >= 0.992


def test_the_starters_calibrated_probabilities_are_worth_what_they_say(ready: starter.Starter) -> None:
    test = mnist.load("test")
    scores = logits(ready.network, test.images)
    error = calibration_error(calibrated(scores, ready.temperature), test.labels)
    assert error < 0.01
    assert error <= calibration_error(calibrated(scores, 1.0), test.labels) + 0.001


def test_the_check_takes_two_of_100_test_images_for_no_digit_at_most(ready: starter.Starter) -> None:
    assert ready.is_digit(mnist.load("test").images).mean() >= 0.98


def test_the_check_was_set_on_the_images_that_were_held_out(ready: starter.Starter) -> None:
    held_out = mnist.load("train").images[-starter.HELD_OUT :]
    refused = evidence(logits(ready.network, held_out)) < ready.least_evidence
    assert refused.mean() == pytest.approx(0.015, abs=0.001)


@pytest.mark.parametrize("name", [*LETTERS, *SCRIBBLES])
def test_most_of_what_is_no_digit_is_refused(ready: starter.Starter, name: str) -> None:
    style = (LETTERS | SCRIBBLES)[name]
    assert ready.is_digit(_inks(style, 20)).mean() <= 0.35


@pytest.mark.parametrize("digit", range(10))
def test_every_style_of_a_digit_is_read(ready: starter.Starter, digit: int) -> None:
    for style in STYLES[digit]:
        answers = probabilities(ready.network, _inks(style, 40)).argmax(axis=1)
        assert (answers == digit).mean() >= 0.9


@pytest.mark.parametrize("digit", DIGITS)
def test_a_digit_drawn_by_hand_is_read_and_believed(ready: starter.Starter, digit: int) -> None:
    ink = prepare([np.array(stroke) * 280 for stroke in DIGITS[digit]])
    assert ink is not None
    found = predict(through(ready.network, ink), ready.temperature, ready)
    assert (found.digit, found.verdict) == (digit, Verdict.SURE)


def test_between_two_digits_the_answer_names_both_and_is_not_believed(ready: starter.Starter) -> None:
    kernel, bias = np.zeros((784, 10), np.float32), np.full(10, -9, np.float32)
    bias[[4, 9]] = 1.1, 1.0
    ink = prepare([np.array(stroke) * 280 for stroke in DIGITS[4]])
    assert ink is not None
    found = predict(through(Network.from_arrays((kernel, bias), ready.network.activation), ink), None, ready)
    assert (found.digit, found.runner_up, found.verdict) == (4, 9, Verdict.UNSURE)
    assert found.calibrated is None


def test_no_digit_is_no_digit_whatever_the_network_says(ready: starter.Starter) -> None:
    kernel, bias = np.zeros((784, 10), np.float32), np.array([50, *[0] * 9], np.float32)
    star = prepare(written(LETTERS["star"], np.random.default_rng(5)))
    assert star is not None
    found = predict(through(Network.from_arrays((kernel, bias), ready.network.activation), star), None, ready)
    assert found.probability > 0.99
    assert found.verdict == Verdict.NO_DIGIT


def test_a_starter_comes_back_as_it_was_saved(ready: starter.Starter, tmp_path: Path) -> None:
    starter.save(ready, tmp_path / "again.npz")
    again = starter.load(tmp_path / "again.npz")
    assert (again.temperature, again.least_evidence) == (ready.temperature, ready.least_evidence)
    for left, right in zip(ready.network.weights, again.network.weights, strict=True):
        np.testing.assert_array_equal(left, right)
        assert not right.flags.writeable


@pytest.mark.parametrize("lost", ["check", "layer_0", "activation"])
def test_a_starter_that_lost_a_part_is_damaged(ready: starter.Starter, tmp_path: Path, lost: str) -> None:
    starter.save(ready, tmp_path / "whole.npz")
    with np.load(tmp_path / "whole.npz") as file:
        arrays = {name: file[name] for name in file.files if name != lost}
    np.savez(tmp_path / "part.npz", **arrays)
    with pytest.raises(mnist.DataError, match=r"starter.npz is damaged"):
        starter.load(tmp_path / "part.npz")
