"""Home: draw a digit, and a ready-trained network reads it."""

import streamlit as st

from model.drawing import prepare
from ui import networks, resources, state
from ui.answer import show_answer
from ui.canvas import pad
from ui.frame import frame, next_button, plain_errors
from ui.text import _


@st.fragment
@plain_errors()
def draw_and_read() -> None:
    left, right = st.columns([2, 3], gap="medium")
    with left:
        ink = prepare(pad())
    with right:
        show_answer(networks.chosen(networks.STARTER).network, ink)


with frame("home"):
    st.markdown(_("**Draw a digit. A neural network reads it.**"))
    draw_and_read()
    next_button("train", _("Train your own"))
    st.caption(
        _(
            "The network has learned from 60,000 handwritten digits (MNIST) "
            "and was trained before you came: {layers}, the lesson's recipe.",
            layers=networks.layers_text(resources.recording().config),
        )
    )
    if runs := resources.runner().runs_of(state.visitor()):
        st.markdown(_("**Your runs**"))
        for run in runs[:5]:
            st.text(networks.run_name(run))
