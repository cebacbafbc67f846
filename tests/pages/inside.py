"""One view of Look inside on a page of its own, and the numbers that it shows."""

import re
from typing import Any

import numpy as np
from streamlit.testing.v1 import AppTest


def _page(view: str, config: dict[str, object], image: int) -> None:
    """A view of an untrained network of ``config``, with a test image going through."""
    import importlib

    import streamlit as st

    from model.config import TrainingConfig
    from model.inference import Network, ink_of
    from model.slices import initial_state
    from ui import resources
    from ui.inside.subject import Subject
    from ui.networks import Choice

    recipe = TrainingConfig(**config)
    network = Network(initial_state(recipe).weights, recipe.activation)
    images = resources.test_images()
    choice = Choice(recipe.to_json(), recipe, network, None, 0)
    ink = ink_of(images.images[image]).reshape(28, 28)
    shown = Subject(choice, ink, int(images.labels[image]), image)
    st.fragment(getattr(importlib.import_module(f"ui.inside.{view}"), f"show_{view}"))(shown)


def open_view(view: str, config: dict[str, Any], image: int = 0, **session: Any) -> AppTest:
    """``open_view("unit", {"hidden_layers": [8]})``, with ``session`` as it was left before."""
    app = AppTest.from_function(_page, default_timeout=60, args=(view, config, image))
    for key, value in session.items():
        app.session_state[key] = value
    return app.run()


class Shown:
    """A number as it is shown: equal to whatever is rounded to it."""

    def __init__(self, text: str) -> None:
        self._text = text.strip("*$ ()").replace(",", "")
        self.value = float(self._text)

    def __eq__(self, other: object) -> bool:
        digits = len(self._text.partition(".")[2])
        # float32 and the sum of a few roundings beside the last digit that is shown.
        slack = 0.5 * 10.0**-digits + 2e-5 * abs(self.value)
        return isinstance(other, float | np.floating) and abs(float(other) - self.value) <= slack

    def __repr__(self) -> str:
        return self._text


def numbers(cells: Any) -> list[Shown]:
    """Those of a column that hold one."""
    return [Shown(cell) for cell in cells if cell]


def last_number(formula: str) -> Shown:
    """What stands behind the last equals sign of a formula."""
    return Shown(formula.replace("{,}", "").rpartition("=")[2])


def formulas(app: AppTest) -> list[str]:
    """What is typeset with its numbers filled in: general formulas come in expanders, behind these."""
    return [element.value.strip("$ \n") for element in app.latex if re.search(r"\d", element.value)]
