"""Two recipes that differ in one setting: choosing it, and what stays the same."""

from collections.abc import Sequence
from typing import Any

import streamlit as st
from babel.lists import format_list

from model.comparison import same_first_weights, same_order_of_images
from model.config import (
    LEARNING_RATES,
    MAX_HIDDEN_LAYERS,
    MAX_UNITS,
    MIN_UNITS,
    Activation,
    Optimizer,
    TrainingConfig,
    bounds,
)
from ui.settings import option_name, setting_name
from ui.text import _, language, short_number

# All but the seed: it is what the two have in common.
SETTINGS = [field for field in TrainingConfig.model_fields if field != "seed"]

_STEPS = {"dropout": 0.05, "augmentation": 0.1, "train_share": 0.01, "held_out": 1_000}
_NEW_LAYER_UNITS = 32


def other_value(field: str, value: Any) -> Any:
    """A control for ``field`` that begins at ``value``; returns what it was moved to."""
    common: dict[str, Any] = {
        "label": _("{setting} of B", setting=setting_name(field)),
        "help": _(str(TrainingConfig.model_fields[field].description)),
        "key": f"guess_{field}",
    }
    match field:
        case "hidden_layers":
            return _layers(value, common)
        case "activation":
            return st.selectbox(options=_first(value, Activation), format_func=option_name, **common)
        case "optimizer":
            return st.selectbox(options=_first(value, Optimizer), format_func=option_name, **common)
        case "learning_rate":
            return _select(LEARNING_RATES, value, common)
        case "batch_size":
            low, high = bounds(field)
            return _select([low << k for k in range((high // low).bit_length())], value, common)
        case "l2":
            return _select([0.0, *(10.0**power for power in range(-5, 0))], value, common)
    low, high = (type(value)(bound) for bound in bounds(field))
    style = "percent" if field == "train_share" else None
    return st.slider(
        min_value=low, max_value=high, value=value, step=_STEPS.get(field), format=style, **common
    )


def show_common(first: TrainingConfig, second: TrainingConfig) -> None:
    """What is the same in both trainings although a setting differs, and what is not."""
    flags = same_first_weights(first, second)
    same, others = (
        [str(layer) for layer, flag in enumerate(flags, start=1) if flag is kind] for kind in (True, False)
    )
    if not others:
        weights = _("Every layer starts from the same first weights in A and in B.")
    elif not same:
        weights = _("No layer starts from the same first weights: the shapes of all of them differ.")
    else:
        weights = _(
            "Start from the same first weights: layer {same}. Do not, because their shapes differ: layer "
            "{others}. Layer 1 is the one that reads the pixels.",
            same=_listed(same),
            others=_listed(others),
        )
    if same_order_of_images(first, second):
        order = _("Both see the same training images in the same order.")
    else:
        order = _("They do not see the same training images in the same order: this setting changes which.")
    st.caption(order)
    st.caption(weights)


def _layers(sizes: Sequence[int], common: dict[str, Any]) -> tuple[int, ...]:
    count = st.segmented_control(
        options=range(MAX_HIDDEN_LAYERS + 1), default=len(sizes), required=True, width="stretch", **common
    )
    return tuple(
        st.slider(
            _("Units in layer {layer}", layer=layer + 1),
            MIN_UNITS,
            MAX_UNITS,
            sizes[layer] if layer < len(sizes) else _NEW_LAYER_UNITS,
            key=f"guess_units_{layer}",
        )
        for layer in range(count or 0)
    )


def _select(offered: Sequence[Any], value: Any, common: dict[str, Any]) -> Any:
    return st.select_slider(
        options=sorted({*offered, value}), value=value, format_func=short_number, **common
    )


def _first(value: Activation | Optimizer, options: type[Activation] | type[Optimizer]) -> list[str]:
    """The names of all ``options``, A's own first."""
    return [str(value), *(str(option) for option in options if option != value)]


def _listed(words: Sequence[str]) -> str:
    return str(format_list(words, locale=language()))
