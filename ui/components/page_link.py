"""A sentence that names another page, with the way there."""

import streamlit as st


def caption_with_link(text: str, page: str, label: str) -> None:
    """``text`` and, behind it, a link called ``label`` to the ``page`` in this file."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(text, width="content")
        link(page, label)


def link(page: str, label: str) -> None:
    """A link called ``label`` to the ``page`` in this file, below a sentence that names it."""
    st.page_link(page, label=label, icon=":material/arrow_forward:")
