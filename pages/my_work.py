"""My work: what this visitor has made, to open, name and delete."""

import streamlit as st

from ui.base.text import _
from ui.frame import frame, next_button
from ui.my_work.archive import show_archive
from ui.my_work.device import about_what_is_stored, this_device
from ui.my_work.other_device import other_device
from ui.my_work.others import show_others
from ui.my_work.runs import show_runs

with frame("my_work"):
    st.header(_("My work"), anchor=False)
    show_runs()
    show_others()
    other_device()
    show_archive()
    this_device()
    about_what_is_stored()
    next_button("train", _("Train a network"))
