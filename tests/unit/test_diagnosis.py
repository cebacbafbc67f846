"""Hints: right on recipes that provoke each, quiet where there is nothing to say."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from model import starter
from model.config import TrainingConfig
from model.diagnosis import Hint, HintKind, dead_shares, diagnose
from model.inference import Network
from model.slices import EpochMetrics, Score

SEED_RECIPE = TrainingConfig()


def history(
    training: Sequence[float], validation: Sequence[float], accuracy: float = 0.9
) -> list[EpochMetrics]:
    """Losses from epoch 0 on; the untrained network guesses, the others reach ``accuracy``."""
    return [
        EpochMetrics(
            epoch, Score(ours, accuracy if epoch else 0.1), Score(theirs, accuracy if epoch else 0.1)
        )
        for epoch, (ours, theirs) in enumerate(zip(training, validation, strict=True))
    ]


def only(hints: list[Hint]) -> Hint:
    [hint] = hints
    return hint


def changed(config: TrainingConfig, hint: Hint) -> TrainingConfig:
    assert str(hint.text)
    assert str(hint.action)
    return config.with_changes(**hint.changes)


def test_on_the_seed_recipe_it_says_only_that_it_is_still_improving_and_offers_20_epochs_more() -> None:
    recording = starter.load()
    images = np.random.default_rng(0).integers(0, 256, (50, 784), np.uint8)
    hint = only(diagnose(recording.config, recording.history, dead_shares(recording.network, images)))
    assert hint.kind == HintKind.STILL_IMPROVING
    assert hint.more_epochs == 20
    assert str(hint.action) == "Train 20 epochs more"


def test_the_limit_of_100_epochs_bounds_what_is_offered() -> None:
    falling = [2.4 * 0.97**epoch for epoch in range(91)]
    assert only(diagnose(SEED_RECIPE, history(falling, falling))).more_epochs == 10
    falling = [2.4 * 0.97**epoch for epoch in range(101)]
    assert diagnose(SEED_RECIPE, history(falling, falling)) == []


# Recorded: SGD with a learning rate of 0.00001, 10, and momentum with 1; four layers of 64 sigmoids;
# an L2 penalty of 0.1; a dropout of 0.9 behind three layers of 64.
@pytest.mark.parametrize(
    ("fields", "training", "validation", "accuracy", "change"),
    [
        (
            {"learning_rate": 1e-5},
            [2.399, 2.403, 2.399, 2.395],
            [2.405, 2.401, 2.397, 2.392],
            0.09,
            {"learning_rate": 1e-4},
        ),
        (
            {"optimizer": "momentum", "learning_rate": 1.0},
            [2.399, 2.485, 2.322, 2.319],
            [2.405, 2.313, 2.315, 2.326],
            0.10,
            {"learning_rate": 0.1},
        ),
        (
            {"activation": "sigmoid", "hidden_layers": (64, 64, 64, 64)},
            [2.457, 2.311, 2.301, 2.301],
            [2.456, 2.301, 2.301, 2.301],
            0.11,
            {"activation": "relu"},
        ),
        (
            {"l2": 0.1},
            [13.857, 4.129, 2.638, 2.386],
            [28.307, 6.211, 2.968, 2.437],
            0.42,
            {"l2": 0.0001},
        ),
        (
            {"dropout": 0.9, "hidden_layers": (64, 64, 64)},
            [2.374, 2.304, 2.303, 2.302],
            [2.322, 2.302, 2.301, 2.301],
            0.11,
            {"dropout": 0.2},
        ),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_a_recipe_that_does_not_learn_is_told_what_keeps_it_from_learning(
    fields: dict[str, Any],
    training: list[float],
    validation: list[float],
    accuracy: float,
    change: dict[str, Any],
) -> None:
    config = TrainingConfig(**fields)
    hint = only(diagnose(config, history(training, validation, accuracy), [0.9]))
    assert hint.kind == HintKind.NOT_LEARNING
    assert hint.changes == change
    assert changed(config, hint) == config.with_changes(**change)


def test_a_loss_that_jumped_far_above_guessing_has_exploded_even_if_it_came_back() -> None:
    config = TrainingConfig(learning_rate=10.0)
    recorded = history([2.399, 284.912, 2.338, 2.338], [2.405, 2.344, 2.351, 2.345], 0.1)
    hint = only(diagnose(config, recorded, [0.97, 1.0]))
    assert hint.kind == HintKind.EXPLODING
    assert changed(config, hint).learning_rate == 1.0


@pytest.mark.parametrize("points", [0, 1, 3])
def test_a_run_that_was_ended_because_of_its_loss_has_exploded(points: int) -> None:
    hint = only(diagnose(SEED_RECIPE, history([2.3] * points, [2.3] * points), exploded=True))
    assert hint.kind == HintKind.EXPLODING
    assert hint.changes == {"learning_rate": 0.001}


def test_the_smallest_learning_rate_is_still_a_learning_rate() -> None:
    config = TrainingConfig(learning_rate=1e-5)
    assert changed(config, only(diagnose(config, [], exploded=True))).learning_rate == 1e-5


# Shaped like the curve of Adam with 0.001 over 20 epochs.
BY_HEART = history(
    [2.4, 0.3, 0.12, 0.08, 0.05, 0.03, 0.02, 0.012], [2.4, 0.14, 0.1, 0.083, 0.076, 0.083, 0.095, 0.103]
)


@pytest.mark.parametrize(
    ("fields", "change"),
    [
        ({}, {"dropout": 0.3}),
        ({"dropout": 0.3}, {"augmentation": 0.5}),
        ({"dropout": 0.3, "augmentation": 0.5}, {"epochs": 4}),
        ({"hidden_layers": ()}, {"augmentation": 0.5}),
    ],
    ids=str,
)
def test_learning_by_heart_is_met_with_dropout_then_augmentation_then_fewer_epochs(
    fields: dict[str, Any], change: dict[str, Any]
) -> None:
    config = TrainingConfig(**fields)
    hint = only(diagnose(config, BY_HEART))
    assert hint.kind == HintKind.OVERFITTING
    assert "since epoch 4" in str(hint.text)
    assert changed(config, hint) == config.with_changes(**change)


def test_one_noisy_epoch_at_the_end_is_neither_overfitting_nor_the_end_of_learning() -> None:
    falling = [2.4, *(0.9 * 0.93**epoch for epoch in range(12))]
    noisy = [*falling[:-1], falling[-1] * 1.1]
    assert [hint.kind for hint in diagnose(SEED_RECIPE, history(falling, noisy))] == [
        HintKind.STILL_IMPROVING
    ]


def test_a_curve_that_has_come_to_rest_gets_no_hint() -> None:
    level = [2.4, 0.5, 0.3, 0.21, *[0.2] * 10]
    assert diagnose(SEED_RECIPE, history(level, level)) == []


def test_dead_units_are_a_hint_beside_the_others() -> None:
    config = TrainingConfig(optimizer="adam", learning_rate=0.05)
    falling = [2.4, 0.5, 0.4, 0.35]
    hints = diagnose(config, history(falling, falling), [0.1, 0.79])
    assert [hint.kind for hint in hints] == [HintKind.DEAD_UNITS, HintKind.STILL_IMPROVING]
    assert changed(config, hints[0]).learning_rate == 0.005


def test_before_the_first_epoch_there_is_nothing_to_say() -> None:
    assert diagnose(SEED_RECIPE, []) == []
    assert diagnose(SEED_RECIPE, history([2.4], [2.4]), [1.0]) == []


def test_dead_units_are_counted_per_layer_and_only_for_relu() -> None:
    images = np.random.default_rng(1).integers(1, 256, (20, 784), np.uint8)
    kernel = np.full((784, 4), 0.001, np.float32)
    kernel[:, 0] = -1
    weights = (kernel, np.zeros(4, np.float32), np.ones((4, 10), np.float32), np.zeros(10, np.float32))
    assert dead_shares(Network(weights, SEED_RECIPE.activation), images) == [0.25]
    assert dead_shares(Network(weights, TrainingConfig(activation="tanh").activation), images) == []
