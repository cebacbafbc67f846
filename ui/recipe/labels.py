"""What the settings of a recipe and their values are called, and guesses about them."""

from typing import Any

from model.activations import ACTIVATIONS
from model.config import (
    KEPT_EPOCH_NAMES,
    OPTIMIZER_NAMES,
    Activation,
    KeptEpoch,
    Optimizer,
    TrainingConfig,
    layers_text,
)
from model.evaluation.hypothesis import ACCURACY_MARGIN, Guess
from ui.base.text import _, number, percent, short_number

_NAMES: dict[str, str] = {
    **{str(activation): function.name for activation, function in ACTIVATIONS.items()},
    **{str(optimizer): name for optimizer, name in OPTIMIZER_NAMES.items()},
    **{str(epoch): name for epoch, name in KEPT_EPOCH_NAMES.items()},
}


def setting_name(field: str) -> str:
    """The name of a field of ``TrainingConfig``."""
    return _(str(TrainingConfig.model_fields[field].title))


def setting_text(field: str, value: Any) -> str:
    """A field's value as a visitor reads it."""
    match field:
        case "hidden_layers":
            return layers_text(value) if value else _("none")
        case "activation" | "optimizer" | "keep":
            return option_name(value)
        case "train_share":
            return percent(value)
        case "seed":
            return str(value)
    return short_number(value)


def option_name(option: Activation | Optimizer | KeptEpoch) -> str:
    """What it is called."""
    return _(_NAMES[option])


def compared_text() -> str:
    """What is asked about B, up to the guess."""
    return _("Compared with A, B's test accuracy will be …")


def margin_text() -> str:
    """What counts as about the same."""
    return _(
        "About the same: at most {points} percentage points higher or lower.",
        points=number(100 * ACCURACY_MARGIN, 1),
    )


def guess_text(guess: Guess) -> str:
    """A guess as a visitor reads it."""
    match guess:
        case Guess.HIGHER:
            return _("higher")
        case Guess.LOWER:
            return _("lower")
        case Guess.SAME:
            return _("about the same")
