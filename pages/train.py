"""Train: choose a recipe, press Train, and watch the network learn."""

import streamlit as st

from model.config import TrainingConfig
from ui.base.text import _
from ui.frame import frame, next_button
from ui.recipe.form import layer_table, recipe, set_recipe
from ui.recipe.hidden import Panel, is_hidden
from ui.recipe.share_link import show_link
from ui.train import controls
from ui.train.progress import live_panel
from ui.train.selected_run import shown_config

_HELD_OUT = 10_000


def about_validation(shown: TrainingConfig, config: TrainingConfig) -> None:
    """What the curves of ``shown`` are validated on, and for the next run the other choice."""
    why = _(
        "The training curve is the mean over an epoch, while the network was still getting better; "
        "validation is measured after it. Dropout, too, is off in validation. "
        "So validation may lie above training."
    )
    if shown.validates_on_test_images:
        st.caption(
            _(
                "Validation is done on the 10,000 test images, as in the lesson. "
                "Choosing settings by this curve uses the test up: its result then is a little too good."
            ),
            help=why,
        )
    else:
        st.caption(
            _(
                "Validation is done on {count} training images that are held out; "
                "the test images stay untouched.",
                count=shown.held_out,
            ),
            help=why,
        )
    if config.validates_on_test_images:
        st.button(
            _("Hold out 10,000 training images instead"),
            key="hold_out",
            on_click=set_recipe,
            kwargs={"held_out": _HELD_OUT},
        )


with frame("train"):
    st.header(_("Train"), anchor=False)
    main, settings = st.columns([2, 1], gap="large")
    with settings:
        config = recipe()
        if not is_hidden(Panel.LAYERS):
            layer_table(config)
        show_link(config)
    with main:
        if not is_hidden(Panel.COST):
            controls.cost(config)
        controls.buttons(config)
        controls.choose_run()
        live_panel(config)
        about_validation(shown_config(config), config)
    next_button("draw", _("Draw into your network"), kind="secondary")
