"""Join a class: by the code of its room, or back to a seat by the seat's own code."""

import streamlit as st

from ui.base.text import _
from ui.classroom.joining import join_a_class
from ui.frame import frame

with frame("join"):
    st.header(_("Join a class"), anchor=False)
    join_a_class()
