"""The browser keeps the visitor's secret in a cookie; the server reads it when a page connects."""

from pathlib import Path

import streamlit as st

from model.messages import MessageError
from ui.base import resources, session
from visitors.forgetting import retention_days

_SECONDS_OF_DAY = 24 * 60 * 60
_keeper = st.components.v2.component(
    "digitlab_visitor", js=Path(__file__).with_name("visitor.js").read_text(encoding="utf-8")
)


def recognise() -> None:
    """With each change of page: find out whose work this browser finds, and begin anew where that was
    forgotten, in another tab or on another device.

    Raises:
        MessageError: it is the work of another device, and the database does not answer now.
    """
    if session.recognised_on.get() == session.visit.get():
        return
    try:
        visitor = resources.devices().visitor_of(session.visitor())
    except MessageError:
        if session.is_linked():
            raise
        # Its own; whether that was forgotten, the next run of a page asks.
        return
    if visitor is None:
        session.start_fresh()
    else:
        session.set_visitor(visitor)
        session.recognised_on.set(session.visit.get())


def remember() -> None:
    """Let the browser keep who this is, for as long as the server does."""
    data = {
        "cookie": session.COOKIE,
        "secret": session.secret(),
        "seconds": round(retention_days() * _SECONDS_OF_DAY),
    }
    _keeper(data=data, key="visitor_cookie", width=1, height=1)
