"""My work: a visitor's runs are opened, named and deleted, and a visitor starts fresh or is forgotten."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from model.drawing.collection import submit
from runs.records import RunState
from testing.engines import TINY, HeldEngine
from testing.pages import FILES, OpenPage, says
from testing.waiting import over
from ui.base import resources
from ui.my_work.runs import state_name

VISITOR = "a" * 64
LINE = [np.array([[10.0, 20.0], [30.0, 200.0]])]


def _runs(count: int) -> list[str]:
    """The ids of finished runs, the newest first."""
    runner = resources.runner()
    for seed in range(count):
        over(runner, runner.submit(TINY.with_changes(seed=seed), VISITOR), 10)
    return [run.id for run in runner.runs_of(VISITOR)]


def _choose(app: AppTest, *run_ids: str) -> AppTest:
    chosen = app.multiselect[0]
    return chosen.set_value(list(run_ids)).run()


def _table(app: AppTest) -> Any:
    return app.dataframe[0].value


def test_an_empty_page_says_what_will_be_here(open_page: OpenPage) -> None:
    app = open_page("my_work")
    assert not app.exception
    assert says(app, "No run yet. What you train is kept here.")
    assert says(app, "0 digits of your handwriting")
    assert says(app, "0 imported networks")
    assert not app.dataframe


def test_every_run_has_a_row_with_what_came_of_it(open_page: OpenPage) -> None:
    open_page("home", visitor=VISITOR)
    _runs(2)
    app = open_page("my_work", visitor=VISITOR)
    table = _table(app)
    assert list(table["run"]) == [2, 1]
    assert set(table["network"]) == {"784-8-10"}
    assert set(table["state"]) == {"finished"}
    assert list(table["epochs"]) == [3, 3]
    assert list(table["validation accuracy"]) == ["3.0%", "3.0%"]


def test_two_hundred_runs_are_one_table(open_page: OpenPage) -> None:
    open_page("home", visitor=VISITOR)
    _runs(200)
    app = open_page("my_work", visitor=VISITOR)
    assert not app.exception
    assert len(_table(app)) == 200


def test_a_run_is_opened_on_train(open_page: OpenPage) -> None:
    open_page("home", visitor=VISITOR)
    ids = _runs(2)
    app = open_page("my_work", visitor=VISITOR)
    assert app.button(key="open_run").disabled
    app = _choose(app, ids[1])
    app.button(key="open_run").click().run()
    assert app.session_state["run_id"] == ids[1]


def test_a_run_gets_a_name_and_is_called_by_it(open_page: OpenPage) -> None:
    open_page("home", visitor=VISITOR)
    [run_id] = _runs(1)
    app = _choose(open_page("my_work", visitor=VISITOR), run_id)
    app.text_input(key=f"name_of_{run_id}").set_value("  with   dropout ")
    app.button[[button.label for button in app.button].index("Save")].click().run()
    assert list(_table(app)["name"]) == ["with dropout"]
    evaluate = app.switch_page(FILES["evaluate"]).run()
    assert "with dropout (run 1): 784-8-10" in evaluate.selectbox[0].options


def test_chosen_runs_are_deleted_and_the_others_stay(open_page: OpenPage) -> None:
    open_page("home", visitor=VISITOR)
    ids = _runs(3)
    app = _choose(open_page("my_work", visitor=VISITOR), ids[0], ids[2])
    assert says(app, "Delete these 2 runs with their curves and weights?")
    app.button(key="delete_runs").click().run()
    assert list(_table(app)["run"]) == [2]
    assert resources.runner().weights(ids[0], 3) is None
    assert resources.runner().weights(ids[1], 3) is not None


def test_a_run_at_work_can_be_deleted(open_page: OpenPage, use_engine: Callable[[Any], None]) -> None:
    open_page("home")
    use_engine(engine := HeldEngine())
    app = AppTest.from_file("../../app.py", default_timeout=30)
    app.session_state["visitor"] = VISITOR
    app.run()
    runner = resources.runner()
    run_id = runner.submit(TINY, VISITOR)
    engine.wait_for(1)
    runner.delete([run_id])
    engine.release()
    runner.join()
    assert runner.runs_of(VISITOR) == []
    assert engine.held == []


def test_who_starts_fresh_is_another_visitor_and_the_work_stays(open_page: OpenPage) -> None:
    open_page("home", visitor=VISITOR)
    ids = _runs(1)
    app = open_page("my_work", visitor=VISITOR)
    app.button(key="start_fresh").click().run()
    assert not app.exception
    assert says(app, "No run yet")
    assert app.session_state["visitor"] != VISITOR
    assert [run.id for run in resources.runner().runs_of(VISITOR)] == ids


def test_who_is_forgotten_leaves_nothing(open_page: OpenPage) -> None:
    open_page("home", visitor=VISITOR)
    [run_id] = _runs(1)
    resources.own_tests().change(VISITOR, partial(submit, number=0, strokes=LINE))
    resources.desks().keep(VISITOR, recipe=TINY.to_json())
    app = open_page("my_work", visitor=VISITOR)
    assert says(app, "1 digit of your handwriting")
    app.button(key="forget_me").click().run()
    assert not app.exception
    assert app.session_state["visitor"] != VISITOR
    assert resources.runner().snapshot(run_id) is None
    assert resources.runner().weights(run_id, 3) is None
    assert not resources.own_tests().of(VISITOR).drawn
    assert resources.desks().of(VISITOR) == (None, None)


def test_parents_read_what_is_stored_and_for_how_long(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIGITLAB_RETENTION_DAYS", "90")
    app = open_page("my_work")
    assert says(app, "It asks for no name")
    assert says(app, "After 90 days without a visit, everything is deleted.")


def test_where_the_disk_does_not_last_the_page_says_so(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = "everything that is made here is lost when it restarts"
    assert not says(open_page("my_work"), lost)
    monkeypatch.setenv("DIGITLAB_DATA_LASTS", "no")
    assert says(open_page("my_work"), lost)


def test_every_state_of_a_run_has_a_word(open_page: OpenPage) -> None:
    open_page("home", visitor=VISITOR)
    _runs(1)
    [run] = resources.runner()._schedule.runs.values()
    assert all(state_name(run.showing(state=state).snapshot) for state in RunState)
