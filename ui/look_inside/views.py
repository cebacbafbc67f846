"""The views that Look inside can show, one at a time."""

from enum import StrEnum

from ui.base.text import _
from ui.components.choices import choose
from ui.look_inside import inside


class View(StrEnum):
    """By the name that a link has for each."""

    NETWORK = "network"
    WEIGHTS = "weights"
    UNIT = "unit"
    STEP = "step"
    SOFTMAX = "softmax"


def choose_view() -> View:
    """A control over the views; returns the chosen one."""
    return choose(_("View"), View, _name, inside.VIEW)


def _name(view: View) -> str:
    match view:
        case View.NETWORK:
            return _("The network")
        case View.WEIGHTS:
            return _("Weights and activations")
        case View.UNIT:
            return _("One unit")
        case View.STEP:
            return _("One training step")
        case View.SOFTMAX:
            return _("Softmax")
