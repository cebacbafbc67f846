"""This browser: a new pupil at a shared computer, a visitor who wants to be forgotten, and what is stored."""

import streamlit as st

from ui.base import resources, session
from ui.base.errors import reported
from ui.base.text import _
from visitors.forgetting import forget, outlasts_restart, retention_days


def this_device() -> None:
    """Start fresh, and forget me; each asks once more."""
    st.subheader(_("This browser"), anchor=False)
    with st.container(horizontal=True):
        with st.popover(_("Start fresh"), icon=":material/person_add:"):
            st.markdown(
                _(
                    "For the next pupil at a shared computer. This browser no longer finds the work that is "
                    "here now, and nobody else does either."
                )
            )
            st.button(_("Start fresh now"), key="start_fresh", type="primary", on_click=session.start_fresh)
        with st.popover(_("Forget me"), icon=":material/delete_forever:"):
            st.markdown(
                _(
                    "Deletes all your runs, drawings, hypotheses, imported networks and answers in class for "
                    "good. This cannot be undone."
                )
            )
            st.button(_("Delete everything"), key="forget_me", type="primary", on_click=reported(_forget_me))


def _forget_me() -> None:
    forget(resources.runner(), resources.imported_networks(), session.visitor())
    session.start_fresh()


def about_what_is_stored() -> None:
    """What is kept about whom, where and for how long, in words for parents."""
    if not outlasts_restart(resources.runner()):
        st.info(
            _("This server keeps nothing for long: everything that is made here is lost when it restarts."),
            icon=":material/hourglass:",
        )
    with st.expander(_("What is stored, and for how long")):
        st.markdown(
            _(
                "Digit Lab keeps what is made here: trained networks with their curves, drawn digits, "
                "hypotheses, imported networks, and the last recipe and drawing; of a class its seats, "
                "guesses and answers, until the room is deleted. It asks for no name, no "
                "e-mail and no account, and stores no address of a computer. Photos are read and not kept."
            )
        )
        st.markdown(
            _(
                "This browser keeps a random code in a cookie; with it, it finds its work again. The server "
                "stores a fingerprint of that code, from which the code cannot be calculated. Everything "
                "lies on the server that runs Digit Lab and is sent nowhere else."
            )
        )
        st.markdown(
            _(
                "After {days} days without a visit, everything is deleted. Forget me deletes it at once. "
                "Backups that the operator of the server has made may hold it for longer; it does not come "
                "back from them.",
                days=round(retention_days()),
            )
        )
