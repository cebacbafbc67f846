"""Learn: what a neural network is, how it works and learns, how it is written, what it is for."""

import streamlit as st

from ui import lesson
from ui.base import session
from ui.base.text import _
from ui.frame import frame, next_button

with frame("learn"):
    st.header(_("Learn"), anchor=False)
    config = session.config()
    lesson.what_it_is(config)
    st.fragment(lesson.how_it_works)()
    st.fragment(lesson.how_wrong)()
    st.fragment(lesson.how_it_improves)()
    lesson.in_keras(config)
    st.fragment(lesson.what_for)()
    next_button("train", _("Train your own network"))
