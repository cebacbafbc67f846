"""Draw: the visitor's digit, the ink that the network reads, its prediction, and what that depends on."""

from functools import partial

import streamlit as st

from ui.base.text import _
from ui.components.charts_ahead import load_charts
from ui.draw.page import draw_and_read
from ui.frame import frame, next_button
from ui.networks.epochs import play_through
from ui.networks.selection import own_networks
from ui.reading.prediction import send_starter

with frame("draw"):
    st.header(_("Draw"), anchor=False)
    reading = st.container()
    if not own_networks():
        send_starter()
    with reading:
        next_step = partial(next_button, "own_test", _("Test it on your handwriting"))
        play_through(partial(draw_and_read, next_step))
    load_charts()
