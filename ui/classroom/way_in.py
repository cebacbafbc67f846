"""A page for classes, as somebody sees it who is in none."""

import streamlit as st

from classroom import rules
from ui.base.text import _
from ui.components.page_link import link


def show_way_in(about: str) -> None:
    """What the page is ``about``, and the way into a class."""
    st.markdown(about)
    st.markdown(_(rules.NOT_IN_A_CLASS))
    link("pages/join.py", _("Join a class"))
