"""Draw: the visitor's digit, the ink that the network reads, its answer, and what that depends on."""

import streamlit as st

from model.drawing import Ink, Stroke, prepare, prepare_pixels
from ui import networks
from ui.answer import show_answer, show_worth
from ui.canvas import pad
from ui.depends import show_dependence
from ui.figures.digits import picture
from ui.frame import frame, next_button, plain_errors
from ui.source import Picture, other_picture
from ui.steps import show_steps
from ui.text import _

_INK_SIDE = 140


@st.fragment
@plain_errors()
def draw_and_read() -> None:
    # On a phone the columns stand below each other: the answer has to come right after the pad.
    left, middle, right = st.columns([3, 4, 3], gap="medium")
    with left:
        strokes = pad()
    with middle:
        answer = st.container()
        choice = networks.choose("draw_network")
    # Decides what is read, but stands last.
    with right:
        place = st.container()
        other = other_picture(len(strokes))
    ink = prepare(strokes) if other is None else _ink_of(other)
    with answer:
        found = show_answer(choice, ink, None if other is None else _("No photo yet. Choose one."))
        show_worth(choice, found)
    place.image(picture(ink), width=_INK_SIDE)
    place.caption(_about_ink(other))
    show_more(choice, ink, strokes if other is None else None, other)


def show_more(
    choice: networks.Choice, ink: Ink | None, strokes: list[Stroke] | None, other: Picture | None
) -> None:
    """Folded away, and computed only where it is unfolded."""
    steps = st.expander(_("Steps: from the drawing to the ink"), on_change="rerun", key="steps_open")
    depends = st.expander(_("What the answer depends on"), on_change="rerun", key="depends_open")
    if ink is None:
        for panel in (steps, depends):
            panel.markdown(_("Draw a digit first."))
        return
    if steps.open:
        with steps:
            show_steps(choice.network, other.pixels if other and other.pixels is not None else strokes or [])
    if depends.open:
        with depends:
            show_dependence(choice, ink, strokes)


def _ink_of(other: Picture) -> Ink | None:
    return None if other.pixels is None else prepare_pixels(other.pixels)


def _about_ink(other: Picture | None) -> str:
    if other is not None and other.label is not None:
        return _(
            "What the network reads: a test image, fitted and centred. Its label: {label}.", label=other.label
        )
    return _(
        "What the network reads: your digit in 28 × 28 pixels, "
        "fitted and centred like the digits it learned from."
    )


with frame("draw"):
    st.header(_("Draw"), anchor=False)
    draw_and_read()
    next_button("own_test", _("Test it on your handwriting"))
