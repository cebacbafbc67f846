"""Two recipes that differ in one setting: choosing it, and what stays the same."""

from collections.abc import Sequence
from typing import Any

import streamlit as st
from babel.lists import format_list

from model.config import TrainingConfig
from model.evaluation.comparison import same_initial_weights, same_order_of_images
from ui.base.text import _, language
from ui.recipe.controls import Controls
from ui.recipe.labels import setting_name

# All but the seed: it is what the two have in common.
SETTINGS = [field for field in TrainingConfig.model_fields if field != "seed"]


def other_value(start: TrainingConfig, field: str) -> Any:
    """A control for ``field`` of B that begins where ``start`` has it; returns what it was moved to."""
    return Controls(start, "guess_", _label, own_first=True).draw(field)


def show_common(first: TrainingConfig, second: TrainingConfig) -> None:
    """What is the same in both trainings although a setting differs, and what is not."""
    same, others = layers_by_start(first, second)
    if not others:
        weights = _("All layers start from the same initial weights in A and B.")
    elif not same:
        weights = _("No layer starts from the same initial weights, because all shapes differ.")
    else:
        weights = _(
            "Same initial weights: layer {same}. Different, because the shapes differ: layer {others}. "
            "Layer 1 reads the pixels.",
            same=same,
            others=others,
        )
    if same_order_of_images(first, second):
        order = _("Both train on the same images in the same order.")
    else:
        order = _(
            "They do not train on the same images in the same order: this setting changes which images "
            "are used."
        )
    st.caption(order)
    st.caption(weights)


def layers_by_start(first: TrainingConfig, second: TrainingConfig) -> tuple[str, str]:
    """The numbers of the layers that begin with the same weights in both, and of the others, as a visitor
    reads a list; empty where there is none."""
    flags = same_initial_weights(first, second)
    same, others = (
        [str(layer) for layer, flag in enumerate(flags, start=1) if flag is kind] for kind in (True, False)
    )
    return _listed(same), _listed(others)


def _label(field: str) -> str:
    return _("{setting} of B", setting=setting_name(field))


def _listed(words: Sequence[str]) -> str:
    return str(format_list(words, locale=language()))
