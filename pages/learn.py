"""Learn: what a neural network is, how it works and learns, how it is written, what it is for."""

from functools import partial

import streamlit as st

from ui.base import session
from ui.base.errors import plain_errors
from ui.base.text import _
from ui.frame import frame, next_button
from ui.learn.steps import lesson

with frame("learn"):
    st.header(_("Learn"), anchor=False)
    st.fragment(plain_errors()(lesson))(
        session.config(), partial(next_button, "train", _("Train your own network"))
    )
