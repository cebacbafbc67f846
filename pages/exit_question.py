"""The question at the end of a lesson."""

import streamlit as st

from ui.base.text import _
from ui.classroom.exit_question import exit_question
from ui.frame import frame

with frame("exit_question"):
    st.header(_("Exit question"), anchor=False)
    exit_question()
