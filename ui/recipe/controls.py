"""A control for each field of a recipe: every bound and help text comes from ``TrainingConfig``."""

from collections.abc import Callable
from dataclasses import dataclass
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
from ui.base.text import _, short_number
from ui.recipe.labels import option_name, setting_name

_BATCH_SIZES = [16, 32, 64, 128, 256, 512, 1024]
_L2_PENALTIES = [0.0, 0.00001, 0.0001, 0.001, 0.01, 0.1]
_NEW_LAYER_UNITS = 32


@dataclass(frozen=True)
class Controls:
    """Draws one field at a time, from where ``start`` has it, under keys with ``prefix``.

    ``label`` names a field's control. ``own_first``: a select box begins with the option of ``start``.
    """

    start: TrainingConfig
    prefix: str
    label: Callable[[str], str] = setting_name
    own_first: bool = False

    def draw(self, field: str) -> Any:
        """The control of ``field``; returns what it was moved to."""
        match field:
            case "hidden_layers":
                return self._layers(field)
            case "activation":
                return self._select(field, list(Activation))
            case "optimizer":
                return self._select(field, list(Optimizer))
            case "learning_rate":
                return self._choice(field, LEARNING_RATES)
            case "batch_size":
                return self._choice(field, _BATCH_SIZES)
            case "l2":
                return self._choice(field, _L2_PENALTIES)
            case "dropout":
                return self._slider(field, step=0.05)
            case "augmentation":
                return self._slider(field, step=0.1)
            case "train_share":
                return self._slider(field, step=0.01, format="percent")
            case "held_out":
                return self._slider(field, step=1_000)
            case "seed":
                return self._number(field)
        return self._slider(field)

    def _layers(self, field: str) -> tuple[int, ...]:
        sizes: tuple[int, ...] = getattr(self.start, field)
        count = st.segmented_control(
            options=range(MAX_HIDDEN_LAYERS + 1),
            default=len(sizes),
            required=True,
            width="stretch",
            **self._common(field),
        )
        return tuple(
            st.slider(
                _("Units in layer {layer}", layer=layer + 1),
                MIN_UNITS,
                MAX_UNITS,
                sizes[layer] if layer < len(sizes) else _NEW_LAYER_UNITS,
                key=f"{self.prefix}units_{layer}",
            )
            for layer in range(count or 0)
        )

    def _slider(self, field: str, **options: Any) -> Any:
        value = getattr(self.start, field)
        low, high = (type(value)(bound) for bound in bounds(field))
        return st.slider(min_value=low, max_value=high, value=value, **self._common(field), **options)

    def _choice(self, field: str, offered: list[Any]) -> Any:
        """A slider over chosen values; the recipe's own value is always among them."""
        value = getattr(self.start, field)
        options = sorted({*offered, value})
        return st.select_slider(options=options, value=value, format_func=short_number, **self._common(field))

    def _select(self, field: str, options: list[Any]) -> Any:
        own = str(getattr(self.start, field))
        names = [str(option) for option in options]
        if self.own_first:
            names.sort(key=lambda name: name != own)
        return st.selectbox(
            options=names, index=names.index(own), format_func=option_name, **self._common(field)
        )

    def _number(self, field: str) -> Any:
        low, high = bounds(field)
        return st.number_input(
            min_value=low, max_value=high, value=getattr(self.start, field), **self._common(field)
        )

    def _common(self, field: str) -> dict[str, Any]:
        return {
            "label": self.label(field),
            "help": _(str(TrainingConfig.model_fields[field].description)),
            "key": f"{self.prefix}{field}",
        }
