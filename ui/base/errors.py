"""Errors in plain words."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

from model.messages import MessageError
from ui.base import session
from ui.base.text import message, verbatim

# For which a sentence is left to be read where a page is drawn anew by itself.
_READING_SECONDS = 15.0


@contextmanager
def plain_errors(stop: bool = False) -> Iterator[None]:
    """Show an error that a visitor can do something about as a sentence, and ``stop`` the page there.

    A fragment needs its own, as ``@plain_errors()``: its reruns are not inside of ``frame``.
    """
    try:
        yield
    except MessageError as error:
        st.error(verbatim(message(error.message)), icon=":material/error:")
        if stop:
            st.stop()


def reported(action: Callable[..., object]) -> Callable[..., None]:
    """``action`` for a callback: Streamlit calls those outside of the page, which shows the error instead."""

    def act(*args: object, **values: object) -> None:
        session.trouble.reset()
        try:
            action(*args, **values)
        except MessageError as error:
            session.trouble.set((verbatim(message(error.message)), time.monotonic()))

    return act


def show_trouble() -> None:
    """What went wrong in the callback before this run of the page."""
    show_lasting_trouble()
    session.trouble.reset()


def show_lasting_trouble() -> None:
    """As ``show_trouble``, for a fragment that runs by itself: until the visitor's next press, or until there
    was time to read it."""
    if trouble := session.trouble.get():
        text, since = trouble
        if time.monotonic() - since < _READING_SECONDS:
            st.error(text, icon=":material/error:")
