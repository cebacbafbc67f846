"""The controls of a recipe: every bound, default and help text comes from ``TrainingConfig``."""

from itertools import pairwise
from typing import Any

import streamlit as st

from model.config import (
    MAX_HIDDEN_LAYERS,
    MAX_UNITS,
    MIN_UNITS,
    Activation,
    Optimizer,
    TrainingConfig,
    bounds,
)
from ui import state
from ui.text import _, number, short_number

_BATCH_SIZES = [16, 32, 64, 128, 256, 512, 1024]
_LEARNING_RATES = [m * 10.0**e for e in range(-5, 1) for m in (1, 2, 5)] + [10.0]
_NEW_LAYER_UNITS = 32


def recipe() -> TrainingConfig:
    """Draw the controls and return what they say, checked; remembered for the other pages.

    Raises:
        model.config.ConfigError: a browser sent a value that the controls do not offer.
    """
    now = state.config()
    values: dict[str, Any] = {"hidden_layers": _hidden_layers(now)}
    values["epochs"] = _slider("epochs", now)
    values["batch_size"] = _choice("batch_size", now, _BATCH_SIZES)
    values["learning_rate"] = _choice("learning_rate", now, [round(rate, 5) for rate in _LEARNING_RATES])
    st.button(_("Lesson's recipe"), key="lesson", icon=":material/restart_alt:", on_click=set_recipe)
    with st.expander(_("More settings"), icon=":material/tune:"):
        values["activation"] = _select("activation", now, list(Activation))
        values["optimizer"] = _select("optimizer", now, list(Optimizer))
        values["dropout"] = _slider("dropout", now, step=0.05)
        values["l2"] = _choice("l2", now, [0.0, 0.00001, 0.0001, 0.001, 0.01, 0.1])
        values["train_share"] = _slider("train_share", now, step=0.01, format="percent")
        values["held_out"] = _slider("held_out", now, step=1_000)
        values["seed"] = _number("seed", now)
    config = TrainingConfig(**values)
    state.set_config(config)
    return config


def set_recipe(**changes: Any) -> None:
    """Set the controls to the seed recipe, or to the recipe as it is with ``changes``."""
    state.set_config(state.config().with_changes(**changes) if changes else TrainingConfig())
    state.forget_controls()


def layer_table(config: TrainingConfig) -> None:
    """How many parameters each layer has, and where they come from."""
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


def _hidden_layers(now: TrainingConfig) -> list[int]:
    count_key = state.control("hidden_layers", len(now.hidden_layers))
    count = st.segmented_control(
        _field("title", "hidden_layers"),
        range(MAX_HIDDEN_LAYERS + 1),
        key=count_key,
        help=_field("description", "hidden_layers"),
        required=True,
        width="stretch",
    )
    units = []
    for layer in range(count or 0):
        default = now.hidden_layers[layer] if layer < len(now.hidden_layers) else _NEW_LAYER_UNITS
        units.append(
            st.slider(
                _("Units in layer {layer}", layer=layer + 1),
                MIN_UNITS,
                MAX_UNITS,
                key=state.control(f"units_{layer}", default),
            )
        )
    return units


def _slider(field: str, now: TrainingConfig, **options: Any) -> Any:
    low, high = bounds(field)
    value = getattr(now, field)
    kind = type(value)
    return st.slider(
        _field("title", field),
        kind(low),
        kind(high),
        key=state.control(field, value),
        help=_field("description", field),
        **options,
    )


def _choice(field: str, now: TrainingConfig, offered: list[Any]) -> Any:
    """A slider over chosen values; the recipe's own value is always among them."""
    value = getattr(now, field)
    return st.select_slider(
        _field("title", field),
        sorted({*offered, value}),
        format_func=short_number,
        key=state.control(field, value),
        help=_field("description", field),
    )


def _select(field: str, now: TrainingConfig, options: list[Any]) -> Any:
    return st.selectbox(
        _field("title", field),
        [str(option) for option in options],
        key=state.control(field, str(getattr(now, field))),
        help=_field("description", field),
    )


def _number(field: str, now: TrainingConfig) -> Any:
    low, high = bounds(field)
    return st.number_input(
        _field("title", field),
        low,
        high,
        key=state.control(field, getattr(now, field)),
        help=_field("description", field),
    )


def _field(part: str, field: str) -> str:
    return _(getattr(TrainingConfig.model_fields[field], part))
