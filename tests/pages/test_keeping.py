"""What a visitor finds again, and what the pages say while nothing can be saved."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from model.messages import Message
from runs.records import EventKind, RunEvent
from runs.runner import Runner
from testing.engines import TINY
from testing.pages import FILES, OpenPage, says
from ui.base import resources

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
    drawing = json.dumps({"objects": [PATH], "initial": [PATH], "size": "normal"})
    resources.desks().keep(VISITOR, recipe=TINY.with_changes(epochs=7).to_json(), drawing=drawing)
    app = _returns()
    assert json.loads(app.session_state["config"])["epochs"] == 7
    assert app.session_state["pad"]["objects"] == [PATH]


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
