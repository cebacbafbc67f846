"""Compare: runs side by side, and whether one is better than another by more than chance."""

import streamlit as st

from ui.base.text import _
from ui.compare.contenders import choose
from ui.compare.curves import show_curves
from ui.compare.pairwise import show_pair
from ui.compare.table import show_recipes
from ui.frame import frame, next_button

with frame("compare"):
    st.header(_("Compare"), anchor=False)
    contenders = choose()
    show_recipes(contenders)
    show_curves(contenders)
    show_pair(contenders)
    next_button("train", _("Train another network"))
