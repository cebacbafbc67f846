"""On paper: what a class writes on printed sheets is photographed by its teacher, and read."""

import streamlit as st

from ui.base.text import _
from ui.frame import frame
from ui.teaching.opening import ask_for_desk, desk_link
from ui.teaching.paper import download_sheets, show_kept, upload_sheet
from ui.teaching.room import asked_for

with frame("paper"):
    room = asked_for()
    if room is None:
        ask_for_desk("paper")
    else:
        st.header(_("On paper"), anchor=False)
        desk_link(room.code)
        left, right = st.columns([5, 4], gap="large")
        with left:
            upload_sheet(room)
        with right:
            download_sheets()
            show_kept(room)
