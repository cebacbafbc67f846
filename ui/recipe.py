"""The controls of a recipe: every bound, default and help text comes from ``TrainingConfig``."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from itertools import pairwise
from typing import Any

import streamlit as st

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
from ui import state
from ui.hidden import Panel, is_hidden
from ui.settings import option_name, setting_name
from ui.text import _, number, short_number

_BATCH_SIZES = [16, 32, 64, 128, 256, 512, 1024]
_L2_PENALTIES = [0.0, 0.00001, 0.0001, 0.001, 0.01, 0.1]
_NEW_LAYER_UNITS = 32


def recipe() -> TrainingConfig:
    """Draw the controls and return what they say, checked; remembered for the other pages.

    Raises:
        model.config.ConfigError: a browser sent a value that the controls do not offer.
    """
    controls = _Controls(*state.controls())
    values: dict[str, Any] = {"hidden_layers": controls.layers("hidden_layers")}
    values["epochs"] = controls.slider("epochs")
    values["batch_size"] = controls.choice("batch_size", _BATCH_SIZES)
    values["learning_rate"] = controls.choice("learning_rate", LEARNING_RATES)
    st.button(_("Lesson's recipe"), key="lesson", icon=":material/restart_alt:", on_click=set_recipe)
    if not is_hidden(Panel.MORE):
        with st.expander(_("More settings"), icon=":material/tune:"):
            values |= _more(controls)
    config = controls.start.with_changes(**values)
    state.set_config(config)
    return config


def _more(controls: "_Controls") -> dict[str, Any]:
    return {
        "activation": controls.select("activation", list(Activation)),
        "optimizer": controls.select("optimizer", list(Optimizer)),
        "dropout": controls.slider("dropout", step=0.05),
        "l2": controls.choice("l2", _L2_PENALTIES),
        "augmentation": controls.slider("augmentation", step=0.1),
        "train_share": controls.slider("train_share", step=0.01, format="percent"),
        "held_out": controls.slider("held_out", step=1_000),
        "seed": controls.number("seed"),
    }


def set_recipe(**changes: Any) -> None:
    """Set the controls to the seed recipe, or to the recipe as it is with ``changes``."""
    state.set_config(state.config().with_changes(**changes) if changes else TrainingConfig(), restart=True)


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


def _unless_hidden(draw: Callable[..., Any]) -> Callable[..., Any]:
    """A control that a link has hidden leaves its field as it is."""

    @wraps(draw)
    def draw_or_keep(self: "_Controls", field: str, *args: Any, **options: Any) -> Any:
        return getattr(self.start, field) if is_hidden(field) else draw(self, field, *args, **options)

    return draw_or_keep


@dataclass(frozen=True)
class _Controls:
    """Draws one field at a time, from where ``start`` has it, under keys with ``prefix``."""

    start: TrainingConfig
    prefix: str

    @_unless_hidden
    def layers(self, field: str) -> list[int]:
        sizes: tuple[int, ...] = getattr(self.start, field)
        count = st.segmented_control(
            options=range(MAX_HIDDEN_LAYERS + 1),
            default=len(sizes),
            required=True,
            width="stretch",
            **self._common(field),
        )
        return [
            st.slider(
                _("Units in layer {layer}", layer=layer + 1),
                MIN_UNITS,
                MAX_UNITS,
                sizes[layer] if layer < len(sizes) else _NEW_LAYER_UNITS,
                key=f"{self.prefix}units_{layer}",
            )
            for layer in range(count or 0)
        ]

    @_unless_hidden
    def slider(self, field: str, **options: Any) -> Any:
        value = getattr(self.start, field)
        low, high = (type(value)(bound) for bound in bounds(field))
        return st.slider(min_value=low, max_value=high, value=value, **self._common(field), **options)

    @_unless_hidden
    def choice(self, field: str, offered: list[Any]) -> Any:
        """A slider over chosen values; the recipe's own value is always among them."""
        value = getattr(self.start, field)
        options = sorted({*offered, value})
        return st.select_slider(options=options, value=value, format_func=short_number, **self._common(field))

    @_unless_hidden
    def select(self, field: str, options: list[Any]) -> Any:
        names = [str(option) for option in options]
        return st.selectbox(
            options=names,
            index=names.index(getattr(self.start, field)),
            format_func=option_name,
            **self._common(field),
        )

    @_unless_hidden
    def number(self, field: str) -> Any:
        low, high = bounds(field)
        return st.number_input(
            min_value=low, max_value=high, value=getattr(self.start, field), **self._common(field)
        )

    def _common(self, field: str) -> dict[str, Any]:
        return {
            "label": setting_name(field),
            "help": _(str(TrainingConfig.model_fields[field].description)),
            "key": f"{self.prefix}{field}",
        }
