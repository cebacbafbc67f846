"""What the visitor has made beside runs, and where it is."""

import streamlit as st

from ui.base import resources, session
from ui.base.errors import plain_errors
from ui.base.text import _, plural
from ui.components.page_link import link


@plain_errors()
def show_others() -> None:
    """How many there are of each kind, with a link to their page."""
    visitor = session.visitor()
    st.subheader(_("Drawings and networks"), anchor=False)
    drawn = len(resources.own_tests().of(visitor).drawn)
    st.markdown(plural("{count} digit of your handwriting", "{count} digits of your handwriting", drawn))
    link("pages/own_test.py", _("My handwriting"))
    imported = len(resources.imported_networks().of(visitor))
    st.markdown(plural("{count} imported network", "{count} imported networks", imported))
    link("pages/evaluate.py", _("Evaluate"))
