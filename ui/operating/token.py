"""Who may see how this server is: whoever has said the token that it was started with."""

import streamlit as st

from classroom import operator
from ui.base import session
from ui.base.errors import plain_errors
from ui.base.pasted import letters_taken
from ui.base.text import _


def sees_status() -> bool:
    """Whether this visitor may see it."""
    return operator.has_status_token() and session.sees_status.get()


def ask_for_token() -> None:
    """Instead of the figures."""
    if not operator.has_status_token():
        st.markdown(
            _(
                "This page is for the person who runs this server. It shows nothing until the server is "
                "started with a token of at least {count} characters in the variable `{variable}`.",
                count=operator.MIN_TOKEN,
                variable=operator.STATUS_VARIABLE,
            )
        )
        return
    with st.form("status_token", border=False, clear_on_submit=True):
        st.markdown(_("This page is for the person who runs this server."))
        token = st.text_input(_("Token"), type="password", key="token", max_chars=letters_taken(200))
        if st.form_submit_button(_("Show the status"), type="primary"):
            with plain_errors(stop=True):
                operator.check_status_token(token)
            session.sees_status.set(True)
            st.rerun()
