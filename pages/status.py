"""How this server is, for who runs it."""

import streamlit as st

from ui.base.text import _
from ui.frame import frame
from ui.operating.figures import show_status
from ui.operating.token import ask_for_token, sees_status

with frame("status"):
    st.header(_("Status"), anchor=False)
    if sees_status():
        show_status()
    else:
        ask_for_token()
