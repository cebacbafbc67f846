"""The model card says what was measured, and nothing that is not known."""

import numpy as np
import pytest

from model.config import TrainingConfig
from model.data import mnist
from model.evaluation.metrics import Evaluation, digit_scores, evaluate, interval
from model.export.model_card import Origin, model_card
from model.export.run_script import RateChange
from model.inference import Network
from model.starter import recording, starter
from model.version import VERSION

LESSON = recording.load()
CHANGES = [RateChange(2, 0, 0.02), RateChange(7, 0, 0.5)]


@pytest.fixture(scope="module")
def measured() -> Evaluation:
    return evaluate(LESSON.network, mnist.load("test"))


def _lines(*args: object, **kwargs: object) -> list[str]:
    card = model_card(*args, **kwargs)  # type: ignore[arg-type]
    return [str(line) for section in card for line in (section.heading, *section.lines)]


def test_the_card_gives_the_measured_figures_and_the_recipe(measured: Evaluation) -> None:
    text = "\n".join(_lines(LESSON.config, 20, Origin.LESSON, measured))
    low, high = interval(int(measured.correct.sum()), 10_000)
    recall = digit_scores(measured.confusion).recall
    for figure in (measured.accuracy, low, high, recall.min()):
        assert f"{round(100 * figure, 2)}" in text
    assert f"Loss: {measured.loss:.4f}".rstrip("0") in text
    assert f"Lowest recall: digit {recall.argmin()}" in text
    assert "784-100-50-10" in text
    assert "84060" in text
    assert f"Model card from Digit Lab {VERSION}." in text
    assert "Optimizer: SGD. Learning rate: 0.01. Batch size: 128." in text
    assert "60000 of the 60,000 MNIST training images" in text
    assert "drawn by hand" not in text
    assert "Dropout" not in text


def test_only_a_network_that_was_validated_on_the_test_images_is_called_a_little_too_good(
    measured: Evaluation,
) -> None:
    warning = "slightly optimistic"
    assert warning in "".join(_lines(TrainingConfig(), 1, Origin.RUN, measured))
    assert warning not in "".join(_lines(TrainingConfig(held_out=100), 1, Origin.RUN, measured))


@pytest.mark.parametrize(("epoch", "said"), [(1, None), (2, "Last value: 0.02."), (7, "Last value: 0.5.")])
def test_a_changed_learning_rate_is_told_as_far_as_the_epoch_has_seen_it(
    measured: Evaluation, epoch: int, said: str | None
) -> None:
    text = "".join(_lines(TrainingConfig(), epoch, Origin.RUN, measured, changes=CHANGES))
    assert "Learning rate: 0.01." in text
    assert ("changed during training" in text) == (said is not None)
    assert said is None or said in text


def test_the_starters_card_says_nothing_of_a_recipe_that_it_has_not(measured: Evaluation) -> None:
    network = starter.load().network
    config = TrainingConfig(
        hidden_layers=network.layer_sizes[1:-1], activation=network.activation, held_out=starter.HELD_OUT
    )
    text = "\n".join(_lines(config, starter.EPOCHS, Origin.STARTER, measured))
    assert "55000 MNIST training images" in text
    assert "784-512-512-512-10" in text
    assert "numbers of two digits" in text
    for unknown in ("sgd", "learning rate", "seed", "crossed 7", "optimistic"):
        assert unknown not in text.lower()


def test_digits_of_the_visitors_own_are_counted_with_their_interval(measured: Evaluation) -> None:
    test = mnist.load("test")
    own = evaluate(
        Network.from_arrays(LESSON.weights[-1], LESSON.config.activation),
        mnist.LabelledImages(test.images[:12], test.labels[:12]),
    )
    none = evaluate(LESSON.network, mnist.LabelledImages(test.images[:12], np.roll(test.labels[:12], 1)))
    text = "".join(_lines(LESSON.config, 20, Origin.FILE, measured, own))
    right = int(own.correct.sum())
    low, high = (round(100 * bound, 2) for bound in interval(right, 12))
    assert f"Accuracy on 12 digits drawn by hand in Digit Lab: {round(100 * right / 12, 2)}%" in text
    assert f"(95% interval: {low}% to {high}%)" in text
    assert text != "".join(_lines(LESSON.config, 20, Origin.FILE, measured, none))
    assert "were not checked" in text
