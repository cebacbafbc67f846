"""Learn, one step at a time: what stands on each, and the way to the next."""

from collections.abc import Callable
from enum import StrEnum
from typing import assert_never

import streamlit as st

from model.config import TrainingConfig
from ui.base import session
from ui.base.text import _
from ui.components.choices import choose
from ui.components.scroll_up import scroll_up
from ui.learn.keras_code import in_keras
from ui.learn.learning import how_it_improves, how_wrong
from ui.learn.network import how_it_works, what_it_is
from ui.learn.uses import what_for


class Step(StrEnum):
    """In the order of the lesson."""

    NETWORK = "network"
    FORWARD = "forward"
    LOSS = "loss"
    GRADIENT = "gradient"
    KERAS = "keras"
    USES = "uses"


_ORDER = list(Step)


def lesson(config: TrainingConfig, after_the_last: Callable[[], None]) -> None:
    """The chosen step, with ``config`` as the visitor's recipe, and below it a button to the next one;
    ``after_the_last`` step the button that leads on."""
    step = choose(_("Step"), Step, _name, session.LEARN_STEP)
    scroll_up(session.LEARN_STEP, step)
    match step:
        case Step.NETWORK:
            what_it_is(config)
        case Step.FORWARD:
            how_it_works()
        case Step.LOSS:
            how_wrong()
        case Step.GRADIENT:
            how_it_improves()
        case Step.KERAS:
            in_keras(config)
        case Step.USES:
            what_for()
        case _:
            assert_never(step)
    if step == _ORDER[-1]:
        after_the_last()
        return
    following = _ORDER[_ORDER.index(step) + 1]
    st.button(
        _("Next: {step}", step=_name(following)),
        key="next_step",
        type="primary",
        icon=":material/arrow_forward:",
        on_click=session.prefer,
        args=(session.LEARN_STEP, following, True),
    )


def _name(step: Step) -> str:
    match step:
        case Step.NETWORK:
            return _("Network")
        case Step.FORWARD:
            return _("Forward pass")
        case Step.LOSS:
            return _("Loss")
        case Step.GRADIENT:
            return _("Gradient descent")
        case Step.KERAS:
            return _("Keras")
        case Step.USES:
            return _("Uses")
