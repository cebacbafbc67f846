"""The views that Look inside can show, one at a time."""

from enum import StrEnum

import streamlit as st

from ui.base import session
from ui.base.text import _


class View(StrEnum):
    """By the name that a link has for each."""

    NETWORK = "network"
    WEIGHTS = "weights"
    UNIT = "unit"
    STEP = "step"
    SOFTMAX = "softmax"


def choose_view() -> View:
    session.prefer(session.INSIDE_VIEW, View.NETWORK)
    chosen = st.segmented_control(
        _("What to look at"),
        list(View),
        required=True,
        format_func=lambda view: _name(View(view)),
        key=session.INSIDE_VIEW,
        wrap=True,
        persist_state="session",
    )
    return View(chosen or View.NETWORK)


def _name(view: View) -> str:
    match view:
        case View.NETWORK:
            return _("The network")
        case View.WEIGHTS:
            return _("Weights and activations")
        case View.UNIT:
            return _("One unit")
        case View.STEP:
            return _("One step of learning")
        case View.SOFTMAX:
            return _("Softmax")
