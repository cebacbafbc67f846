"""The network as a picture: every unit, lit by the image, and the links that contribute most."""

import streamlit as st

from ui.base.text import _
from ui.look_inside import inside
from ui.look_inside.subject import Subject
from ui.look_inside.views import View
from ui.reading.diverged import tell_diverged
from ui.reading.flow import show_flow

# What can be chosen in place of a digit: the one that the network answers.
_ANSWER = -1


def show_diagram(shown: Subject) -> None:
    if tell_diverged(shown.forward.logits):
        return
    columns = st.columns(2, gap="medium")
    with columns[1]:
        picked = st.selectbox(
            _("Trace links back from"),
            [_ANSWER, *range(10)],
            format_func=lambda digit: _("prediction") if digit == _ANSWER else str(digit),
            key="inside_digit",
            width=200,
        )
        st.caption(_("Click a unit to open it. A numbered unit first highlights its link."))
    digit = int(shown.forward.probabilities.argmax()) if picked == _ANSWER else int(picked)
    show_flow(shown.forward, digit, "inside_flow", _open, columns)


def _open(layer: int, unit: int) -> None:
    if layer:
        inside.open_unit(layer, unit, View.UNIT)
