"""Guess first: a guess, both trainings, and the verdict, as a visitor meets them."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from model.config import Activation, TrainingConfig, bounds
from model.data.mnist import load
from model.evaluation.metrics import evaluate
from model.inference import Network
from model.slices import Progress, Slice, TrainingState, flops, initial_state
from model.starter.recording import load as load_recording
from runs.engine import EngineState, EngineStatus
from runs.records import RunSnapshot, RunState
from runs.runner import Runner
from storage.problems import unreachable
from testing.engines import HeldEngine, learn, settle
from testing.pages import OpenPage, says, texts
from testing.waiting import wait_until
from ui.base import resources
from ui.figures.curves import Curve
from ui.figures.guess import OverlayTexts, accuracy_range, overlay_figure
from ui.recipe.difference import SETTINGS
from visitors.hypotheses import Hypotheses

Teach = Callable[[Callable[[TrainingConfig], bool]], None]


def learn_where(
    knows: Callable[[TrainingConfig], bool], config: TrainingConfig, state: TrainingState, part: Slice
) -> tuple[TrainingState, Progress]:
    """A slice that turns the weights into the lesson's, about 95 % right, where ``knows`` says so."""
    after, progress = learn(config, state, part)
    trained = load_recording().network.weights if knows(config) else initial_state(config).weights
    return replace(after, weights=trained), progress


@pytest.fixture
def teach(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> Teach:
    """``teach(knows)``: runs of recipes of which ``knows`` is true become good, the others stay bad."""

    def use(knows: Callable[[TrainingConfig], bool]) -> None:
        train = partial(learn_where, knows)
        monkeypatch.setattr(resources, "Runner", lambda engine, writer: Runner(engine, train))

    return use


@pytest.fixture
def held(open_page: OpenPage, use_engine: Callable[[Any], None]) -> HeldEngine:
    """An engine that computes a slice when the test says so."""
    engine = HeldEngine()
    use_engine(engine)
    return engine


def runs_of(app: AppTest) -> list[RunSnapshot]:
    """The visitor's runs, in the order in which they were submitted."""
    return resources.runner().runs_of(app.session_state["visitor"])[::-1]


def choose(app: AppTest, setting: str = "learning_rate", value: Any = 0.1) -> AppTest:
    """Step 1; a select slider's, a slider's or a select box's ``value``."""
    app.selectbox(key="guess_setting").set_value(setting).run()
    key = f"guess_{setting}"
    control: Any = next(
        widget
        for kind in ("select_slider", "slider", "selectbox")
        for widget in app.get(kind)
        if widget.key == key
    )
    control.set_value(value).run()
    return app


def answer(app: AppTest, guess: str) -> AppTest:
    return app.button_group(key="guess_answer").set_value(guess).run()


def train(app: AppTest) -> AppTest:
    app.button(key="guess_train").click().run()
    settle(resources.runner())
    return app.run()


def finish(app: AppTest) -> AppTest:
    """Until all runs are over and the page has seen it."""

    def is_over() -> bool:
        app.run()
        return any(button.label == "New hypothesis" for button in app.button)

    wait_until(is_over, 30, "the end of the runs")
    return app


def guessed(app: AppTest, guess: str, seeds: bool = False, **choice: Any) -> AppTest:
    """The page after a whole guess."""
    choose(app, **choice)
    if seeds:
        app.checkbox(key="guess_seeds").check().run()
    answer(app, guess)
    return finish(train(app))


def better_at_a_large_rate(config: TrainingConfig) -> bool:
    return config.learning_rate == 0.1


def test_nothing_trains_before_a_setting_is_changed_and_a_guess_is_made(open_page: OpenPage) -> None:
    app = choose(open_page("guess"), value=0.01)
    app.button(key="guess_train").click().run()
    assert says(app, "B is still the same as A")
    choose(app)
    app.button(key="guess_train").click().run()
    assert says(app, "Choose your hypothesis first")
    assert not runs_of(app)
    answer(app, "higher")
    assert not says(app, "Choose your hypothesis first")


def test_the_page_opens_with_ten_times_the_learning_rate_of_the_lesson(open_page: OpenPage) -> None:
    app = train(answer(open_page("guess"), "higher"))
    assert [run.recipe.learning_rate for run in runs_of(app)] == [0.01, 0.1]


@pytest.mark.parametrize("field", SETTINGS)
def test_every_setting_but_the_seed_has_a_control_that_begins_at_a(open_page: OpenPage, field: str) -> None:
    app = open_page("guess")
    app.selectbox(key="guess_setting").set_value(field).run()
    answer(app, "higher").button(key="guess_train").click().run()
    assert says(app, "B is still the same as A") == (field != "learning_rate")


def test_the_controls_have_the_bounds_of_the_recipe(open_page: OpenPage) -> None:
    app = open_page("guess")
    for field in ("dropout", "held_out", "train_share", "epochs"):
        app.selectbox(key="guess_setting").set_value(field).run()
        slider = app.slider(key=f"guess_{field}")
        assert (slider.min, slider.max) == bounds(field)
    app.selectbox(key="guess_setting").set_value("batch_size").run()
    assert [int(option.replace(",", "")) for option in app.select_slider(key="guess_batch_size").options] == [
        16, 32, 64, 128, 256, 512, 1024,
    ]  # fmt: skip


class MeasuredEngine(HeldEngine):
    """Says how fast it is."""

    def status(self) -> EngineStatus:
        return EngineStatus(EngineState.READY, 1.0, speed=2e10)


def test_the_predicted_time_is_that_of_all_runs(
    open_page: OpenPage, use_engine: Callable[[Any], None]
) -> None:
    use_engine(MeasuredEngine())
    app = choose(open_page("guess"), "epochs", 10)
    assert _seconds(app) == pytest.approx(flops(TrainingConfig(), 5 + 10) / 2e10, rel=0.2)
    app.checkbox(key="guess_seeds").check().run()
    assert _seconds(app) == pytest.approx(flops(TrainingConfig(), 3 * (5 + 10)) / 2e10, rel=0.2)


def _seconds(app: AppTest) -> int:
    [text] = [one.value for one in app.caption if one.value.startswith("About ")]
    return int(text.split()[1])


def test_variant_a_is_the_recipe_of_train_with_few_epochs_and_b_differs_in_one_setting(
    open_page: OpenPage, held: HeldEngine
) -> None:
    recipe = TrainingConfig(hidden_layers=(30,), seed=7)
    app = open_page("guess", config=recipe.to_json())
    choose(app, "optimizer", "adam")
    answer(app, "higher")
    train(app)
    first, second = (run.recipe for run in runs_of(app))
    assert first == recipe.with_changes(epochs=5)
    assert second == first.with_changes(optimizer="adam")


def test_other_epochs_are_a_setting_too(open_page: OpenPage, held: HeldEngine) -> None:
    app = open_page("guess")
    choose(app, "epochs", 2)
    app.slider(key="guess_own_epochs").set_value(4).run()
    train(answer(app, "lower"))
    assert [run.recipe.epochs for run in runs_of(app)] == [4, 2]


def test_three_seeds_are_six_runs_in_pairs_although_only_five_may_be_open(
    open_page: OpenPage, held: HeldEngine
) -> None:
    _low, largest = bounds("seed")
    app = open_page("guess", config=TrainingConfig(seed=largest - 1, epochs=1).to_json())
    choose(app)
    app.checkbox(key="guess_seeds").check().run()
    train(answer(app, "higher"))
    assert not app.error
    assert len(runs_of(app)) == 5
    while runs_of(app)[0].state != RunState.FINISHED:
        held.release()
        settle(resources.runner())
    app.run()
    recipes = [run.recipe for run in runs_of(app)]
    assert [recipe.seed for recipe in recipes] == [largest - 1, largest - 1, largest, largest, 0, 0]
    assert [recipe.learning_rate for recipe in recipes] == [0.01, 0.1] * 3


def test_progress_of_all_runs_is_shown_and_the_guess_is_locked(open_page: OpenPage, held: HeldEngine) -> None:
    app = open_page("guess")
    choose(app)
    app.text_input(key="guess_why").set_value("larger *steps*").run()
    train(answer(app, "higher"))
    assert says(app, "the test accuracy of B will be **higher**")
    assert says(app, "larger \\*steps\\*")
    assert not app.get("button_group"), "nothing to guess with any more"
    assert [bar.proto.text for bar in app.get("progress")] == ["Seed 0: waiting"] * 2
    for _ in range(1 + 2 * 3):
        held.release()
        settle(resources.runner())
    app.run()
    assert any(text.startswith("Seed 0: epoch") for text in texts(app))
    assert not says(app, "Your hypothesis was right")


@pytest.mark.parametrize(
    ("guess", "verdict"),
    [("higher", "**Confirmed.**"), ("lower", "**Refuted.**"), ("about the same", "**Refuted.**")],
)
def test_the_verdict_comes_from_both_networks_on_the_test_images(
    open_page: OpenPage, teach: Teach, guess: str, verdict: str
) -> None:
    teach(better_at_a_large_rate)
    app = guessed(open_page("guess"), guess)
    assert says(app, verdict)
    assert sum(says(app, word) for word in ("**Confirmed.**", "**Refuted.**", "Inconclusive")) == 1
    images = load("test")
    good = evaluate(load_recording().network, images).accuracy
    bad = evaluate(
        Network.from_arrays(initial_state(TrainingConfig()).weights, Activation.RELU), images
    ).accuracy
    assert [metric.value for metric in app.metric] == [f"{bad:.2%}", f"{good:.2%}"]
    assert says(app, f"The test accuracy of B is **{100 * (good - bad):.2f} percentage points** higher")
    assert says(app, "the spread of the seeds is unknown")


def test_two_networks_that_answer_alike_are_about_the_same(open_page: OpenPage, teach: Teach) -> None:
    teach(lambda config: True)
    assert says(guessed(open_page("guess"), "about the same"), "**Confirmed.**")


def test_between_equal_networks_nobody_can_tell_a_higher_one(open_page: OpenPage, teach: Teach) -> None:
    teach(lambda config: True)
    app = guessed(open_page("guess"), "higher")
    assert says(app, "Inconclusive: such a small difference")
    assert says(app, "exactly the same test accuracy")


def test_three_seeds_that_agree_give_a_verdict_and_their_spread(open_page: OpenPage, teach: Teach) -> None:
    teach(better_at_a_large_rate)
    app = guessed(open_page("guess"), "higher", seeds=True)
    assert says(app, "**Confirmed.**")
    assert says(app, "Mean over 3 seeds")
    assert len([text for text in texts(app) if text.startswith("Seed ")]) == 6


def test_a_difference_inside_the_spread_of_the_seeds_cannot_be_told(
    open_page: OpenPage, teach: Teach
) -> None:
    teach(lambda config: better_at_a_large_rate(config) == (config.seed != 1))
    app = guessed(open_page("guess"), "higher", seeds=True)
    assert says(app, "the difference is within the spread of the seeds")
    assert not says(app, "**Confirmed.**")


def test_the_page_says_which_layers_do_not_start_alike(open_page: OpenPage) -> None:
    app = open_page("guess")
    app.selectbox(key="guess_setting").set_value("hidden_layers").run()
    app.slider(key="guess_units_1").set_value(60).run()
    assert says(app, "Same initial weights: layer 1. Different, because the shapes differ: layer 2 and 3.")
    assert says(app, "Both train on the same images in the same order")
    choose(app, "held_out", 10_000)
    assert says(app, "They do not train on the same images in the same order")
    assert says(app, "All layers start from the same initial weights")


def test_a_failed_run_is_a_sentence_and_no_verdict(open_page: OpenPage, held: HeldEngine) -> None:
    app = open_page("guess", config=TrainingConfig(epochs=1).to_json())
    train(answer(choose(app), "higher"))
    while runs_of(app)[0].state != RunState.FINISHED:
        held.release()
        settle(resources.runner())
    held.release(MemoryError())
    settle(resources.runner())
    finish(app)
    assert [warning.value for warning in app.warning if warning.value.startswith("B failed")]
    assert says(app, "no verdict")
    assert not says(app, "Inconclusive")


def test_a_stopped_run_is_a_sentence_and_no_verdict(open_page: OpenPage, held: HeldEngine) -> None:
    app = train(answer(choose(open_page("guess")), "higher"))
    for run in runs_of(app)[::-1]:
        resources.runner().stop(run.id)
    finish(app)
    assert says(app, "A was stopped after epoch 0 of 5")
    assert says(app, "no verdict")


def test_a_run_that_was_changed_on_its_way_is_not_judged(open_page: OpenPage, held: HeldEngine) -> None:
    app = train(answer(choose(open_page("guess")), "higher"))
    resources.runner().set_learning_rate(runs_of(app)[0].id, 0.5)
    app.run()
    assert says(app, "A was changed during training")


def test_a_paused_run_goes_on_from_here(open_page: OpenPage, held: HeldEngine) -> None:
    app = train(answer(choose(open_page("guess")), "higher"))
    assert "guess_go_on" not in [button.key for button in app.button]
    resources.runner().pause(runs_of(app)[0].id)
    app.run()
    app.button(key="guess_go_on").click().run()
    assert not any(run.state == RunState.PAUSED for run in runs_of(app))


def test_runs_that_are_gone_are_a_sentence(open_page: OpenPage, teach: Teach) -> None:
    teach(better_at_a_large_rate)
    app = guessed(open_page("guess"), "higher")
    [first, _second] = runs_of(app)
    resources.runner().delete([first.id])
    app.run()
    assert says(app, "no longer available")
    assert not says(app, "**Confirmed.**")


def test_too_many_open_runs_are_a_sentence_and_the_guess_is_still_open(
    open_page: OpenPage, held: HeldEngine
) -> None:
    app = answer(choose(open_page("guess")), "higher")
    for _ in range(5):
        resources.runner().submit(TrainingConfig(), app.session_state["visitor"])
    train(app)
    app.button(key="guess_train").click().run()
    [error] = app.error
    assert "Stop one of them first" in error.value
    assert app.get("button_group")
    assert len(runs_of(app)) == 5


def test_where_there_is_no_room_for_the_next_run_the_page_says_so_and_goes_on_later(
    open_page: OpenPage, held: HeldEngine
) -> None:
    app = open_page("guess", config=TrainingConfig(epochs=1).to_json())
    runner, visitor = resources.runner(), app.session_state["visitor"]
    for _ in range(4):
        runner.pause(runner.submit(TrainingConfig(), visitor))
    train(answer(choose(app), "higher"))
    assert len(runs_of(app)) == 5, "four others, and A"
    while runs_of(app)[4].state != RunState.FINISHED:
        held.release()
        settle(runner)
    other = runner.submit(TrainingConfig(), visitor)
    app.run()
    assert says(app, "You have too many unfinished runs")
    runner.stop(other)
    app.run()
    assert not says(app, "You have too many unfinished runs")
    assert runs_of(app)[-1].recipe.learning_rate == 0.1


def test_a_change_of_page_and_back_finds_the_verdict_and_the_explanation(
    open_page: OpenPage, teach: Teach
) -> None:
    teach(better_at_a_large_rate)
    app = guessed(open_page("guess"), "higher")
    app.text_area(key="guess_explanation").set_value("It went further.").run()
    app.switch_page("pages/draw.py").run()
    app.switch_page("pages/guess.py").run()
    assert says(app, "**Confirmed.**")
    assert app.text_area(key="guess_explanation").value == "It went further."


def test_another_guess_begins_anew_and_stops_what_still_trains(open_page: OpenPage, held: HeldEngine) -> None:
    app = train(answer(choose(open_page("guess")), "higher"))
    app.button(key="guess_again").click().run()
    app.run()
    assert {run.state for run in runs_of(app)} == {RunState.STOPPED}
    app.button(key="guess_train").click().run()
    assert says(app, "Choose your hypothesis first")


def _in_a_new_session(visitor: str) -> AppTest:
    app = AppTest.from_file("../../app.py", default_timeout=30)
    app.session_state["visitor"] = visitor
    return app.switch_page("pages/guess.py").run()


def test_a_reload_finds_the_hypothesis_that_is_being_tried_and_none_that_was_put_away(
    open_page: OpenPage, held: HeldEngine
) -> None:
    app = train(answer(choose(open_page("guess")), "higher"))
    visitor = app.session_state["visitor"]
    assert says(_in_a_new_session(visitor), "the test accuracy of B will be **higher**")
    app.button(key="guess_again").click().run()
    again = _in_a_new_session(visitor)
    assert not says(again, "the test accuracy of B will be **higher**")
    train(answer(choose(again), "lower"))
    assert says(_in_a_new_session(visitor), "the test accuracy of B will be **lower**")


def test_a_hypothesis_that_cannot_be_read_now_is_found_later(
    open_page: OpenPage, held: HeldEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = train(answer(choose(open_page("guess")), "higher")).session_state["visitor"]
    with monkeypatch.context() as patch:
        patch.setattr(Hypotheses, "newest", _refuse)
        app = _in_a_new_session(visitor)
        assert says(app, "2. Your hypothesis"), "training needs no database"
    assert says(app.run(), "the test accuracy of B will be **higher**")


def _refuse(*_: object) -> Any:
    raise unreachable("the test says so")


def test_the_curves_of_a_variant_share_one_line_style_and_the_axis_shows_all_but_the_untrained() -> None:
    first = [Curve((0.0, 1.0, 2.0), (0.1, 0.8, 0.9)), Curve((0.0, 1.0), (0.12, 0.7))]
    second = [Curve((0.0, 1.0), (0.1, 0.6))]
    figure = overlay_figure((first, second), 5, OverlayTexts("Accuracy", "epoch", ("A", "B")))
    solid, dotted = figure["data"]
    assert solid["y"] == [0.1, 0.8, 0.9, None, 0.12, 0.7, None]
    assert dotted["y"] == [0.1, 0.6, None]
    assert solid["line"]["dash"] != dotted["line"]["dash"]
    assert [(label["x"], label["y"]) for label in figure["layout"]["annotations"]] == [(2.0, 0.9), (1.0, 0.6)]
    np.testing.assert_allclose(accuracy_range([*first, *second]), [0.57, 0.93])
    assert accuracy_range([Curve((0.0,), (0.1,))]) == [0.0, 1.0]
