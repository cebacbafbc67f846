"""The pad, what a network predicts for the drawing, and what that depends on."""

from collections.abc import Callable
from typing import NamedTuple

import streamlit as st

from model.drawing.strokes import Ink, prepare, prepare_pixels
from ui.base.text import _
from ui.components.canvas import is_enlarged, pad
from ui.components.drawing import Drawing
from ui.components.folded import folded
from ui.draw.explanation import show_dependence
from ui.draw.preprocessing import show_steps
from ui.figures.digits import picture
from ui.networks import selection
from ui.reading.number import choose_digit, digits_of
from ui.reading.prediction import show_prediction, show_worth
from ui.reading.source import Chosen, other_picture
from ui.recipe.hidden import Panel, control_name, is_hidden

_INK_SIDE = 140


def draw_and_read(next_step: Callable[[], None]) -> None:
    """The whole page below its title, with the button of the ``next_step`` above what unfolds; a fragment, so
    that a stroke reruns nothing else."""
    # On a phone the columns stand below each other: the answer has to come right after the pad.
    if is_enlarged():
        left = st.container()
        middle, right = st.columns([7, 3], gap="medium")
    else:
        left, middle, right = st.columns([3, 4, 3], gap="medium")
    with left:
        drawn = pad(sizes=True)
    with middle:
        answer = st.container()
        choice = selection.choose("draw_network")
    # Decides what is read, but stands last.
    with right:
        place = st.container()
        other = None if is_hidden(Panel.SOURCE) else other_picture(len(drawn.strokes))
    digits, is_doubtful = _digits(drawn, other)
    with answer:
        index = choose_digit(choice, [digit.ink for digit in digits], is_doubtful)
        digit = digits[index] if digits else None
        ink = None if digit is None else digit.ink
        image = None if ink is None else choice.forward(ink)
        nothing = None if other is None else other.request or _("There is no digit to read.")
        prediction = show_prediction(choice, image, nothing, drawn.followed(len(digits)))
        show_worth(choice, prediction)
    place.image(picture(ink), width=_INK_SIDE)
    place.caption(_about_ink(other))

    def steps() -> None:
        if digit is not None and image is not None:
            show_steps(image, digit.source)

    def dependence() -> None:
        if digit is not None and image is not None:
            strokes = digit.source.strokes if isinstance(digit.source, Drawing) else None
            show_dependence(choice, image, strokes)

    next_step()
    _show_panel(Panel.STEPS, steps, ink is None)
    _show_panel(Panel.DEPENDS, dependence, ink is None)


class _Digit(NamedTuple):
    """``ink``, float32 (28, 28), and what it was made of: a drawing, or a picture, float32 (H, W)."""

    ink: Ink
    source: Drawing | Ink


def _digits(drawn: Drawing, other: Chosen | None) -> tuple[list[_Digit], bool]:
    """The digits in what is read, from left to right, and whether they could be other ones."""
    if other is not None:
        inks = [(prepare_pixels(digit), digit) for digit in other.digits]
        return [_Digit(ink, digit) for ink, digit in inks if ink is not None], other.is_doubtful
    division = digits_of(drawn.strokes)
    made = [(prepare(strokes), drawn.alone(strokes)) for strokes in division.digits]
    return [_Digit(ink, digit) for ink, digit in made if ink is not None], division.is_doubtful


def _show_panel(panel: Panel, show: Callable[[], None], blank: bool) -> None:
    """``show`` below a line to unfold, unless a link has hidden it."""
    if not is_hidden(panel):
        folded(control_name(panel), f"{panel}_open", _ask_for_a_digit if blank else show)


def _ask_for_a_digit() -> None:
    st.markdown(_("Draw a digit first."))


def _about_ink(other: Chosen | None) -> str:
    if other is not None and other.label is not None:
        return _(
            "What the network reads: a test image, scaled and centred. Label: {label}.", label=other.label
        )
    return _(
        "What the network reads: your digit in 28 × 28 pixels, scaled and centred like the training images."
    )
