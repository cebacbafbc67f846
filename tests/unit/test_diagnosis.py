"""Hints: right on recorded runs that provoke each, and silent where there is nothing to say."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from model.config import Activation, TrainingConfig, bounds
from model.data import mnist
from model.evaluation.diagnosis import Hint, HintKind, dead_shares, diagnose
from model.explain.units import layer_statistics
from model.inference import Network
from model.slices import EpochMetrics, Score
from model.starter import recording

SEED_RECIPE = TrainingConfig()
History = Sequence[EpochMetrics]


def recorded(
    losses: Sequence[float],
    accuracies: Sequence[float],
    validation_losses: Sequence[float],
    validation_accuracies: Sequence[float],
) -> list[EpochMetrics]:
    """A history from its columns, the untrained network first."""
    rows = zip(losses, accuracies, validation_losses, validation_accuracies, strict=True)
    return [EpochMetrics(i, Score(*row[:2]), Score(*row[2:])) for i, row in enumerate(rows)]


def losing(losses: Sequence[float]) -> list[EpochMetrics]:
    """A history with these losses in training and validation, and a good accuracy."""
    good = [0.1, *[0.9] * (len(losses) - 1)]
    return recorded(losses, good, losses, good)


def kinds(hints: Sequence[Hint]) -> list[HintKind]:
    return [hint.kind for hint in hints]


def only(hints: Sequence[Hint]) -> Hint:
    [hint] = hints
    return hint


def shaken(history: History, factor: float) -> list[EpochMetrics]:
    """The same with another validation loss in the last epoch."""
    last = history[-1]
    validation = replace(last.validation, loss=last.validation.loss * factor)
    return [*history[:-1], replace(last, validation=validation)]


# Recorded runs of the seed recipe with one change, rounded; the failed ones are cut short.
# fmt: off
SEED_1 = recorded(  # seed 1
    [2.305, 1.343, 0.5241, 0.3971, 0.3449, 0.3148, 0.2941, 0.2782, 0.2648, 0.2533, 0.243, 0.2335, 0.2249,
     0.2168, 0.2091, 0.2019, 0.1952, 0.1888, 0.1827, 0.1771, 0.1716],
    [0.1117, 0.6487, 0.8624, 0.8913, 0.9034, 0.912, 0.9167, 0.9213, 0.9249, 0.9283, 0.9315, 0.9338,
     0.9362, 0.9386, 0.9407, 0.9428, 0.9443, 0.9458, 0.9478, 0.9494, 0.9508],
    [2.315, 0.6408, 0.416, 0.3471, 0.3122, 0.2913, 0.2747, 0.2623, 0.2512, 0.2421, 0.2325, 0.2243,
     0.2178, 0.2105, 0.2025, 0.1979, 0.1927, 0.185, 0.1826, 0.1759, 0.1725],
    [0.1055, 0.8392, 0.886, 0.9055, 0.9144, 0.9188, 0.9224, 0.9243, 0.9267, 0.9303, 0.9337, 0.9347,
     0.9381, 0.9392, 0.9422, 0.9446, 0.9449, 0.9473, 0.9473, 0.9504, 0.95],
)
TINY_RATE = recorded(  # a learning rate of 0.00001
    [2.399, 2.403, 2.399, 2.395, 2.39],
    [0.0906, 0.0868, 0.0881, 0.0892, 0.0908],
    [2.405, 2.401, 2.397, 2.392, 2.388],
    [0.0822, 0.0831, 0.0844, 0.0864, 0.0878],
)
RATE_10 = recorded(  # a learning rate of 10
    [2.399, 284.9, 2.338, 2.338, 2.339],
    [0.0906, 0.1031, 0.1025, 0.1032, 0.1021],
    [2.405, 2.344, 2.351, 2.345, 2.337],
    [0.0822, 0.0974, 0.0974, 0.0958, 0.1135],
)
SIGMOIDS = recorded(  # four hidden layers of 64 sigmoids
    [2.457, 2.311, 2.301, 2.301, 2.301],
    [0.0944, 0.1078, 0.1123, 0.1124, 0.1122],
    [2.456, 2.301, 2.301, 2.301, 2.301],
    [0.0974, 0.1135, 0.1135, 0.1135, 0.1135],
)
L2 = recorded(  # an L2 penalty of 0.1
    [28.3, 13.86, 4.129, 2.638, 2.386, 2.335],
    [0.0906, 0.5127, 0.5459, 0.4967, 0.4802, 0.4629],
    [28.31, 6.211, 2.968, 2.437, 2.34, 2.315],
    [0.0822, 0.5956, 0.5142, 0.4896, 0.4695, 0.4511],
)
DROPOUT = recorded(  # a dropout of 0.9
    [2.399, 2.382, 2.298, 2.285, 2.269, 2.252, 2.225, 2.205],
    [0.0906, 0.1037, 0.1056, 0.1057, 0.1068, 0.1164, 0.1531, 0.1611],
    [2.405, 2.292, 2.278, 2.248, 2.213, 2.176, 2.123, 2.088],
    [0.0822, 0.1333, 0.1538, 0.1909, 0.2431, 0.3267, 0.3677, 0.3765],
)
RATE_1 = recorded(  # a learning rate of 1
    [2.399, 0.5685, 0.1868, 0.1418, 0.1161, 0.1024, 0.09327],
    [0.0906, 0.8193, 0.944, 0.9575, 0.9645, 0.9683, 0.9709],
    [2.405, 0.2506, 0.1467, 0.1246, 0.132, 0.1108, 0.1323],
    [0.0822, 0.9226, 0.9564, 0.9632, 0.96, 0.9651, 0.9629],
)
ADAM = recorded(  # Adam with a learning rate of 0.001
    [2.399, 0.351, 0.1457, 0.1053, 0.08343, 0.06623, 0.055, 0.0438, 0.03947, 0.03263, 0.02784, 0.02259,
     0.01958, 0.01653, 0.01577, 0.01258, 0.01012, 0.009224, 0.008748, 0.009232, 0.01154],
    [0.0906, 0.901, 0.9578, 0.9697, 0.9752, 0.9803, 0.9828, 0.9869, 0.988, 0.9907, 0.9915, 0.9935,
     0.9942, 0.9951, 0.9952, 0.9963, 0.9971, 0.9974, 0.9973, 0.9971, 0.9961],
    [2.405, 0.1743, 0.1256, 0.1008, 0.09133, 0.08688, 0.08039, 0.08498, 0.07473, 0.0878, 0.07883,
     0.08343, 0.07593, 0.0833, 0.08752, 0.09921, 0.09515, 0.09288, 0.09498, 0.1031, 0.1031],
    [0.0822, 0.9482, 0.9632, 0.968, 0.9714, 0.974, 0.9752, 0.9737, 0.9773, 0.9738, 0.9772, 0.9772,
     0.9787, 0.9774, 0.9759, 0.9728, 0.9767, 0.9761, 0.9773, 0.9761, 0.976],
)
# fmt: on

STUCK = [
    ({"learning_rate": 1e-5}, TINY_RATE, {"learning_rate": 0.1}),
    ({"activation": "sigmoid", "hidden_layers": (64, 64, 64, 64)}, SIGMOIDS, {"activation": "relu"}),
    ({"l2": 0.1}, L2, {"l2": 0.0001}),
    ({"dropout": 0.9}, DROPOUT, {"dropout": 0.2}),
]


@pytest.mark.parametrize("history", [recording.load().history, SEED_1], ids=["seed 0", "seed 1"])
def test_the_seed_recipe_is_only_still_improving_and_is_offered_20_epochs_more(history: History) -> None:
    hint = only(diagnose(SEED_RECIPE, history, [0.0, 0.02]))
    assert (hint.kind, hint.more_epochs, hint.changes) == (HintKind.STILL_IMPROVING, 20, {})
    assert str(hint.action) == "Train 20 more epochs"


def test_the_recorded_network_has_hardly_a_dead_unit() -> None:
    network = recording.load().network
    shares = dead_shares(network, layer_statistics(network, mnist.load("test").images[:1000]))
    assert len(shares) == 2
    assert max(shares) < 0.05


@pytest.mark.parametrize("epochs", range(1, 21))
def test_the_seed_recipe_is_still_improving_all_the_way(epochs: int) -> None:
    assert kinds(diagnose(SEED_RECIPE, SEED_1[: epochs + 1])) == [HintKind.STILL_IMPROVING]


@pytest.mark.parametrize(("fields", "history", "change"), STUCK, ids=lambda value: str(value)[:30])
@pytest.mark.parametrize("epochs", [3, 4])
def test_a_recipe_that_does_not_learn_is_told_what_keeps_it_from_learning(
    fields: dict[str, Any], history: History, change: dict[str, Any], epochs: int
) -> None:
    hint = only(diagnose(TrainingConfig(**fields), history[: epochs + 1], [0.9]))
    assert (hint.kind, hint.changes, hint.more_epochs) == (HintKind.NOT_LEARNING, change, 0)


@pytest.mark.parametrize(("fields", "history", "change"), STUCK, ids=lambda value: str(value)[:30])
@pytest.mark.parametrize("epochs", [0, 1, 2])
def test_after_one_or_two_epochs_nothing_else_is_said_than_after_three(
    fields: dict[str, Any], history: History, change: dict[str, Any], epochs: int
) -> None:
    hints = diagnose(TrainingConfig(**fields), history[: epochs + 1], [0.9])
    said = [hint for hint in hints if hint.kind != HintKind.STILL_IMPROVING]
    assert [(hint.kind, hint.changes) for hint in said] in ([], [(HintKind.NOT_LEARNING, change)])


def test_a_loss_that_jumped_and_never_learned_has_exploded_even_where_it_came_back() -> None:
    hint = only(diagnose(TrainingConfig(learning_rate=10.0), RATE_10, [0.97, 1.0]))
    assert (hint.kind, hint.changes) == (HintKind.EXPLODING, {"learning_rate": 0.1})


def test_large_steps_that_never_jumped_are_not_learning() -> None:
    config = TrainingConfig(optimizer="momentum", learning_rate=1.0)
    hint = only(diagnose(config, SIGMOIDS, [0.84, 1.0]))
    assert (hint.kind, hint.changes) == (HintKind.NOT_LEARNING, {"learning_rate": 0.01})


@pytest.mark.parametrize("history", [[], RATE_10[:1], SEED_1], ids=["no point", "untrained", "on its way"])
def test_a_run_that_was_ended_because_of_its_loss_has_exploded(history: History) -> None:
    hint = only(diagnose(TrainingConfig(learning_rate=10.0), history, diverged=True))
    assert (hint.kind, hint.changes) == (HintKind.EXPLODING, {"learning_rate": 0.1})


@pytest.mark.parametrize(
    ("optimizer", "rate", "suggested"),
    [
        ("adam", 10.0, 0.001),
        ("rmsprop", 0.05, 0.001),
        ("momentum", 2.0, 0.01),
        ("sgd", 0.1, 0.05),
        ("sgd", 0.0123, 0.01),
        ("sgd", 1e-5, 1e-5),
    ],
)
def test_smaller_steps_are_the_good_learning_rate_or_the_next_round_one(
    optimizer: str, rate: float, suggested: float
) -> None:
    hint = only(diagnose(TrainingConfig(optimizer=optimizer, learning_rate=rate), [], diverged=True))
    assert hint.changes == {"learning_rate": suggested}


@pytest.mark.parametrize(
    ("optimizer", "rate", "suggested"),
    [("adam", 1e-5, 0.001), ("sgd", 0.1, 0.2), ("sgd", 0.3, 0.5), ("momentum", 0.001, 0.01)],
)
def test_larger_steps_are_the_good_learning_rate_or_the_next_round_one(
    optimizer: str, rate: float, suggested: float
) -> None:
    hint = only(diagnose(TrainingConfig(optimizer=optimizer, learning_rate=rate), TINY_RATE))
    assert hint.changes == {"learning_rate": suggested}


def test_dead_units_come_before_the_other_hints() -> None:
    config = TrainingConfig(learning_rate=1.0)
    hints = diagnose(config, RATE_1[:6], [0.34, 0.02])
    assert kinds(hints) == [HintKind.DEAD_UNITS, HintKind.STILL_IMPROVING]
    assert hints[0].changes == {"learning_rate": 0.1}


def test_a_few_dead_units_or_those_that_no_learning_rate_killed_are_no_hint() -> None:
    assert HintKind.DEAD_UNITS not in kinds(diagnose(TrainingConfig(learning_rate=1.0), RATE_1, [0.2]))
    assert HintKind.DEAD_UNITS not in kinds(diagnose(TrainingConfig(learning_rate=0.01), RATE_1, [0.6]))


@pytest.mark.parametrize(
    ("fields", "change"),
    [
        ({}, {"dropout": 0.3}),
        ({"dropout": 0.3}, {"augmentation": 0.5}),
        ({"hidden_layers": ()}, {"augmentation": 0.5}),
        ({"dropout": 0.3, "augmentation": 0.5}, {"epochs": 9}),
    ],
    ids=str,
)
def test_learning_by_heart_is_met_with_dropout_then_augmentation_then_fewer_epochs(
    fields: dict[str, Any], change: dict[str, Any]
) -> None:
    config = TrainingConfig(optimizer="adam", learning_rate=0.001, **fields)
    hint = only(diagnose(config, ADAM, [0.01, 0.02]))
    assert (hint.kind, hint.changes) == (HintKind.OVERFITTING, change)
    assert "around epoch 9" in str(hint.text)


@pytest.mark.parametrize("epochs", range(11, 21))
def test_adam_is_no_longer_improving_once_validation_has_come_to_rest(epochs: int) -> None:
    config = TrainingConfig(optimizer="adam", learning_rate=0.001)
    assert set(kinds(diagnose(config, ADAM[: epochs + 1]))) <= {HintKind.OVERFITTING}


@pytest.mark.parametrize("factor", [0.8, 0.9, 1.1, 1.25])
@pytest.mark.parametrize(
    ("fields", "history"),
    [({}, SEED_1), ({"optimizer": "adam", "learning_rate": 0.001}, ADAM), ({"dropout": 0.9}, DROPOUT)],
    ids=["seed recipe", "adam", "dropout"],
)
def test_a_noisy_last_epoch_changes_no_verdict(
    fields: dict[str, Any], history: History, factor: float
) -> None:
    config = TrainingConfig(**fields)
    assert kinds(diagnose(config, shaken(history, factor))) == kinds(diagnose(config, history))


def test_training_that_is_no_better_than_validation_knows_nothing_by_heart() -> None:
    rising = losing([2.4, 0.3, 0.2, 0.15, 0.15, 0.2, 0.25, 0.25])
    assert diagnose(SEED_RECIPE, rising) == []


def test_a_curve_that_has_come_to_rest_gets_no_hint() -> None:
    assert diagnose(SEED_RECIPE, losing([2.4, 0.5, 0.3, 0.21, *[0.2] * 10])) == []


@pytest.mark.parametrize(("behind", "offered"), [(70, [20]), (90, [10]), (100, [])])
def test_the_most_epochs_that_a_run_may_have_bound_what_is_offered(behind: int, offered: list[int]) -> None:
    falling = losing([2.4 * 0.97**epoch for epoch in range(behind + 1)])
    assert [hint.more_epochs for hint in diagnose(SEED_RECIPE, falling)] == offered


# The first epochs of real runs of the seed recipe with these changes: training and validation accuracy, and
# the training loss.
FIRST_EPOCHS: dict[str, tuple[dict[str, Any], list[tuple[float, float, float]], HintKind | None]] = {
    "a tiny learning rate": ({"learning_rate": 0.0001}, [(0.09, 0.10, 2.38)], HintKind.NOT_LEARNING),
    "a large one": ({"learning_rate": 5.0}, [(0.11, 0.10, 77.7)], HintKind.EXPLODING),
    "a small one that learns": ({"learning_rate": 0.001}, [(0.22, 0.35, 2.24)], None),
    "a large one that learns": ({"learning_rate": 1.0}, [(0.83, 0.94, 0.54)], None),
    "two layers of sigmoids": ({"activation": "sigmoid"}, [(0.17, 0.18, 2.29)], None),
    "three layers of sigmoids": (
        {"activation": "sigmoid", "hidden_layers": (64, 64, 64)},
        [(0.11, 0.11, 2.31)],
        HintKind.NOT_LEARNING,
    ),
    "the seed recipe": ({}, [(0.66, 0.85, 1.27)], None),
    "no setting to blame": ({}, [(0.11, 0.11, 2.3)], None),
}


@pytest.mark.parametrize("name", FIRST_EPOCHS)
def test_a_hint_speaks_after_the_first_epoch_where_the_recipe_says_why(name: str) -> None:
    changes, epochs, kind = FIRST_EPOCHS[name]
    untrained = EpochMetrics(0, Score(2.4, 0.09), Score(2.4, 0.08))
    history = [
        untrained,
        *(
            EpochMetrics(epoch, Score(loss, training), Score(loss, validation))
            for epoch, (training, validation, loss) in enumerate(epochs, start=1)
        ),
    ]
    found = [
        hint for hint in diagnose(TrainingConfig(**changes), history) if hint.kind != HintKind.STILL_IMPROVING
    ]
    assert kinds(found) == ([] if kind is None else [kind])


def test_before_the_first_epoch_there_is_nothing_to_say() -> None:
    assert diagnose(SEED_RECIPE, []) == []
    assert diagnose(SEED_RECIPE, SEED_1[:1], [1.0]) == []


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "rmsprop", "adam"])
@pytest.mark.parametrize("rate", [2e-5, 3e-4, 0.05, 0.7, 10.0])
@pytest.mark.parametrize("history", [RATE_10, SIGMOIDS, ADAM, RATE_1], ids=["10", "sigmoids", "adam", "1"])
def test_every_change_is_valid_round_and_really_a_change(
    optimizer: str, rate: float, history: History
) -> None:
    config = TrainingConfig(optimizer=optimizer, learning_rate=rate, dropout=0.3, l2=1e-4)
    for hint in diagnose(config, history, [0.5]):
        assert "{" not in f"{hint.text} {hint.action}"
        assert config.with_changes(**hint.changes) != config or hint.more_epochs
        for name, value in hint.changes.items():
            low, high = bounds(name)
            assert low <= value <= high
        if "learning_rate" in hint.changes:
            assert f"{hint.changes['learning_rate']:e}"[:8] in {"1.000000", "2.000000", "5.000000"}


def test_dead_units_are_counted_per_layer_and_only_for_relu() -> None:
    images = np.random.default_rng(1).integers(1, 256, (20, 784), np.uint8)
    kernel = np.full((784, 4), 0.001, np.float32)
    kernel[:, 0] = -1
    weights = (kernel, np.zeros(4, np.float32), np.ones((4, 10), np.float32), np.zeros(10, np.float32))
    for activation, shares in ((Activation.RELU, [0.25]), (Activation.TANH, [])):
        network = Network.from_arrays(weights, activation)
        assert dead_shares(network, layer_statistics(network, images)) == shares
