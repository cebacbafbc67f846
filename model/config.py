"""One validated, frozen object from the slider to the worker to the file. Long, since every field has its
bounds and its help."""

from __future__ import annotations

import json
from collections.abc import Sequence
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from model.messages import N_, Message, MessageError

PIXELS = 28 * 28
CLASSES = 10
TRAINING_IMAGES = 60_000
TEST_IMAGES = 10_000

# What augmentation does to an image at most, to either side. MNIST leaves about 4 pixels of paper
# around a digit: these push hardly any ink off the image.
MAX_SHIFT = 2.0  # pixels: the centre of mass moves so far with the length of a tail
MAX_ROTATION = 15.0  # degrees: pads are held askew; a 6 must not become a 9, nor a 1 a dash
MAX_STRETCH = 0.15  # width and height apart: narrow hands and wide ones
MAX_SHEAR = 0.2  # columns per row, a slant of 11 degrees: hands that lean to the left or to the right

# What a learning rate is chosen from: 1-2-5 steps over its range.
LEARNING_RATES = [round(m * 10.0**e, 5) for e in range(-5, 1) for m in (1, 2, 5)] + [10.0]

# What a run has at first in a class and on Guess: the seed recipe is near its end by then, and thirty runs at
# once are soon done.
FEW_EPOCHS = 5

MIN_UNITS, MAX_UNITS = 8, 512
MAX_HIDDEN_LAYERS = 4


class Activation(StrEnum):
    """What a hidden unit does to its sum."""

    RELU = "relu"
    TANH = "tanh"
    SIGMOID = "sigmoid"


class Optimizer(StrEnum):
    """How a gradient changes the weights; hyperparameters as Keras sets them."""

    SGD = "sgd"
    MOMENTUM = "momentum"
    RMSPROP = "rmsprop"
    ADAM = "adam"


class KeptEpoch(StrEnum):
    """Which of its epochs a run is shown and used with when it is over."""

    LAST = "last"
    BEST = "best"


KEPT_EPOCH_NAMES = {KeptEpoch.LAST: N_("last"), KeptEpoch.BEST: N_("best")}
OPTIMIZER_NAMES = {
    Optimizer.SGD: N_("SGD"),
    Optimizer.MOMENTUM: N_("SGD with momentum"),
    Optimizer.RMSPROP: N_("RMSprop"),
    Optimizer.ADAM: N_("Adam"),
}


class ConfigError(MessageError, ValueError):
    """A field of a configuration that is unknown or out of range."""


Units = Annotated[int, Field(ge=MIN_UNITS, le=MAX_UNITS)]


class TrainingConfig(BaseModel):
    """The recipe of a run. The defaults are the seed recipe.

    Raises:
        ConfigError: a field is unknown, of the wrong type or out of range; the message names
            the field, what was expected and what was received.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    hidden_layers: tuple[Units, ...] = Field(
        default=(100, 50),
        strict=False,
        max_length=MAX_HIDDEN_LAYERS,
        title=N_("Hidden layers"),
        description=N_("Layers between the inputs and the ten outputs. Below: the units in each."),
    )
    activation: Activation = Field(
        default=Activation.RELU,
        strict=False,
        title=N_("Activation"),
        description=N_("The function that each hidden unit applies to its weighted sum (pre-activation)."),
    )
    optimizer: Optimizer = Field(
        default=Optimizer.SGD,
        strict=False,
        title=N_("Optimizer"),
        description=N_("The rule that turns gradients into weight changes."),
    )
    learning_rate: float = Field(
        default=0.01,
        ge=1e-5,
        le=10,
        title=N_("Learning rate"),
        description=N_("The size of each step. Too small: it hardly learns. Too large: the loss explodes."),
    )
    batch_size: int = Field(
        default=128,
        ge=16,
        le=1024,
        title=N_("Batch size"),
        description=N_("The number of images used for each change of the weights."),
    )
    epochs: int = Field(
        default=20,
        ge=1,
        le=100,
        title=N_("Epochs"),
        description=N_("The number of passes through the training images."),
    )
    dropout: float = Field(
        default=0.0,
        ge=0,
        le=0.9,
        title=N_("Dropout"),
        description=N_("The share of hidden units switched off at random in each training step."),
    )
    l2: float = Field(
        default=0.0,
        ge=0,
        le=0.1,
        title=N_("L2 penalty"),
        description=N_(
            "The penalty for large weights: this number times the sum of their squares, added to the loss."
        ),
    )
    augmentation: float = Field(
        default=0.0,
        ge=0,
        le=1,
        title=N_("Augmentation"),
        description=N_(
            "How strongly the training images are changed at random in every epoch: shifted, rotated, "
            "stretched, slanted, made thicker or thinner."
        ),
    )
    patience: int = Field(
        default=0,
        ge=0,
        le=20,
        title=N_("Early stopping"),
        description=N_(
            "Stop when the validation loss has not improved for this many epochs in a row. 0: never."
        ),
    )
    keep: KeptEpoch = Field(
        default=KeptEpoch.LAST,
        strict=False,
        title=N_("Epoch to keep"),
        description=N_(
            "The weights that a finished run uses: after the last epoch, or with the lowest validation loss."
        ),
    )
    seed: int = Field(
        default=0,
        ge=0,
        le=2**31 - 1,
        title=N_("Seed"),
        description=N_(
            "Sets the initial weights and the order of the images. With the same recipe, the same seed "
            "gives the same curve."
        ),
    )
    train_share: float = Field(
        default=1.0,
        ge=0.01,
        le=1,
        title=N_("Share of the training images"),
        description=N_("Train on only part of the training images: faster, but the network learns less."),
    )
    held_out: int = Field(
        default=0,
        ge=0,
        le=20_000,
        title=N_("Held out for validation"),
        description=N_("Training images set aside for validation. 0: validate on the test images."),
    )

    def __init__(self, /, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise ConfigError(_explain(error)) from None

    @classmethod
    def from_json(cls, text: str | bytes) -> TrainingConfig:
        """The configuration that ``to_json`` wrote.

        Raises:
            ConfigError: as the constructor, and for text that is not a JSON object.
        """
        try:
            values = json.loads(text)
        except (ValueError, RecursionError):
            values = text
        if not isinstance(values, dict):
            raise ConfigError(
                Message(
                    N_("A recipe must be a JSON object; received {received}."),
                    {"received": _shorten(values)},
                )
            )
        return cls(**values)

    def to_json(self) -> str:
        """All fields as one JSON object, defaults included."""
        return self.model_dump_json()

    def with_changes(self, **values: Any) -> TrainingConfig:
        """A validated copy with some fields changed. Raises ``ConfigError`` as the constructor."""
        return TrainingConfig(**{**self.model_dump(), **values})

    @property
    def layer_sizes(self) -> tuple[int, ...]:
        """Units per layer, from the 784 pixels to the 10 classes."""
        return (PIXELS, *self.hidden_layers, CLASSES)

    @property
    def parameter_count(self) -> int:
        """Weights and biases together; 84,060 for the seed recipe."""
        return sum(fan_in * fan_out + fan_out for fan_in, fan_out in pairwise(self.layer_sizes))

    @property
    def training_images(self) -> int:
        """How many images one epoch trains on."""
        return round((TRAINING_IMAGES - self.held_out) * self.train_share)

    @property
    def validates_on_test_images(self) -> bool:
        """True where nothing was held out, as in the lesson."""
        return self.held_out == 0

    @property
    def validation_images(self) -> int:
        """How many images an epoch is validated on."""
        return self.held_out or TEST_IMAGES

    @property
    def steps_per_epoch(self) -> int:
        """Batches in one epoch, a smaller last one included."""
        return -(-self.training_images // self.batch_size)


def layers_text(sizes: Sequence[int]) -> str:
    """Layer ``sizes`` as the field writes them, such as 784-100-50-10."""
    return "-".join(map(str, sizes))


def title_of(field: str) -> Message:
    """What a page calls a ``field`` of ``TrainingConfig``."""
    return Message(str(TrainingConfig.model_fields[field].title))


def bounds(field: str) -> tuple[Any, Any]:
    """The smallest and the largest value that ``field`` of ``TrainingConfig`` accepts."""
    limits = {type(m).__name__: m for m in TrainingConfig.model_fields[field].metadata}
    return limits["Ge"].ge, limits["Le"].le


def _explain(error: ValidationError) -> Message:
    """The first complaint of ``error`` as a sentence that names field, value and range."""
    first = error.errors()[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    received = _shorten(first["input"])
    if first["type"] == "extra_forbidden":
        known = ", ".join(TrainingConfig.model_fields)
        return Message(
            N_("A recipe has no field “{field}”. Its fields are: {known}."),
            {"field": _shorten(name), "known": known},
        )
    return Message(
        N_("“{field}” must be {expected}; received {received}."),
        {"field": title_of(name), "expected": _expected(name), "received": received},
    )


def _expected(field: str) -> Message:
    if field == "hidden_layers":
        return Message(
            N_("at most {layers} numbers from {low} to {high}"),
            {"layers": MAX_HIDDEN_LAYERS, "low": MIN_UNITS, "high": MAX_UNITS},
        )
    annotation = TrainingConfig.model_fields[field].annotation
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return Message(N_("one of {choices}"), {"choices": ", ".join(annotation)})
    low, high = bounds(field)
    if annotation is int:
        return Message(N_("a whole number from {low} to {high}"), {"low": low, "high": high})
    return Message(N_("a number from {low} to {high}"), {"low": low, "high": high})


def _shorten(value: object, limit: int = 60) -> str:
    text = repr(value) if not isinstance(value, str) else value
    return text if len(text) <= limit else f"{text[:limit]}…"
