"""The browser keeps the visitor's secret in a cookie; the server reads it when a page connects."""

from pathlib import Path

import streamlit as st

from ui.base import session

_keeper = st.components.v2.component(
    "digitlab_visitor", js=Path(__file__).with_name("visitor.js").read_text(encoding="utf-8")
)


def remember() -> None:
    """Let the browser keep who this is."""
    _keeper(
        data={"cookie": session.COOKIE, "secret": session.secret()}, key="visitor_cookie", width=1, height=1
    )
