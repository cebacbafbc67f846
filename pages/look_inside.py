"""Look inside: a network opened, with one image on its way through it and back."""

import streamlit as st

from ui.epochs import play_through
from ui.frame import frame, next_button
from ui.inside import subject
from ui.inside.diagram import show_diagram
from ui.inside.softmax import show_softmax
from ui.inside.step import show_step
from ui.inside.unit import show_unit
from ui.inside.views import View, choose_view
from ui.inside.weights import show_weights
from ui.text import _


def look_inside() -> None:
    shown = subject.choose()
    match choose_view():
        case View.NETWORK:
            show_diagram(shown)
        case View.WEIGHTS:
            show_weights(shown)
        case View.UNIT:
            show_unit(shown)
        case View.STEP:
            show_step(shown)
        case View.SOFTMAX:
            show_softmax(shown)


with frame("look_inside"):
    st.header(_("Look inside"), anchor=False)
    play_through(look_inside)
    next_button("train", _("Train another network"))
