"""What is taken away as text: the script's learning rates, and the curves."""

import ast
import csv
import io
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.config import TrainingConfig
from model.export.curves import curves_csv
from model.export.run_script import RateChange, learning_rates, run_script
from model.slices import next_slice
from model.starter import recording
from model.version import VERSION
from runs.records import EventKind, RunEvent, config_at

# Two slices of 15 steps an epoch.
RECIPE = TrainingConfig(hidden_layers=(512, 256), train_share=0.1255, batch_size=256, epochs=3)


@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.sampled_from([0, 15]), st.sampled_from([0.001, 0.01, 0.1])),
        max_size=6,
    )
)
def test_the_scripts_learning_rates_are_those_of_the_runs_slices(
    changes: list[tuple[int, int, float]],
) -> None:
    events = [RunEvent(EventKind.LEARNING_RATE, *change) for change in changes if change[:2] != (0, 15)]
    rates = learning_rates(RECIPE, RECIPE.epochs, [RateChange(e.epoch, e.step, e.value) for e in events])
    part = None
    while part := next_slice(RECIPE, part):
        if part.steps:
            step = (part.epoch - 1) * RECIPE.steps_per_epoch + part.first_step
            [*_, (_since, rate)] = [known for known in rates if known[0] <= step]
            assert rate == config_at(RECIPE, events, part).learning_rate
    assert all(one != other for (_, one), (_, other) in pairwise(rates))


@pytest.mark.parametrize(
    "recipe",
    [
        TrainingConfig(),
        TrainingConfig(hidden_layers=(), held_out=20_000, train_share=0.01, optimizer="momentum"),
        TrainingConfig(hidden_layers=(8,) * 4, dropout=0.9, l2=0.1, augmentation=1.0, optimizer="rmsprop"),
    ],
)
@pytest.mark.parametrize("epochs", [0, 1, 100])
def test_the_script_is_python_that_imports_numpy_and_keras_alone(recipe: TrainingConfig, epochs: int) -> None:
    script = run_script(recipe, epochs, [RateChange(1, 3, 0.5), RateChange(99, 0, 1e-5)])
    assert f"Digit Lab {VERSION}" in script
    tree = ast.parse(script)
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    sources = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported == {"keras", "numpy"}
    assert sources == {"pathlib"}


def test_the_curves_are_read_back_from_csv_to_the_last_digit() -> None:
    history = recording.load().history
    rows = list(csv.DictReader(io.StringIO(curves_csv(history))))
    assert [int(row["epoch"]) for row in rows] == list(range(21))
    assert [float(row["training loss"]) for row in rows] == [m.training.loss for m in history]
    assert [float(row["training accuracy"]) for row in rows] == [m.training.accuracy for m in history]
    assert [float(row["validation loss"]) for row in rows] == [m.validation.loss for m in history]
    assert [float(row["validation accuracy"]) for row in rows] == [m.validation.accuracy for m in history]


def test_a_run_without_epochs_has_a_heading_only() -> None:
    assert len(curves_csv([]).splitlines()) == 1
