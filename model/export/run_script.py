"""A run as a script that repeats it."""

from collections.abc import Sequence
from typing import NamedTuple

from model.config import TrainingConfig
from model.export.keras_code import TEMPLATES, recipe_values


class RateChange(NamedTuple):
    """The learning rate from ``step`` of ``epoch`` on, both as in a ``model.slices.Slice``."""

    epoch: int
    step: int
    learning_rate: float


def run_script(recipe: TrainingConfig, epochs: int, changes: Sequence[RateChange] = ()) -> str:
    """A program that repeats ``epochs`` of a run: the same initial weights and order of the images (the
    formulas of ``model.slices``), and the ``changes`` of its learning rate in the order in which they
    were made.

    It needs NumPy and Keras, and nothing of ours; MNIST comes from this repository where it runs in
    there, else from Keras. The random numbers of dropout and augmentation cannot be repeated in it.
    """
    steps = learning_rates(recipe, epochs, changes)
    return TEMPLATES.get_template("run.py.jinja").render(
        recipe_values(recipe),
        epochs=epochs,
        rates=[rate for _step, rate in steps],
        # Keras keeps a rate up to and including the step that is named, counted from 0.
        boundaries=[step - 1 for step, _rate in steps[1:]],
        not_repeated=[name for name in ("dropout", "augmentation") if getattr(recipe, name)],
    )


def learning_rates(
    recipe: TrainingConfig, epochs: int, changes: Sequence[RateChange]
) -> list[tuple[int, float]]:
    """The learning rates and the steps from which they hold, counted from 0 over the whole run.

    As in ``runs.records.config_at``: at each step the change made last, of those up to there, holds.
    """

    def first_step(change: RateChange) -> int:
        return max(0, (change.epoch - 1) * recipe.steps_per_epoch + change.step)

    rates: list[tuple[int, float]] = []
    for step in sorted({0, *map(first_step, changes)}):
        made = [change.learning_rate for change in changes if first_step(change) <= step]
        rate = made[-1] if made else recipe.learning_rate
        if not rates or (step < epochs * recipe.steps_per_epoch and rates[-1][1] != rate):
            rates.append((step, rate))
    return rates
