"""A number: all of its digits with bars of their own, and the one that is looked at."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from model.drawing.strokes import Ink, Stroke, prepare, strokes_of_paths, within
from model.inference import probabilities
from model.number_reader import Division, divide
from ui.base import resources, session
from ui.base.text import _, percent
from ui.components import tiles
from ui.components.drawing import Size
from ui.networks.selection import Choice

_SIDE = 56


def digits_of(strokes: list[Stroke]) -> Division:
    """``strokes`` of a pad as the digits of a number, from what was divided before where it is the same."""
    return _divided(tuple(stroke.tobytes() for stroke in strokes), strokes)


@st.cache_resource(show_spinner=False, max_entries=256)
def _divided(key: tuple[bytes, ...], _strokes: list[Stroke]) -> Division:
    return divide(_strokes, resources.starter())


def digit_on_pad() -> Ink | None:
    """What the visitor drew last, on Draw or Home: of a number, the digit that was looked at there."""
    drawing = session.pad()
    digits = digits_of(within(strokes_of_paths(drawing["objects"]), *Size(drawing["size"]).pixels)).digits
    if not digits:
        return None
    return prepare(digits[min(session.digit_of_number.get(), len(digits) - 1)])


def choose_digit(choice: Choice, inks: Sequence[Ink], is_doubtful: bool) -> int:
    """What the network of ``choice`` reads in ``inks``, float32 (28, 28) each, with a question mark for what
    looks like no digit; nothing is shown where there is one or none. Returns the index of the one to look at,
    which a click chooses."""
    if len(inks) < 2:
        return 0
    chosen = min(session.digit_of_number.get(), len(inks) - 1)
    read = probabilities(choice.network, np.stack(inks))
    are_digits = resources.starter().is_digit(np.stack(inks))
    digits = [
        str(digit) if known else "?" for digit, known in zip(read.argmax(axis=1), are_digits, strict=True)
    ]
    captions = [
        _("{digit}: {probability}", digit=digit, probability=percent(float(share)))
        if known
        else _("no digit")
        for digit, share, known in zip(digits, read.max(axis=1), are_digits, strict=True)
    ]
    st.subheader(_("Number: {number}", number="".join(digits)), anchor=False)
    tiles.show(
        "digits_of_number",
        np.stack(inks).reshape(len(inks), -1),
        names=captions,
        captions=captions,
        colours=tiles.Colours.INK,
        alt=_("The digits of the number, each with its ten probabilities as bars."),
        bars=read,
        chosen=chosen,
        side=_SIDE,
        on_click=session.digit_of_number.set,
    )
    about = _("Click a digit to look at it.")
    if is_doubtful:
        about = _("It is not clear where one digit ends and the next begins. Click a digit to look at it.")
    st.caption(about)
    return chosen
