"""Guess first: say what one changed setting will do, train both, and see whether it held."""

import streamlit as st

from ui.base.text import _
from ui.frame import frame, next_button
from ui.guess.experiment import show_guess

with frame("guess"):
    st.header(_("Guess first"), anchor=False)
    show_guess()
    next_button("compare", _("Compare all your runs"), kind="secondary")
