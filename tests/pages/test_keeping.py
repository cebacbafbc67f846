"""What a visitor finds again, and what the pages say while nothing can be saved."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from model.messages import Message
from runs.kept_reader import _snapshot
from runs.records import EventKind, RunEvent
from runs.runner import Runner
from storage.problems import unreachable
from storage.runs import RunRecord
from testing.engines import TINY, HeldEngine
from testing.pages import FILES, OpenPage, says
from ui.base import resources
from visitors.desks import Desks

VISITOR = "a" * 64
PATH = {"type": "path", "path": [["M", 100, 60], ["L", 140, 220]], "strokeWidth": 12, "stroke": "#fff"}


def _returns(page: str = "home") -> AppTest:
    """The same visitor in a new session, on the server that is there."""
    app = AppTest.from_file("../../app.py", default_timeout=30)
    app.session_state["visitor"] = VISITOR
    if page != "home":
        app.switch_page(FILES[page])
    return app.run()


def test_who_comes_back_finds_the_recipe_and_the_drawing(open_page: OpenPage) -> None:
    open_page("train", visitor=VISITOR, config=TINY.to_json())
    drawing = json.dumps({"objects": [PATH], "size": "normal"})
    resources.desks().keep(VISITOR, recipe=TINY.with_changes(epochs=7).to_json(), drawing=drawing)
    app = _returns()
    assert json.loads(app.session_state["config"])["epochs"] == 7
    assert app.session_state["pad"]["objects"] == [PATH]


@pytest.mark.parametrize("drawing", ["", "[1]", '{"objects": 3}', '{"objects": [], "size": "huge"}'])
def test_a_drawing_of_another_version_is_a_blank_pad(open_page: OpenPage, drawing: str) -> None:
    open_page("home", visitor=VISITOR)
    resources.desks().keep(VISITOR, recipe=TINY.to_json(), drawing=drawing)
    for page in ("home", "draw"):
        app = _returns(page)
        assert not app.exception
        assert app.session_state["pad"]["objects"] == []


def test_what_cannot_be_read_now_is_not_written_over(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_page("home", visitor=VISITOR)
    resources.desks().keep(VISITOR, recipe=TINY.to_json())
    of = Desks.of
    monkeypatch.setattr(Desks, "of", _refuse)
    app = _returns()
    assert not app.exception
    app.session_state["pad"]["objects"] = [PATH]
    app.run()
    monkeypatch.setattr(Desks, "of", of)
    app.run()
    assert resources.desks().of(VISITOR)[0] == TINY.to_json()
    assert json.loads(app.session_state["config"])["epochs"] == TINY.epochs


@pytest.mark.parametrize("method", ["resume", "train_one_epoch"])
def test_a_button_that_needs_the_database_says_that_it_is_away(
    open_page: OpenPage, use_engine: Callable[[Any], None], monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    use_engine(HeldEngine())
    app = AppTest.from_file("../../app.py", default_timeout=30)
    app.session_state["config"] = TINY.to_json()
    app.switch_page(FILES["train"]).run()
    app.button(key="train").click().run()
    app.button(key="pause").click().run()
    monkeypatch.setattr(Runner, method, _refuse)
    app.run()
    app.button(key={"resume": "pause"}.get(method, "one_epoch")).click().run()
    assert not app.exception
    assert says(app, "The database cannot be reached")
    assert not says(app.run(), "The database cannot be reached"), "it is said once"


def test_a_run_of_another_version_does_not_take_the_others_along() -> None:
    assert _snapshot(RunRecord("x", VISITOR, 1, "{}", "levitating", is_over=True)) is None
    assert (
        _snapshot(RunRecord("x", VISITOR, 1, "{}", "finished", is_over=True, events='[{"kind": 3}]')) is None
    )
    assert _snapshot(RunRecord("x", VISITOR, 1, "{}", "finished", is_over=True)) is not None


def _refuse(*_: object) -> Any:
    raise unreachable("the test says so")


def test_a_recipe_is_kept_when_it_is_chosen_and_nothing_of_who_only_looks(open_page: OpenPage) -> None:
    app = open_page("train", visitor=VISITOR)
    assert resources.desks().of(VISITOR) == (None, None)
    app.session_state["config"] = TINY.to_json()
    app.switch_page(FILES["learn"]).run()
    recipe, _drawing = resources.desks().of(VISITOR)
    assert recipe == TINY.to_json()


def test_a_recipe_of_another_version_is_the_seed_recipe(open_page: OpenPage) -> None:
    open_page("home", visitor=VISITOR)
    resources.desks().keep(VISITOR, recipe='{"warp": 9}', drawing=None)
    app = _returns()
    assert not app.exception
    assert json.loads(app.session_state["config"])["epochs"] == 20


@pytest.mark.parametrize("page", ["home", "learn", "train", "own_test"])
def test_every_page_says_quietly_why_nothing_is_saved(
    open_page: OpenPage, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Runner, "storage_problem", Message("The disk is full."))
    app = open_page(page)
    assert not app.exception
    assert says(app, "Not saved for now. The disk is full")


def test_train_says_what_is_not_saved_yet(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_page("train", config=TINY.to_json())
    app.button(key="train").click().run()
    assert not says(app, "Not saved yet")
    monkeypatch.setattr(Runner, "seconds_behind", lambda _self, _run_id: 4.0)
    assert says(app.run(), "Not saved yet. Training goes on.")


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (EventKind.INTERRUPTED, "The server was restarted. The run went on after epoch 1"),
        (EventKind.MOVED, "with another version or on another machine"),
    ],
)
def test_train_says_what_happened_to_a_run_whose_server_ended(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, kind: EventKind, sentence: str
) -> None:
    app = open_page("train", config=TINY.to_json())
    app.button(key="train").click().run()
    [run] = resources.runner().runs_of(app.session_state["visitor"])
    noted = resources.runner()._schedule.runs[run.id].showing(events=(RunEvent(kind, 2, 0),)).snapshot
    monkeypatch.setattr(Runner, "snapshot", lambda _self, _run_id: noted)
    assert says(app.run(), sentence)
