"""Where a visitor comes from."""

import streamlit as st

from classroom import operator
from ui.base import resources, session


def is_at_the_machine() -> bool:
    """Whether this page is shown on the computer that serves it."""
    return operator.is_at_the_machine(st.context.ip_address, st.context.headers)


def note() -> None:
    """Once a session: somebody got through to this server."""
    if not session.noted.get():
        session.noted.set(True)
        resources.reached().note(st.context.ip_address, st.context.headers)
