"""Train: choose a recipe, press Train, and watch the network learn."""

from functools import partial

import streamlit as st

from ui.base.text import _
from ui.frame import frame, next_button
from ui.train import controls
from ui.train.progress import live_panel
from ui.train.recipe import choose_recipe
from ui.train.selected_run import selected_config
from ui.train.validation import about_validation

with frame("train"):
    st.header(_("Train"), anchor=False)
    draw = partial(next_button, "draw", _("Draw a digit for your network"))
    with st.container(key="recipe_and_curves"):
        main, settings = st.columns([3, 1], gap="large")
    with settings:
        config = choose_recipe()
    with main:
        is_drawing_next = controls.buttons(config, draw)
        controls.choose_run()
        live_panel(config)
        about_validation(selected_config(config), config)
    if not is_drawing_next:
        draw(kind="secondary")
