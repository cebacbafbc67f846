"""Home: draw a digit, and a ready-trained network reads it."""

import streamlit as st

from model.config import layers_text
from model.drawing.strokes import prepare
from ui.base import resources, session
from ui.base.errors import plain_errors
from ui.base.text import _
from ui.components.canvas import pad
from ui.frame import frame, next_button
from ui.networks import selection
from ui.reading.prediction import send_starter, show_prediction


@st.fragment
@plain_errors()
def draw_and_read() -> None:
    """The pad and the starter's answer; a stroke reruns nothing else."""
    left, right = st.columns([2, 3], gap="medium")
    with left:
        ink = prepare(pad())
    with right:
        choice = selection.chosen(selection.STARTER)
        show_prediction(choice, None if ink is None else choice.forward(ink), with_units=False)


with frame("home"):
    st.header(_("Digit Lab: draw a digit, a neural network reads it"), anchor=False)
    reading = st.container()
    send_starter()
    with reading:
        draw_and_read()
    next_button("train", _("Train your own"))
    st.caption(
        _(
            "This network comes pre-trained: {layers}. It learned from handwritten digits (MNIST) and from "
            "computer-generated digits and scribbles.",
            layers=layers_text(resources.starter().network.layer_sizes),
        )
    )
    if runs := resources.runner().runs_of(session.visitor()):
        st.markdown(_("**Your runs**"))
        for run in runs[:5]:
            st.text(selection.run_name(run))
