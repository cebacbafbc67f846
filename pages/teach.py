"""Teach a class: rooms to open, to find again and to delete."""

import streamlit as st

from ui.base.text import _
from ui.frame import frame
from ui.teaching.opening import about_rooms, open_room, recover, show_pin, show_rooms, take_desk
from ui.teaching.paper import print_sheets

with frame("teach"):
    st.header(_("Teach a class"), anchor=False)
    about_rooms()
    show_pin()
    show_rooms()
    open_room()
    print_sheets()
    take_desk()
    recover()
