"""Errors in plain words."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from model.messages import MessageError
from ui.base.text import message, verbatim


@contextmanager
def plain_errors() -> Iterator[None]:
    """Show an error that a visitor can do something about as a sentence.

    A fragment needs its own, as ``@plain_errors()``: its reruns are not inside of ``frame``.
    """
    try:
        yield
    except MessageError as error:
        st.error(verbatim(message(error.message)), icon=":material/error:")
