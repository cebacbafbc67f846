"""Guess together: a class guesses what one changed setting does, and the room tries it."""

import streamlit as st

from ui.base.text import _
from ui.classroom.class_guess import class_guess
from ui.frame import frame

with frame("class_guess"):
    st.header(_("Guess together"), anchor=False)
    class_guess()
