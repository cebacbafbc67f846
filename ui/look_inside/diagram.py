"""The network as a picture: every unit, lit by the image, and the links that speak loudest."""

import streamlit as st

from model.inference import logits, softmax
from ui.base import session
from ui.base.text import _
from ui.look_inside.subject import Subject
from ui.look_inside.views import View
from ui.reading.diverged import tell_diverged
from ui.reading.flow import show_flow

# What can be chosen in place of a digit: the one that the network answers.
_ANSWER = -1


def show_diagram(shown: Subject) -> None:
    scores = logits(shown.network, shown.ink)
    if tell_diverged(scores):
        return
    likely = softmax(scores)[0]
    answer = int(likely.argmax())
    columns = st.columns(2, gap="medium")
    with columns[1]:
        picked = st.selectbox(
            _("Traced back from"),
            [_ANSWER, *range(10)],
            format_func=lambda digit: _("the answer") if digit == _ANSWER else str(digit),
            key="inside_digit",
            width=200,
        )
        st.caption(_("Click a unit to open it."))
    digit = answer if picked == _ANSWER else int(picked)
    show_flow(shown.network, shown.ink, likely, digit, "inside_flow", _open, columns)


def _open(layer: int, unit: int) -> None:
    if layer:
        session.open_unit(layer, unit, View.UNIT)
