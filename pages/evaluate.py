"""Evaluate: how good a network is, on which images, and where it fails."""

import streamlit as st

from ui.base.text import _
from ui.evaluate.page import evaluate
from ui.frame import frame, next_button
from ui.networks.epochs import play_through

with frame("evaluate"):
    st.header(_("Evaluate"), anchor=False)
    play_through(evaluate)
    next_button("train", _("Train another network"))
