"""A run as a script that repeats it."""

from collections.abc import Sequence
from typing import NamedTuple

from model.config import TRAINING_IMAGES, TrainingConfig
from model.export.keras_code import build_code, optimizer_code


class RateChange(NamedTuple):
    """The learning rate from ``step`` of ``epoch`` on, both as in a ``model.slices.Slice``."""

    epoch: int
    step: int
    learning_rate: float


def run_script(recipe: TrainingConfig, epochs: int, changes: Sequence[RateChange] = ()) -> str:
    """A program that repeats ``epochs`` of a run: the same first weights and order of the images (the
    formulas of ``model.slices``), and the ``changes`` of its learning rate in the order in which they
    were made.

    It needs NumPy and Keras, and nothing of ours; MNIST comes from this repository where it runs in
    there, else from Keras. The random numbers of dropout and augmentation cannot be repeated in it.
    """
    parts = [_start(recipe, epochs), _images(recipe), _network(recipe, epochs, changes), _RUN_EPOCHS]
    return "\n".join(parts)


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


_RUN_EPOCHS = """\
for epoch in range(1, EPOCHS + 1):
    order = random_numbers(ORDER, epoch).permutation(images)
    result = model.fit(
        x_train[order], y_train[order],
        batch_size=BATCH_SIZE,
        shuffle=False,
        validation_data=validation,
        verbose=0,
    )
    print("epoch", epoch, {name: values[0] for name, values in result.history.items()}, flush=True)

print("score =", model.evaluate(x_test, y_test, verbose=0))  # [loss, accuracy] on the test images
"""


def _start(recipe: TrainingConfig, epochs: int) -> str:
    unlike = " and ".join(name for name in ("dropout", "augmentation") if getattr(recipe, name))
    agreement = (
        f"The random numbers of {unlike} are Keras' own here, so that the figures\n"
        "come close to the run's and no more."
        if unlike
        else "The figures of the first epochs agree to about 0.001; differences in rounding grow later on."
    )
    return f'''\
"""Repeats {epochs} epochs of a run of Digit Lab: the same first weights, the same images in the same
order, the same learning rates.

{agreement}
Needs NumPy and Keras: pip install numpy keras tensorflow
"""

from pathlib import Path

import keras
import numpy as np

SEED = {recipe.seed}
LAYERS = {list(recipe.layer_sizes)}
BATCH_SIZE = {recipe.batch_size}
EPOCHS = {epochs}
FIRST_WEIGHTS, ORDER, SHARE = 0, 1, 2


def random_numbers(purpose, place=0):
    """Each purpose, and each layer or epoch, has random numbers of its own."""
    return np.random.default_rng([SEED, purpose, place])

'''


def _images(recipe: TrainingConfig) -> str:
    available = TRAINING_IMAGES - recipe.held_out
    lines = [
        "# MNIST, from the repository of Digit Lab or from Keras, which downloads it.",
        'if Path("model/data/train.npz").exists():',
        '    train, test = np.load("model/data/train.npz"), np.load("model/data/test.npz")',
        '    x_train, y_train = train["images"], train["labels"]',
        '    x_test, y_test = test["images"], test["labels"]',
        "else:",
        "    (x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()",
        'x_train = x_train.reshape(-1, 784).astype("float32") / 255',
        'x_test = x_test.reshape(-1, 784).astype("float32") / 255',
        "y_train = keras.utils.to_categorical(y_train, 10)",
        "y_test = keras.utils.to_categorical(y_test, 10)",
    ]
    if recipe.held_out:
        lines.append(f"# The last {recipe.held_out} training images are held out to validate on.")
        lines.append(f"validation = (x_train[{available}:], y_train[{available}:])")
    else:
        lines.append("validation = (x_test, y_test)")
    if recipe.training_images < available:
        lines.append(f"# {recipe.training_images} of the training images, drawn by the seed.")
        lines.append(
            f"images = np.sort(random_numbers(SHARE).permutation({available})[:{recipe.training_images}])"
        )
    else:
        lines.append(f"images = np.arange({available})")
    return "\n".join(lines) + "\n"


def _network(recipe: TrainingConfig, epochs: int, changes: Sequence[RateChange]) -> str:
    steps = learning_rates(recipe, epochs, changes)
    rate = repr(steps[0][1])
    schedule = ""
    if len(steps) > 1:
        rate = "learning_rate"
        # Keras keeps a rate up to and including the step that is named, counted from 0.
        schedule = (
            f"# The learning rate was changed on the way; an epoch has {recipe.steps_per_epoch} steps.\n"
            "learning_rate = keras.optimizers.schedules.PiecewiseConstantDecay(\n"
            f"    boundaries={[step - 1 for step, _rate in steps[1:]]},\n"
            f"    values={[value for _step, value in steps]},\n"
            ")\n"
        )
    return f"""\
{build_code(recipe)}
# Glorot uniform kernels, zero biases.
weights = []
for layer, (inputs, units) in enumerate(zip(LAYERS[:-1], LAYERS[1:])):
    limit = np.sqrt(6 / (inputs + units))
    kernel = random_numbers(FIRST_WEIGHTS, layer).uniform(-limit, limit, (inputs, units))
    weights += [kernel, np.zeros(units)]
model.set_weights(weights)

{schedule}model.compile(
    optimizer={optimizer_code(recipe, rate)},
    loss="categorical_crossentropy",
    metrics=["accuracy"],
)
"""
