"""Controls that a link can hide, so that a class looks at what a lesson is about."""

from enum import StrEnum

from model.config import TrainingConfig
from ui.base import session
from ui.base.text import _
from ui.recipe.labels import setting_name


class Panel(StrEnum):
    """What a page shows beside the recipe's own controls."""

    MORE = "more_settings"
    LAYERS = "layer_table"
    COST = "cost"
    SOURCE = "read_from"
    STEPS = "steps"
    DEPENDS = "depends"


# By the name that a link has for each: the fields of a recipe, and panels.
CONTROLS = [*TrainingConfig.model_fields, *Panel]


def is_hidden(control: str) -> bool:
    """Whether a link has hidden this one of ``CONTROLS``."""
    return control in session.hidden.get()


def control_name(control: str) -> str:
    """What a control of ``CONTROLS`` is called."""
    match control:
        case Panel.MORE:
            return _("More settings")
        case Panel.LAYERS:
            return _("Layer table")
        case Panel.COST:
            return _("Network size and training time")
        case Panel.SOURCE:
            return _("Read from")
        case Panel.STEPS:
            return _("Preprocessing")
        case Panel.DEPENDS:
            return _("Explain this prediction")
    return setting_name(control)
