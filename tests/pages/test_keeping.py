"""What a visitor finds again, and what the pages say while nothing can be saved."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from model.messages import Message
from runs.kept_reader import _snapshot
from runs.records import EventKind, RunEvent, RunState
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
        assert app.session_state["pad"]["objects"] == []


def test_what_cannot_be_read_now_is_not_written_over(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_page("home", visitor=VISITOR)
    resources.desks().keep(VISITOR, recipe=TINY.to_json())
    of = Desks.of
    monkeypatch.setattr(Desks, "of", _refuse)
    app = _returns()
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
    assert json.loads(app.session_state["config"])["epochs"] == 20


_CHANGED = "in another tab or on another device"


def _epochs(app: AppTest) -> int:
    return int(json.loads(app.session_state["config"])["epochs"])


def _set_epochs(app: AppTest, epochs: int) -> AppTest:
    [slider] = [slider for slider in app.slider if slider.key and slider.key.endswith("epochs")]
    return slider.set_value(epochs).run()


def test_of_two_tabs_the_later_recipe_wins_and_the_other_tab_says_so(open_page: OpenPage) -> None:
    one, other = open_page("train", visitor=VISITOR), _returns("train")
    _set_epochs(one, 7)
    _set_epochs(other, 9)
    assert _epochs(one.run()) == 7, "nothing changes under the visitor's hand"
    one.switch_page(FILES["learn"]).run()
    assert _epochs(one) == 9
    assert says(one, f"The recipe was changed {_CHANGED}. This is the later one.")
    assert says(one.run(), _CHANGED), "it stays for as long as the page does"
    one.switch_page(FILES["train"]).run()
    assert not says(one, _CHANGED)
    [slider] = [slider for slider in one.slider if slider.key and slider.key.endswith("epochs")]
    assert slider.value == 9
    _set_epochs(one, 11)
    other.switch_page(FILES["learn"]).run()
    assert _epochs(other) == 11
    assert says(other, _CHANGED)


def test_of_two_tabs_the_later_drawing_wins_and_the_other_tab_says_so(open_page: OpenPage) -> None:
    one, other = open_page("train", visitor=VISITOR), _returns("train")
    one.session_state["pad"]["objects"] = [PATH]
    one.run()
    other.switch_page(FILES["learn"]).run()
    assert other.session_state["pad"]["objects"] == [PATH]
    assert says(other, f"The drawing was changed {_CHANGED}. This is the later one.")
    assert not says(other, "The recipe")
    other.session_state["pad"]["objects"] = []
    other.run()
    one.switch_page(FILES["learn"]).run()
    assert one.session_state["pad"]["objects"] == [], "a drawing that was cleared is cleared here, too"
    assert one.session_state["pad"]["initial"] == []


def test_recipe_and_drawing_from_another_tab_are_one_sentence(open_page: OpenPage) -> None:
    one = open_page("home", visitor=VISITOR)
    drawing = json.dumps({"objects": [PATH], "size": "large"})
    resources.desks().keep(VISITOR, recipe=TINY.to_json(), drawing=drawing)
    one.switch_page(FILES["learn"]).run()
    assert says(one, f"The recipe and the drawing were changed {_CHANGED}. These are the later ones.")
    assert one.session_state["pad"]["size"] == "large"


def test_what_was_changed_here_in_this_moment_is_later_still(open_page: OpenPage) -> None:
    one, other = open_page("train", visitor=VISITOR), _returns("train")
    _set_epochs(other, 9)
    one.session_state["config"] = TINY.with_changes(epochs=5).to_json()
    one.switch_page(FILES["learn"]).run()
    assert _epochs(one) == 5
    assert not says(one, _CHANGED)
    other.switch_page(FILES["learn"]).run()
    assert _epochs(other) == 5
    assert says(other, _CHANGED)


def test_who_has_one_tab_reads_of_no_other(open_page: OpenPage) -> None:
    app = open_page("train", visitor=VISITOR)
    _set_epochs(app, 7)
    app.session_state["pad"]["objects"] = [PATH]
    for page in ("learn", "train", "guess", "train"):
        app.switch_page(FILES[page]).run()
        assert not says(app, _CHANGED)
    assert _epochs(app) == 7


def test_while_the_database_is_away_a_change_of_page_keeps_what_is_here(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = _set_epochs(open_page("train", visitor=VISITOR), 7)
    monkeypatch.setattr(Desks, "of", _refuse)
    app.switch_page(FILES["learn"]).run()
    assert _epochs(app) == 7


def test_a_name_from_another_tab_is_there_at_once(open_page: OpenPage) -> None:
    one, other = open_page("train", visitor=VISITOR), _returns()
    [run_id] = [resources.runner().submit(TINY, VISITOR)]
    for name in ("the earlier name", "the later name"):
        resources.runner().rename(run_id, name)
    for app in (one, other):
        app.switch_page(FILES["evaluate"]).run()
        assert "the later name (run 1): 784-8-10" in app.selectbox[0].options


@pytest.mark.parametrize("page", ["home", "learn", "train", "own_test"])
def test_every_page_says_quietly_why_nothing_is_saved(
    open_page: OpenPage, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Runner, "storage_problem", Message("The disk is full."))
    app = open_page(page)
    assert says(app, "Not saved for now. The disk is full")


def test_train_says_what_is_not_saved_yet(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_page("train", config=TINY.to_json())
    app.button(key="train").click().run()
    assert not says(app, "Not saved yet")
    monkeypatch.setattr(Runner, "seconds_behind", lambda _self, _run_id: 4.0)
    assert says(app.run(), "Not saved yet. Training goes on.")


@pytest.mark.parametrize(
    ("kind", "state", "sentence"),
    [
        (EventKind.INTERRUPTED, RunState.RUNNING, "The server was restarted. The run went on after epoch 1"),
        (EventKind.MOVED, RunState.PAUSED, "Resume goes on here; the last digits of its curve may differ"),
        (EventKind.MOVED, RunState.RUNNING, "The run went on with another version or on another machine"),
    ],
)
def test_train_says_what_happened_to_a_run_whose_server_ended(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, kind: EventKind, state: RunState, sentence: str
) -> None:
    app = open_page("train", config=TINY.to_json())
    app.button(key="train").click().run()
    [run] = resources.runner().runs_of(app.session_state["visitor"])
    noted = replace(run, events=(RunEvent(kind, 2, 0),), state=state)
    monkeypatch.setattr(Runner, "snapshot", lambda _self, _run_id: noted)
    assert says(app.run(), sentence)
