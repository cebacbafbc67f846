"""Our handwriting: what the class has drawn, and how much of it a network reads beside MNIST."""

import streamlit as st

from ui.base.text import _
from ui.classroom.our_handwriting import follow_the_wall, our_handwriting
from ui.frame import frame
from ui.networks.epochs import play_through

with frame("our_handwriting"):
    st.header(_("Our handwriting"), anchor=False)
    play_through(our_handwriting)
    follow_the_wall()
