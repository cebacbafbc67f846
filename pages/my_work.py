"""My work: what this visitor has made, to open, compare, name and delete."""

import streamlit as st

from ui.base.text import _
from ui.frame import frame, next_button
from ui.my_work.archive import show_archive
from ui.my_work.device import about_what_is_stored, this_device
from ui.my_work.drawings import show_drawings
from ui.my_work.hypotheses import show_hypotheses
from ui.my_work.networks import show_networks
from ui.my_work.other_device import other_device
from ui.my_work.runs import show_runs

with frame("my_work"):
    st.header(_("My work"), anchor=False)
    show_runs()
    show_hypotheses()
    show_networks()
    show_drawings()
    show_archive()
    other_device()
    this_device()
    about_what_is_stored()
    next_button("train", _("Train a network"))
