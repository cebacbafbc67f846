"""Our handwriting: what the class has drawn, and how much of it a network reads beside MNIST."""

import streamlit as st

from ui.base.text import _
from ui.classroom.our_handwriting import our_handwriting
from ui.frame import frame

with frame("our_handwriting"):
    st.header(_("Our handwriting"), anchor=False)
    our_handwriting()
