"""Pages without a browser: AppTest over the whole app, with an engine that only pretends to train."""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import ElementTree

from model.data import mnist
from model.data.mnist import LabelledImages
from model.evaluation.metrics import Evaluation
from runs.runner import Runner
from storage.database import in_folder
from storage.writer import Writer
from testing.engines import InlineEngine, learn
from testing.languages import write_esperanto
from testing.pages import FILES, OpenPage
from ui.base import resources, text
from ui.networks import measurements

_ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _crash_fails_the_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """However a test runs a page again, by the page or by what stands on it."""
    run = ElementTree.run

    def run_whole(tree: ElementTree, *, timeout: float | None = None) -> AppTest:
        app = run(tree, timeout=timeout)
        assert not app.exception, "the page crashed: see the log"
        return app

    monkeypatch.setattr(ElementTree, "run", run_whole)


@cache
def _train_images() -> LabelledImages:
    return mnist.load("train")


_evaluation_of = measurements.evaluation_of
_evaluations: dict[tuple[str, str], Evaluation] = {}


def _evaluation_once(network_key: str, image_set: str, *others: Any) -> Evaluation:
    key = (network_key, image_set)
    if key not in _evaluations:
        _evaluations[key] = _evaluation_of(network_key, image_set, *others)
    return _evaluations[key]


@pytest.fixture
def use_engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Any], None]]:
    """``use_engine(engine)`` gives the app a runner over ``engine``."""

    def use(engine: Any) -> None:
        st.cache_resource.clear()
        monkeypatch.setattr(resources, "LocalEngine", lambda: engine)
        monkeypatch.setattr(resources, "Runner", lambda engine, writer: Runner(engine, learn))
        # The training images, and what ships measured on them, are the same for all tests.
        monkeypatch.setattr(resources, "train_images", _train_images)
        monkeypatch.setattr(measurements, "evaluation_of", _evaluation_once)

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


@pytest.fixture
def open_page_with_database(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[OpenPage]:
    """As ``open_page``, over a database that everything is kept in."""
    kept = Writer(in_folder(tmp_path / "data"))
    monkeypatch.setattr(resources, "Runner", lambda engine, writer: Runner(engine, learn, kept))
    yield open_page
    resources.runner().close(10)


@pytest.fixture(scope="session")
def catalogues(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("catalogues")
    write_esperanto(folder)
    return folder


@pytest.fixture
def esperanto(catalogues: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every text of the app stands in angle brackets."""
    monkeypatch.setattr(text, "CATALOGUES", catalogues)
    monkeypatch.setattr(text, "language", lambda: "eo")
    text._translations.cache_clear()
    yield
    text._translations.cache_clear()
