"""My work: what a visitor made is opened, compared, named and deleted, and a visitor starts fresh or is
forgotten."""

import json
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from model.drawing.collection import submit
from model.evaluation.hypothesis import Guess, Verdict
from model.export.weights_file import to_npz
from runs.records import RunState
from storage.problems import unreachable
from storage.writer import Writer
from testing.engines import TINY, HeldEngine
from testing.networks import made_up
from testing.pages import FILES, OpenPage, says
from testing.waiting import over
from ui.base import resources
from ui.my_work.runs import state_name
from visitors.hypotheses import Hypothesis, trials

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
    assert says(app, "No run yet. What you train is kept here.")
    assert says(app, "No hypothesis yet")
    assert says(app, "No imported network yet")
    assert says(app, "No digit yet")
    assert not app.dataframe
    assert not app.multiselect
    assert "delete_drawings" not in [button.key for button in app.button]


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


def test_a_name_is_told_in_compare_and_on_train_too(open_page: OpenPage) -> None:
    open_page("home", visitor=VISITOR)
    newer, older = _runs(2)
    resources.runner().rename(older, "*<b>* of a long name")
    app = open_page("compare", visitor=VISITOR)
    assert app.multiselect[0].options[:2] == [
        "Your run 2: 784-8-10",
        "*<b>* of a long name (run 1): 784-8-10",
    ]
    assert list(app.table[0].value["network"]) == ["\\*\\<b\\>\\* of a… (run 1)", "Run 2"]
    [chart] = [one for one in app.get("plotly_chart") if "compare_curves" in one.proto.id]
    assert json.loads(chart.proto.spec)["data"][0]["name"] == "*&lt;b&gt;* of a… (run 1)"
    app.multiselect[0].set_value([newer, older]).run()
    assert app.table[0].value["network"].iloc[0] == "Run 2"
    app.session_state["run_id"] = older
    app.switch_page(FILES["train"]).run()
    assert says(app, "\\*\\<b\\>\\* of a long name (run 1): 784-8-10, SGD")


def test_chosen_runs_and_no_others_are_compared(open_page: OpenPage) -> None:
    open_page("home", visitor=VISITOR)
    ids = _runs(4)
    app = _choose(open_page("my_work", visitor=VISITOR), ids[3])
    assert app.button(key="compare_runs").disabled
    _choose(app, ids[3], ids[0], ids[2])
    app = _follow(app, "compare_runs", "compare")
    assert app.multiselect[0].value == [ids[3], ids[0], ids[2]]
    assert list(app.table[0].value["network"]) == ["Run 1", "Run 4", "Run 2"]
    app = app.multiselect[0].set_value([ids[1], ids[0]]).run()
    assert list(app.table[0].value["network"]) == ["Run 3", "Run 4"]
    app.switch_page(FILES["my_work"]).run()
    app.switch_page(FILES["compare"]).run()
    assert app.multiselect[0].value == [ids[1], ids[0]], "the newest two, as ever"


def test_what_has_not_begun_to_train_is_not_compared(
    open_page: OpenPage, use_engine: Callable[[Any], None]
) -> None:
    use_engine(HeldEngine())
    runner = resources.runner()
    ids = [runner.submit(TINY, VISITOR) for _ in range(2)]
    app = AppTest.from_file("../../app.py", default_timeout=30)
    app.session_state["visitor"] = VISITOR
    app = _choose(app.switch_page(FILES["my_work"]).run(), *ids)
    assert app.button(key="compare_runs").disabled
    assert app.button(key="compare_runs").help == "Two or more runs that have begun to train."


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


def _hypothesis(
    why: str = "", run_ids: Sequence[str] = (), guess: Guess = Guess.HIGHER, verdict: Verdict | None = None
) -> Hypothesis:
    """One that is kept, of these runs."""
    pair = trials(TINY, TINY.with_changes(learning_rate=0.1), 1)
    hypothesis = Hypothesis(guess=guess, why=why, trials=pair, verdict=verdict)
    for run_id, variant in zip(run_ids, hypothesis.variants, strict=False):
        hypothesis = hypothesis.with_run(variant, run_id)
    resources.hypotheses().keep(VISITOR, hypothesis)
    return hypothesis


def _listed(app: AppTest, column: str) -> Any:
    """The table that has this column."""
    [table] = [table.value for table in app.dataframe if column in table.value]
    return table


def _choose_in(app: AppTest, label: str, *names: str) -> AppTest:
    [chosen] = [each for each in app.multiselect if each.label == label]
    return chosen.set_value(list(names)).run()


def _follow(app: AppTest, button: str, page: str) -> AppTest:
    """A click that leads to another page: the test goes there as the browser would."""
    app.button(key=button).click().run()
    return app.switch_page(FILES[page]).run()


def test_every_hypothesis_has_a_row_with_what_came_of_it(open_page: OpenPage) -> None:
    open_page("home", visitor=VISITOR)
    a, b = _runs(2)
    _hypothesis(verdict=Verdict.RIGHT)
    _hypothesis(verdict=Verdict.WRONG, guess=Guess.LOWER)
    _hypothesis(verdict=Verdict.CANNOT_TELL, guess=Guess.SAME)
    _hypothesis(run_ids=[a, b])
    _hypothesis(run_ids=[a])
    _hypothesis(run_ids=[a, "deleted"])
    table = _listed(open_page("my_work", visitor=VISITOR), "outcome")
    assert list(table["no."]) == [6, 5, 4, 3, 2, 1]
    assert set(table["changed setting"]) == {"Learning rate"}
    assert set(table["A → B"]) == {"0.01 → 0.1"}
    assert list(table["guess for B"])[3:] == ["about the same", "lower", "higher"]
    assert list(table["outcome"]) == [
        "no verdict",
        "still training",
        "open it to see",
        "inconclusive",
        "refuted",
        "confirmed",
    ]


def test_a_hypothesis_is_opened_on_guess_first_and_its_verdict_is_kept(open_page: OpenPage) -> None:
    open_page("home", visitor=VISITOR)
    b, a = _runs(2)
    older = _hypothesis("the older one", [a, b])
    _hypothesis("the newer one")
    app = open_page("my_work", visitor=VISITOR)
    assert app.button(key="open_hypothesis").disabled
    _choose_in(app, "Choose hypotheses", older.name)
    app = _follow(app, "open_hypothesis", "guess")
    assert says(app, "Reason: the older one")
    kept = resources.hypotheses().named(VISITOR, older.name)
    assert kept is not None
    assert kept.verdict is not None
    app = app.switch_page(FILES["my_work"]).run()
    assert list(_listed(app, "outcome")["outcome"])[1] != "open it to see"


def test_a_hypothesis_that_is_put_away_is_opened_again(open_page: OpenPage) -> None:
    open_page("home", visitor=VISITOR)
    hypothesis = _hypothesis("because", _runs(2))
    resources.hypotheses().amend(VISITOR, hypothesis.name, is_put_away=True)
    app = open_page("guess", visitor=VISITOR)
    assert not says(app, "Reason: because")
    app = _choose_in(app.switch_page(FILES["my_work"]).run(), "Choose hypotheses", hypothesis.name)
    assert says(_follow(app, "open_hypothesis", "guess"), "Reason: because")


def test_chosen_hypotheses_are_deleted_and_their_runs_stay(open_page: OpenPage) -> None:
    open_page("home", visitor=VISITOR)
    ids = _runs(2)
    first, _second, third = (_hypothesis(why, ids) for why in ("first", "second", "third"))
    app = open_page("guess", visitor=VISITOR)
    assert says(app, "Reason: third")
    app = app.switch_page(FILES["my_work"]).run()
    app = _choose_in(app, "Choose hypotheses", first.name, third.name)
    assert says(app, "Delete these 2 hypotheses? Their runs stay.")
    app.button(key="delete_hypotheses").click().run()
    assert [each.why for each in resources.hypotheses().of(VISITOR)] == ["second"]
    assert list(_listed(app, "outcome")["no."]) == [1]
    assert len(_table(app)) == 2
    app = app.switch_page(FILES["guess"]).run()
    assert not says(app, "Reason: third")


def test_fifty_hypotheses_are_one_table(open_page: OpenPage) -> None:
    open_page("home", visitor=VISITOR)
    for number in range(50):
        _hypothesis(str(number))
    app = open_page("my_work", visitor=VISITOR)
    assert len(_listed(app, "outcome")) == 50


def _import(*seeds: int) -> list[str]:
    """The names of networks that differ in their weights alone."""
    config = TINY.with_changes(seed=0)
    return [
        resources.imported_networks().add(VISITOR, to_npz(made_up((8,), seed=seed), config, 3))
        for seed in seeds
    ]


def test_imported_networks_have_a_row_each_and_one_is_opened_on_evaluate(open_page: OpenPage) -> None:
    open_page("home", visitor=VISITOR)
    first, second = _import(1, 2)
    app = open_page("my_work", visitor=VISITOR)
    table = _listed(app, "activation")
    assert list(table["no."]) == [2, 1]
    assert list(table["network"]) == ["784-8-10"] * 2
    assert list(table["activation"]) == ["ReLU"] * 2
    assert list(table["epoch"]) == [3, 3]
    assert app.button(key="open_network").disabled
    app = _follow(_choose_in(app, "Choose networks", first), "open_network", "evaluate")
    assert app.selectbox[0].value == first
    assert app.selectbox[0].options[:2] == [f"Imported {n}: 784-8-10, epoch 3" for n in (2, 1)]
    app.run()
    assert app.selectbox[0].value == first
    app.selectbox[0].set_value(second).run()
    assert app.selectbox[0].value == second


def test_a_network_that_cannot_be_read_now_is_not_shown_as_another_one(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_page("home", visitor=VISITOR)
    [network] = _import(1)
    app = open_page("evaluate", visitor=VISITOR)
    monkeypatch.setattr(resources.imported_networks(), "named", lambda _name: None)
    app.selectbox[0].set_value(network).run()
    assert "not available right now" in app.error[0].value
    assert not app.metric


def test_chosen_networks_are_deleted_and_the_others_stay(open_page: OpenPage) -> None:
    open_page("home", visitor=VISITOR)
    first, second, third = _import(1, 2, 3)
    app = _choose_in(open_page("my_work", visitor=VISITOR), "Choose networks", second, third)
    assert says(app, "Delete these 2 imported networks?")
    app.button(key="delete_networks").click().run()
    assert list(resources.imported_networks().of(VISITOR)) == [first]
    assert resources.imported_networks().named(second) is None
    assert app.switch_page(FILES["evaluate"]).run().selectbox[0].value == first


def test_all_drawings_are_deleted_and_the_test_starts_over(open_page: OpenPage) -> None:
    open_page("home", visitor=VISITOR)
    resources.own_tests().change(VISITOR, partial(submit, number=0, strokes=LINE))
    app = open_page("own_test", visitor=VISITOR)
    app = app.switch_page(FILES["my_work"]).run()
    assert says(app, "1 digit of your handwriting")
    assert says(app, "Delete your digit and start your test over?")
    app.button(key="delete_drawings").click().run()
    assert says(app, "No digit yet")
    assert not resources.own_tests().of(VISITOR).trials
    app = app.switch_page(FILES["own_test"]).run()
    assert not app.info, "nobody was at work in another tab"


@pytest.mark.parametrize("kind", ["hypotheses", "networks", "drawings", "runs"])
def test_what_cannot_be_deleted_now_is_a_sentence(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    open_page("home", visitor=VISITOR)
    [run_id] = _runs(1)
    hypothesis, [network] = _hypothesis(), _import(1)
    resources.own_tests().change(VISITOR, partial(submit, number=0, strokes=LINE))
    app = open_page("my_work", visitor=VISITOR)
    _choose_in(app, "Choose runs", run_id)
    _choose_in(app, "Choose hypotheses", hypothesis.name)
    _choose_in(app, "Choose networks", network)
    monkeypatch.setattr(Writer, "delete", _refuse)
    app.button(key=f"delete_{kind}").click().run()
    assert says(app, "The database cannot be reached")
    assert resources.hypotheses().of(VISITOR) == [hypothesis]
    assert resources.imported_networks().of(VISITOR) == [network]
    assert len(resources.own_tests().of(VISITOR).drawn) == len(resources.runner().runs_of(VISITOR)) == 1


def _refuse(*_: object, **__: object) -> Any:
    raise unreachable("the test says so")


def test_another_visitor_sees_and_deletes_nothing_of_it(open_page: OpenPage) -> None:
    open_page("home", visitor=VISITOR)
    [run_id] = _runs(1)
    hypothesis, [network] = _hypothesis("mine", [run_id]), _import(1)
    app = open_page("my_work", visitor="b" * 64)
    assert not app.dataframe
    resources.hypotheses().delete("b" * 64, [hypothesis.name])
    resources.imported_networks().delete("b" * 64, [network])
    resources.own_tests().delete("b" * 64)
    assert resources.hypotheses().of(VISITOR) == [hypothesis]
    assert resources.imported_networks().of(VISITOR) == [network]
    app = open_page("guess", visitor="b" * 64, hypothesis=hypothesis.name)
    assert not says(app, "Reason: mine")


def test_who_starts_fresh_is_another_visitor_and_the_work_stays(open_page: OpenPage) -> None:
    open_page("home", visitor=VISITOR)
    ids = _runs(1)
    app = open_page("my_work", visitor=VISITOR)
    app.button(key="start_fresh").click().run()
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


def test_the_browser_keeps_who_it_is_for_as_long_as_the_server_does(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[Any] = []
    monkeypatch.setattr("ui.base.visitor._keeper", lambda data, **_named: kept.append(data["seconds"]))
    monkeypatch.setenv("DIGITLAB_RETENTION_DAYS", "90")
    open_page("home")
    assert kept == [90 * 24 * 60 * 60]


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
