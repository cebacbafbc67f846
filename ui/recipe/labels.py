"""What the settings of a recipe and their values are called."""

from typing import Any

from model.config import Activation, Optimizer, TrainingConfig, layers_text
from ui.base.text import _, percent, short_number


def setting_name(field: str) -> str:
    """The name of a field of ``TrainingConfig``."""
    return _(str(TrainingConfig.model_fields[field].title))


def setting_text(field: str, value: Any) -> str:
    """A field's value as a visitor reads it."""
    match field:
        case "hidden_layers":
            return layers_text(value) if value else _("none")
        case "activation" | "optimizer":
            return option_name(value)
        case "train_share":
            return percent(value)
        case "seed":
            return str(value)
    return short_number(value)


def option_name(option: Activation | Optimizer) -> str:
    """What it is called."""
    match option:
        case Activation.RELU:
            return _("ReLU")
        case Activation.TANH:
            return _("tanh")
        case Activation.SIGMOID:
            return _("sigmoid")
        case Optimizer.SGD:
            return _("SGD")
        case Optimizer.MOMENTUM:
            return _("SGD with momentum")
        case Optimizer.RMSPROP:
            return _("RMSprop")
        case Optimizer.ADAM:
            return _("Adam")
