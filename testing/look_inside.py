"""One view of Look inside on a page of its own, and the numbers that it shows."""

import json
import re
import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest

from model.config import TrainingConfig
from model.slices import Arrays, initial_state


def _page(view: str, config: dict[str, object], image: int) -> None:
    """A view of a network of ``config`` that nobody trained, with a test image going through."""
    import importlib

    import streamlit as st

    from model.config import TrainingConfig
    from model.inference import Network, ink_of
    from testing.look_inside import weights_of
    from ui.base import resources
    from ui.look_inside.subject import Subject
    from ui.networks.selection import Choice

    recipe = TrainingConfig(**config)
    network = Network.from_arrays(weights_of(recipe), recipe.activation)
    images = resources.test_images()
    choice = Choice(recipe.to_json(), recipe, network, None, 0)
    ink = ink_of(images.images[image]).reshape(28, 28)
    shown = Subject(choice, ink, int(images.labels[image]), image)
    st.fragment(getattr(importlib.import_module(f"ui.look_inside.{view}"), f"show_{view.split('.')[-1]}"))(
        shown
    )


def weights_of(config: TrainingConfig) -> Arrays:
    """Initial weights of a network, its biases no longer 0."""
    rng = np.random.default_rng(1)
    return tuple(
        (array + rng.normal(0, 0.1, array.shape) * (array.ndim == 1)).astype(np.float32)
        for array in initial_state(config).weights
    )


def open_view(view: str, config: dict[str, Any], image: int = 0, **session: Any) -> AppTest:
    """``open_view("unit", {"hidden_layers": [8]})``, with ``session`` as it was left before."""
    app = AppTest.from_function(_page, default_timeout=60, args=(view, config, image))
    for key, value in session.items():
        app.session_state[key] = value
    return app.run()


class Shown:
    """A number as it is shown: equal to whatever is rounded to it; 0 without decimals is nothing else."""

    def __init__(self, text: str) -> None:
        self._text = text.strip("*$ ()").replace(",", "")
        self.value = float(self._text)

    def __eq__(self, other: object) -> bool:
        if self._text == "0":
            return other == 0
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


def numbers_in(text: str) -> list[Shown]:
    """All numbers in a formula or a sentence, in their order."""
    return [Shown(found) for found in re.findall(r"-?\d[\d,]*(?:\.\d+)?", text.replace("{,}", ","))]


def live(app: AppTest, key: str) -> list[Any]:
    """The traces that were moved into a live chart."""
    for component in app.get("bidi_component"):
        sent = json.loads(component.proto.json or "{}", parse_constant=_refuse)
        if sent.get("key") == key:
            traces: list[Any] = sent["traces"]
            return traces
    raise AssertionError(f"no live chart {key}")


def _refuse(constant: str) -> None:
    raise AssertionError(f"no browser reads {constant}")


def tiles(app: AppTest) -> list[tuple[dict[str, Any], NDArray[np.int8]]]:
    """What each grid of small pictures gets: its header, and the pictures int8 (n, 784)."""
    found = []
    for component in app.get("bidi_component"):
        if component.proto.component_name.endswith("digitlab_tiles"):
            sent = component.proto.bytes
            (length,) = struct.unpack("<I", sent[:4])
            pictures = np.frombuffer(sent[4 + length :], np.int8).reshape(-1, 784)
            found.append((json.loads(sent[4 : 4 + length]), pictures))
    return found
