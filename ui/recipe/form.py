"""The recipe on Train: its controls, and what its layers have."""

from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from itertools import pairwise
from typing import Any

import streamlit as st

from model.config import ConfigError, TrainingConfig
from ui.base import session
from ui.base.text import _, number
from ui.components.folded import folded
from ui.recipe.controls import Controls
from ui.recipe.hidden import Panel, is_hidden

_FIELDS = ("hidden_layers", "epochs", "batch_size", "learning_rate")
_MORE_FIELDS = (
    "activation",
    "optimizer",
    "dropout",
    "l2",
    "augmentation",
    "train_share",
    "held_out",
    "patience",
    "keep",
    "seed",
)


def recipe() -> TrainingConfig:
    """Draw the controls and return what they say, checked; remembered for the other pages.

    What a link has hidden stays as it is.

    Raises:
        model.config.ConfigError: a browser sent a value that the controls do not offer.
    """
    controls = Controls(*session.controls())
    values = _draw(controls, _FIELDS)
    st.button(_("Lesson recipe"), key="lesson", icon=":material/restart_alt:", on_click=set_recipe)
    if not is_hidden(Panel.MORE):
        more = Controls(*session.folded_controls())
        folded(
            _("More settings"),
            "more_settings_open",
            lambda: values.update(_draw(more, _MORE_FIELDS)),
            icon=":material/tune:",
            on_change=partial(_take_over, more),
        )
    # What is folded or hidden stays as it was.
    config = session.config().with_changes(**values)
    session.set_config(config)
    return config


def _take_over(folded_controls: Controls) -> None:
    """Called before the page is drawn with these controls folded or unfolded: what they hold, which the last
    run of the page may not have reached, is remembered, and the next ones start from there."""
    with suppress(ConfigError):
        session.set_config(session.config().with_changes(**folded_controls.held(_MORE_FIELDS)))
    session.restart_folded_controls()


def _draw(controls: Controls, fields: Iterable[str]) -> dict[str, Any]:
    return {field: controls.draw(field) for field in fields if not is_hidden(field)}


def set_recipe(**changes: Any) -> None:
    """Set the controls to the seed recipe, or to the recipe as it is with ``changes``."""
    session.set_config(
        session.config().with_changes(**changes) if changes else TrainingConfig(), restart=True
    )


def layer_table(config: TrainingConfig) -> None:
    """How many parameters each layer has, and where they come from."""
    folded(_("Layer table"), "layer_table_open", partial(_layer_table, config), icon=":material/table_rows:")


def _layer_table(config: TrainingConfig) -> None:
    sizes = config.layer_sizes
    rows = [
        (f"{number(fan_in)} × {number(fan_out)} + {number(fan_out)}", number(fan_in * fan_out + fan_out))
        for fan_in, fan_out in pairwise(sizes)
    ]
    st.table(
        {
            _("weights + biases"): [shape for shape, _count in rows],
            _("parameters"): [count for _shape, count in rows],
        }
    )
