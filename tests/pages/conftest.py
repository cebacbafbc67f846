"""Pages without a browser: AppTest over the whole app, with an engine that only pretends to train."""

import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from model.data import mnist
from model.data.mnist import LabelledImages
from model.evaluation.metrics import Evaluation
from runs.runner import Runner
from tests.unit.fakes import InlineEngine, learn
from ui.base import resources

_ROOT = Path(__file__).parents[2]
FILES = {
    name: f"pages/{name}.py"
    for name in ("learn", "train", "draw", "own_test", "evaluate", "compare", "guess", "look_inside")
}
PAGES = ["home", *FILES]

OpenPage = Callable[[str], AppTest]


@cache
def _train_images() -> LabelledImages:
    return mnist.load("train")


@cache
def _evaluated(network_key: str) -> dict[str, Evaluation]:
    return {}


@pytest.fixture
def use_engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Any], None]]:
    """``use_engine(engine)`` gives the app a runner over ``engine``."""

    def use(engine: Any) -> None:
        st.cache_resource.clear()
        monkeypatch.setattr(resources, "LocalEngine", lambda: engine)
        monkeypatch.setattr(resources, "Runner", lambda engine: Runner(engine, learn))
        # The training images, and what ships measured on them, are the same for all tests.
        monkeypatch.setattr(resources, "train_images", _train_images)
        monkeypatch.setattr(resources, "evaluated", _evaluated)

    yield use
    st.cache_resource.clear()


@pytest.fixture
def open_page(use_engine: Callable[[Any], None]) -> OpenPage:
    """``open_page("train")`` starts a new visitor's session on that page, as a cold deep link does."""
    use_engine(InlineEngine())

    def open_at(name: str, **session: Any) -> AppTest:
        app = AppTest.from_file(str(_ROOT / "app.py"), default_timeout=30)
        for key, value in session.items():
            app.session_state[key] = value
        if name != "home":
            app.switch_page(FILES[name])
        return app.run()

    return open_at


def seven(key: str = "canvas_1") -> dict[str, Any]:
    """What the canvas has sent after somebody drew a 7, as session state."""
    path = [["M", 70, 70], ["L", 200, 65], ["Q", 170, 130, 140, 230]]
    drawing = {"raw": {"objects": [{"type": "Path", "path": path}]}, "data": None}
    return {key: json.loads(json.dumps({"drawing": drawing, "backgroundFit": None}))}


def texts(app: AppTest) -> list[str]:
    """Everything that the page says in words, errors and captions included."""
    kinds = (
        "title",
        "header",
        "subheader",
        "markdown",
        "caption",
        "text",
        "error",
        "warning",
        "info",
        "success",
    )
    shown = [element.value for kind in kinds for element in app.get(kind)]
    return [*shown, *(bar.proto.text for bar in app.get("progress"))]
