"""The digits that the visitor drew for a test of their own."""

import streamlit as st

from ui.base import resources, session
from ui.base.errors import plain_errors
from ui.base.text import _, plural
from ui.components.page_link import caption_with_link, link
from ui.my_work import lists


@plain_errors()
def show_drawings() -> None:
    """How many there are, with a link to their page."""
    st.subheader(_("My handwriting"), anchor=False)
    drawn = len(resources.own_tests().of(session.visitor()).drawn)
    if not drawn:
        text = _("No digit yet. Draw some, and see how well a network reads your handwriting.")
        caption_with_link(text, "pages/own_test.py", _("My handwriting"))
        return
    st.markdown(plural("{count} digit of your handwriting", "{count} digits of your handwriting", drawn))
    with st.container(horizontal=True, vertical_alignment="center"):
        link("pages/own_test.py", _("My handwriting"))
        question = plural(
            "Delete your digit and start your test over? This cannot be undone.",
            "Delete all {count} digits and start your test over? This cannot be undone.",
            drawn,
        )
        lists.delete_button(question, "delete_drawings", _delete)


def _delete() -> None:
    resources.own_tests().delete(session.visitor())
    session.leave_own_test()
