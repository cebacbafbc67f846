"""The recipe on Train: beside the curves on a desk; on a phone above them, folded to one line."""

from pathlib import Path

import streamlit as st

from model.config import TrainingConfig, layers_text
from ui.base.text import _
from ui.recipe.form import layer_table, recipe
from ui.recipe.hidden import Panel, is_hidden
from ui.recipe.share_link import show_link
from ui.train import controls

_STYLE = Path(__file__).with_name("phone.css")


def choose_recipe() -> TrainingConfig:
    """All controls of the recipe, with what it costs and the link to it; returns what they say."""
    st.html(_STYLE)
    line = st.container()
    with st.container(key="recipe_controls"):
        config = recipe()
        if not is_hidden(Panel.COST):
            controls.cost(config)
        if not is_hidden(Panel.LAYERS):
            layer_table(config)
        show_link(config)
    line.toggle(_line(config), key="show_recipe")
    return config


def _line(config: TrainingConfig) -> str:
    return _(
        "Recipe: {layers}, {epochs} epochs, batch size {batch}, learning rate {rate}",
        layers=layers_text(config.layer_sizes),
        epochs=config.epochs,
        batch=config.batch_size,
        rate=config.learning_rate,
    )
