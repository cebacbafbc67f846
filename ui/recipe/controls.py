"""A control for each field of a recipe: every bound and help text comes from ``TrainingConfig``."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st

from model.config import (
    LEARNING_RATES,
    MAX_HIDDEN_LAYERS,
    MAX_UNITS,
    MIN_UNITS,
    Activation,
    KeptEpoch,
    Optimizer,
    TrainingConfig,
    bounds,
)
from ui.base import session
from ui.base.text import _, short_number
from ui.recipe.labels import option_name, setting_name

_BATCH_SIZES = [16, 32, 64, 128, 256, 512, 1024]
_L2_PENALTIES = [0.0, 0.00001, 0.0001, 0.001, 0.01, 0.1]
_NEW_LAYER_UNITS = 32


# Of a field of ``TrainingConfig``.
Value = int | float | str | tuple[int, ...]


@dataclass(frozen=True)
class Controls:
    """Draws one field at a time, from where ``start`` has it, under keys with ``prefix``.

    ``label`` names a field's control. ``own_first``: a select box begins with the option of ``start``.
    """

    start: TrainingConfig
    prefix: str
    label: Callable[[str], str] = setting_name
    own_first: bool = False

    def draw(self, field: str) -> Value:
        """The control of ``field``; returns what it was moved to."""
        return _DRAW[field](self, field)

    def held(self, fields: Iterable[str]) -> dict[str, Value]:
        """What the controls of ``fields`` say, as far as they are drawn; each a single control."""
        keys = {field: f"{self.prefix}{field}" for field in fields}
        return {field: session.value(key) for field, key in keys.items() if session.has(key)}

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

    def _slider(self, field: str, **options: Any) -> Value:
        start = getattr(self.start, field)
        low, high = (type(start)(bound) for bound in bounds(field))
        value: Value = st.slider(min_value=low, max_value=high, value=start, **self._common(field), **options)
        return value

    def _choice(self, field: str, offered: Sequence[float]) -> Value:
        """A slider over chosen values; the recipe's own value is always among them."""
        start = getattr(self.start, field)
        options = sorted({*offered, start})
        value: Value = st.select_slider(
            options=options, value=start, format_func=short_number, **self._common(field)
        )
        return value

    def _select(self, field: str, kind: type[Activation | Optimizer | KeptEpoch]) -> Value:
        own = str(getattr(self.start, field))
        names = [str(option) for option in kind]
        if self.own_first:
            names.sort(key=lambda name: name != own)
        value: str = st.selectbox(
            options=names,
            index=names.index(own),
            format_func=lambda name: option_name(kind(name)),
            **self._common(field),
        )
        return value

    def _number(self, field: str) -> Value:
        low, high = bounds(field)
        value: int = st.number_input(
            min_value=low, max_value=high, value=getattr(self.start, field), **self._common(field)
        )
        return value

    def _common(self, field: str) -> dict[str, Any]:
        return {
            "label": self.label(field),
            "help": _(str(TrainingConfig.model_fields[field].description)),
            "key": f"{self.prefix}{field}",
        }


# Every field has its line: a new one without is an error, no slider that happens to fit.
_DRAW: dict[str, Callable[[Controls, str], Value]] = {
    "hidden_layers": Controls._layers,
    "activation": partial(Controls._select, kind=Activation),
    "optimizer": partial(Controls._select, kind=Optimizer),
    "learning_rate": partial(Controls._choice, offered=LEARNING_RATES),
    "batch_size": partial(Controls._choice, offered=_BATCH_SIZES),
    "epochs": Controls._slider,
    "dropout": partial(Controls._slider, step=0.05),
    "l2": partial(Controls._choice, offered=_L2_PENALTIES),
    "augmentation": partial(Controls._slider, step=0.1),
    "train_share": partial(Controls._slider, step=0.01, format="percent"),
    "held_out": partial(Controls._slider, step=1_000),
    "patience": Controls._slider,
    "keep": partial(Controls._select, kind=KeptEpoch),
    "seed": Controls._number,
}
