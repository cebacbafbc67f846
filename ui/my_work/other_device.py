"""The same work on another device: a code to type there, and a field for one that was made elsewhere."""

import streamlit as st

from model.messages import MessageError
from ui.base import resources, session
from ui.base.errors import plain_errors
from ui.base.pasted import letters_taken
from ui.base.text import _
from visitors.devices import MINUTES
from visitors.identity import visitor_id


@plain_errors()
def other_device() -> None:
    """A code that this browser shows, and the way to enter one."""
    st.subheader(_("Another device"), anchor=False)
    with st.container(horizontal=True):
        with st.popover(_("Use on another device"), icon=":material/devices:"):
            _show_code()
        with st.popover(_("Enter a code"), icon=":material/pin:"):
            _ask_for_code()


def _show_code() -> None:
    st.markdown(
        _(
            "With a code, another device finds this work, too: open My work there and choose Enter a code. "
            "The code works once, within {minutes} minutes. Whoever has it can see, change and delete your "
            "work.",
            minutes=MINUTES,
        )
    )
    if st.button(_("Make a code"), key="make_code", type="primary"):
        st.code(resources.devices().new_code(session.visitor()), language=None)


def _ask_for_code() -> None:
    visitor = session.visitor()
    st.markdown(_("This browser then shows the work of the device that made the code."))
    if _may_have_work(visitor):
        st.markdown(
            _("It no longer finds what was made in it so far: export that first, and read it in afterwards.")
        )
    with st.form("enter_code", border=False):
        code = st.text_input(_("Code"), max_chars=letters_taken(20), key="code", placeholder="ABCD-2345")
        if st.form_submit_button(_("Show that work"), type="primary"):
            secret = session.new_secret(linked=True)
            with plain_errors(stop=True):
                resources.devices().link(code, visitor_id(secret), visitor)
            session.start_fresh(secret)
            st.rerun()


def _may_have_work(visitor: str) -> bool:
    """Also where that cannot be read now."""
    try:
        return bool(resources.runner().runs_of(visitor) or resources.own_tests().of(visitor).drawn)
    except MessageError:
        return True
