"""Teach it: what the lesson's network gains from the handwriting of half of a class."""

import streamlit as st

from ui.base.text import _
from ui.classroom.teach_it import teach_it
from ui.frame import frame

with frame("teach_it"):
    st.header(_("Teach it our handwriting"), anchor=False)
    teach_it()
