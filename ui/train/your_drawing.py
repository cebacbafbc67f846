"""The visitor's last drawing, read by a network that is still learning."""

import streamlit as st

from model.drawing.strokes import prepare, strokes_of_paths
from model.inference import forward
from runs.records import RunSnapshot
from ui.base import session
from ui.base.text import _, percent
from ui.components.softmax_bars import show_bars
from ui.figures.digits import picture
from ui.networks.selection import network_of

_INK_SIDE = 84
_BARS_HEIGHT = 120


def show_drawing(run: RunSnapshot) -> None:
    """The ink and what the run's newest weights make of it, moving with every epoch."""
    ink = prepare(strokes_of_paths(session.pad()["objects"]))
    network = network_of(run)
    if ink is None or network is None:
        st.caption(_("Draw a digit on the Draw page and watch this run learn to read it here."))
        return
    probabilities = forward(network, ink).image(0).probabilities
    left, right = st.columns([1, 3], gap="medium", vertical_alignment="center")
    with left:
        st.image(picture(ink), width=_INK_SIDE)
        best = int(probabilities.argmax())
        st.caption(
            _(
                "Your drawing after epoch {epoch}: read as {digit}, {probability}",
                epoch=run.epoch,
                digit=best,
                probability=percent(float(probabilities[best])),
            )
        )
    with right:
        show_bars(probabilities, "learning_softmax", _BARS_HEIGHT)
