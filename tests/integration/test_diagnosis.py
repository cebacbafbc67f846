"""Three recipes that go wrong, really trained: the hint says how, and its change helps."""

from typing import Any

import pytest

from model.config import TrainingConfig
from model.data import mnist
from model.evaluation.diagnosis import Hint, HintKind, dead_shares, diagnose
from model.explain.units import layer_statistics
from model.inference import Network
from runs.records import RunSnapshot
from runs.runner import Runner
from testing.waiting import over


def train(runner: Runner, config: TrainingConfig) -> RunSnapshot:
    return over(runner, runner.submit(config, "pupil"))


def hints(runner: Runner, run: RunSnapshot) -> list[Hint]:
    """The hints on ``run``, as the page asks for them."""
    weights = runner.weights(run.id, run.epoch)
    assert weights is not None
    network = Network.from_arrays(weights, run.config.activation)
    shares = dead_shares(network, layer_statistics(network, mnist.load("test").images[:1000]))
    return diagnose(run.config, run.history, shares, diverged=run.diverged)


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"learning_rate": 10.0, "train_share": 0.1, "epochs": 5}, {HintKind.EXPLODING}),
        ({"learning_rate": 1e-5, "train_share": 0.1, "epochs": 5}, {HintKind.NOT_LEARNING}),
        (
            {"optimizer": "adam", "learning_rate": 0.1, "train_share": 0.1, "epochs": 5},
            {HintKind.DEAD_UNITS, HintKind.NOT_LEARNING},
        ),
    ],
    ids=["exploding", "not learning", "dead units"],
)
def test_a_recipe_gone_wrong_is_recognised_and_learns_with_the_change_that_is_suggested(
    runner: Runner, fields: dict[str, Any], kind: set[HintKind]
) -> None:
    run = train(runner, TrainingConfig(**fields))
    hint = hints(runner, run)[0]
    assert hint.kind in kind
    better = train(runner, run.config.with_changes(**hint.changes))
    assert better.history[-1].validation.accuracy > 0.85
    assert hints(runner, better)[0].kind == HintKind.STILL_IMPROVING
