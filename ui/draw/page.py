"""The pad, what a network predicts for the drawing, and what that depends on."""

from collections.abc import Callable

import streamlit as st

from model.drawing.strokes import Ink, Stroke, prepare, prepare_pixels
from ui.base.text import _
from ui.components.canvas import pad
from ui.components.folded import folded
from ui.draw.explanation import show_dependence
from ui.draw.preprocessing import show_steps
from ui.figures.digits import picture
from ui.networks import selection
from ui.reading.prediction import show_prediction, show_worth
from ui.reading.source import Picture, other_picture
from ui.recipe.hidden import Panel, control_name, is_hidden

_INK_SIDE = 140


def draw_and_read(next_step: Callable[[], None]) -> None:
    """The whole page below its title, with the button of the ``next_step`` above what unfolds; a fragment, so
    that a stroke reruns nothing else."""
    # On a phone the columns stand below each other: the answer has to come right after the pad.
    left, middle, right = st.columns([3, 4, 3], gap="medium")
    with left:
        strokes = pad()
    with middle:
        answer = st.container()
        choice = selection.choose("draw_network")
    # Decides what is read, but stands last.
    with right:
        place = st.container()
        other = None if is_hidden(Panel.SOURCE) else other_picture(len(strokes))
    drawing = strokes if other is None else other.pixels
    ink = _ink_of(drawing)
    image = None if ink is None else choice.forward(ink)
    with answer:
        if other is not None and len(other.number) > 1:
            st.markdown(
                _("Several digits: the starter reads **{number}**. Below: one of them.", number=other.number)
            )
        prediction = show_prediction(choice, image, None if other is None else _("No photo yet. Choose one."))
        show_worth(choice, prediction)
    place.image(picture(ink), width=_INK_SIDE)
    place.caption(_about_ink(other))

    def steps() -> None:
        if drawing is not None and image is not None:
            show_steps(image, drawing)

    def dependence() -> None:
        if image is not None:
            show_dependence(choice, image, strokes if other is None else None)

    next_step()
    _show_panel(Panel.STEPS, steps, ink is None)
    _show_panel(Panel.DEPENDS, dependence, ink is None)


def _show_panel(panel: Panel, show: Callable[[], None], blank: bool) -> None:
    """``show`` below a line to unfold, unless a link has hidden it."""
    if not is_hidden(panel):
        folded(control_name(panel), f"{panel}_open", _ask_for_a_digit if blank else show)


def _ask_for_a_digit() -> None:
    st.markdown(_("Draw a digit first."))


def _ink_of(drawing: list[Stroke] | Ink | None) -> Ink | None:
    if drawing is None:
        return None
    return prepare(drawing) if isinstance(drawing, list) else prepare_pixels(drawing)


def _about_ink(other: Picture | None) -> str:
    if other is not None and other.label is not None:
        return _(
            "What the network reads: a test image, scaled and centred. Label: {label}.", label=other.label
        )
    return _(
        "What the network reads: your digit in 28 × 28 pixels, scaled and centred like the training images."
    )
