"""The digit that a visitor is asked to draw, and the pad for it."""

import time
from collections.abc import Callable
from functools import partial

import streamlit as st

from model.drawing.collection import (
    ENOUGH_FOR_ACCURACY,
    MAX_TRIALS,
    OwnTest,
    Pointer,
    skip,
    submit,
)
from ui.base import resources, seat, session
from ui.base.errors import plain_errors
from ui.base.text import _
from ui.components.canvas import clear, pad
from ui.components.drawing import SIDE, Tool
from ui.components.pointer import choose_pointer

_PAD = "own"
# Seconds; longer than the 200 ms for which the canvas keeps a stroke to itself after the pen has lifted.
STROKE_DELAY = 0.3


def ask() -> None:
    """The digit to draw, and the pad for it. A stroke reruns this only, a submit the whole page."""
    st.fragment(plain_errors()(_ask), run_every=STROKE_DELAY if session.submitted.get() else None)()


def _ask() -> None:
    test = resources.own_tests().of(session.visitor())
    now = (test.seed, len(test.trials))
    shown = session.asked.get() or now
    session.asked.set(now)
    if shown != now:
        session.submitted.reset()
        clear(_PAD)
        st.info(_("You continued this test in another tab; here is the next digit."))
    if test.is_full:
        st.subheader(_("That was digit {count}, the last one.", count=MAX_TRIALS), anchor=False)
        return
    st.subheader(_("Draw the digit {digit}", digit=test.asked), anchor=False)
    if len(test.drawn) < ENOUGH_FOR_ACCURACY:
        st.caption(_("{number} of {count}", number=len(test.drawn) + 1, count=ENOUGH_FOR_ACCURACY))
    else:
        st.caption(_("Your {count} digits are done. Draw more if you like.", count=ENOUGH_FOR_ACCURACY))
    drawn = pad(_PAD)
    strokes = drawn.strokes
    buttons = st.container(horizontal=True, gap="small", width=SIDE)
    is_keyboard = drawn.tool == Tool.KEYBOARD
    pointer = Pointer.KEYBOARD if is_keyboard else choose_pointer(f"st-key-{_PAD}_pad")
    since = session.submitted.get()
    if since is not None and time.monotonic() - since >= STROKE_DELAY:
        change(partial(submit, number=now[1], strokes=strokes, pointer=pointer))
        st.rerun()
    with buttons:
        submitted = st.button(
            _("Submit"),
            key="submit",
            type="primary",
            icon=":material/check:",
            width="stretch",
            disabled=not strokes or since is not None,
        )
        skipped = st.button(
            _("Skip"),
            key="skip",
            icon=":material/skip_next:",
            width="stretch",
            disabled=since is not None,
        )
    if submitted and shown == now:
        # The last stroke may still be on its way.
        session.submitted.set(time.monotonic())
    if skipped and shown == now:
        change(partial(skip, number=now[1]))
    if submitted or skipped:
        st.rerun()


def change(step: Callable[[OwnTest], OwnTest]) -> None:
    """The test becomes what ``step`` makes of it, and the pad is clean again.

    Raises:
        MessageError: the visitor's class does not draw now, or the database does not answer.
    """
    seat.check_draws()
    resources.own_tests().change(session.visitor(), step)
    session.asked.reset()
    session.submitted.reset()
    clear(_PAD)
