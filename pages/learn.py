"""Learn: what a neural network is, how it works and learns, how it is written, what it is for."""

import streamlit as st

from ui import learn
from ui.base import session
from ui.base.text import _
from ui.frame import frame, next_button

with frame("learn"):
    st.header(_("Learn"), anchor=False)
    config = session.config()
    learn.what_it_is(config)
    st.fragment(learn.how_it_works)()
    st.fragment(learn.how_wrong)()
    st.fragment(learn.how_it_improves)()
    learn.in_keras(config)
    st.fragment(learn.what_for)()
    next_button("train", _("Train your own network"))
