"""Look inside: a network opened, with one image on its way through it and back."""

import streamlit as st

from ui.base.text import _
from ui.frame import frame, next_button
from ui.look_inside import subject
from ui.look_inside.diagram import show_diagram
from ui.look_inside.share_link import receive, show_link, tell_nearest
from ui.look_inside.softmax import show_softmax
from ui.look_inside.training_step.step import show_step
from ui.look_inside.unit import show_unit
from ui.look_inside.views import View, choose_view
from ui.look_inside.weights import show_weights
from ui.networks.epochs import play_through


def look_inside() -> None:
    shown = subject.choose()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        view = choose_view()
        show_link(shown, view)
    match view:
        case View.NETWORK:
            show_diagram(shown)
        case View.WEIGHTS:
            show_weights(shown)
        case View.UNIT:
            with st.container(key="inside_unit"):
                tell_nearest(shown)
                show_unit(shown)
        case View.STEP:
            show_step(shown)
        case View.SOFTMAX:
            show_softmax(shown)


with frame("look_inside"):
    st.header(_("Look inside"), anchor=False)
    receive()
    play_through(look_inside)
    next_button("train", _("Train another network"))
