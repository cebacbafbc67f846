"""What a run is validated on, and the choice to hold images out."""

import streamlit as st

from model.config import TrainingConfig
from ui.base.text import _
from ui.recipe.form import set_recipe

_HELD_OUT = 10_000


def about_validation(shown: TrainingConfig, config: TrainingConfig) -> None:
    """What the curves of ``shown`` are validated on, and for the next run the other choice."""
    why = _(
        "The training curve is the mean over an epoch, while the network is still improving. Validation is "
        "measured after the epoch, without dropout or augmentation. So the validation accuracy can be "
        "higher than the "
        "training accuracy."
    )
    if shown.validates_on_test_images:
        st.caption(
            _(
                "Validation uses the 10,000 test images, as in the lesson. Tuning settings on this curve "
                "makes the test accuracy optimistic (test-set leakage)."
            ),
            help=why,
        )
    else:
        st.caption(
            _(
                "Validation uses {count} held-out training images. The test images stay untouched.",
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
