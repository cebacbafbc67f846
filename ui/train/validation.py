"""What a run is validated on, and the choice to hold images out."""

import streamlit as st

from model.config import TrainingConfig
from ui.base.text import _
from ui.recipe.form import set_recipe

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
