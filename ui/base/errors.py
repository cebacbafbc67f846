"""Errors in plain words."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

from model.messages import MessageError
from ui.base import session
from ui.base.text import message, verbatim


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
        try:
            action(*args, **values)
        except MessageError as error:
            session.trouble.set(verbatim(message(error.message)))

    return act


def show_trouble() -> None:
    """What went wrong in the callback before this run of the page."""
    if text := session.trouble.get():
        session.trouble.reset()
        st.error(text, icon=":material/error:")
