"""Draw: the visitor's digit, the ink that the network reads, and its answer."""

import streamlit as st

from model.drawing import prepare
from ui import networks
from ui.answer import show_answer
from ui.canvas import pad
from ui.figures.digits import picture
from ui.frame import frame, next_button, plain_errors
from ui.text import _

_INK_SIDE = 140


@st.fragment
@plain_errors()
def draw_and_read() -> None:
    # On a phone the columns stand below each other: the answer has to come right after the pad.
    left, middle, right = st.columns([3, 4, 2], gap="medium")
    with left:
        ink = prepare(pad())
    with middle:
        choice = networks.choose("draw_network")
        show_answer(choice, ink)
    with right:
        st.image(picture(ink), width=_INK_SIDE)
        st.caption(
            _(
                "What the network reads: your digit in 28 × 28 pixels, "
                "fitted and centred like the digits it learned from."
            )
        )


with frame("draw"):
    st.header(_("Draw"), anchor=False)
    draw_and_read()
    next_button("evaluate", _("See where it fails"))
