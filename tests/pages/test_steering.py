"""Train's buttons, queue, cost and hints, as a visitor meets them."""

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from model.config import TrainingConfig
from model.evaluation.diagnosis import Hint, HintKind
from model.messages import Message
from runs.engine import EngineState, EngineStatus
from runs.limits import Limits, poll_seconds
from runs.records import RunState
from testing.engines import HeldEngine, settle
from testing.pages import OpenPage, texts
from testing.strokes import seven
from ui.base import resources


def says(app: AppTest, part: str) -> bool:
    return any(part in text for text in texts(app))


def newest(app: AppTest) -> Any:
    return resources.runner().runs_of(app.session_state["visitor"])[0]


_STEERING = {"pause", "one_epoch", "stop"}


def steering(app: AppTest) -> set[str]:
    """The buttons that steer a run, of those that the page shows."""
    return _STEERING & {str(button.key) for button in app.button}


@pytest.fixture
def engine() -> HeldEngine:
    return HeldEngine()


@pytest.fixture
def train(open_page: OpenPage, use_engine: Callable[[Any], None], engine: HeldEngine) -> AppTest:
    """Train, with an engine that computes a slice when the test says so."""
    use_engine(engine)
    return open_page("train")


def press(app: AppTest, key: str) -> None:
    app.button(key=key).click().run()
    settle(resources.runner())
    app.run()


def compute(app: AppTest, engine: HeldEngine, slices: int) -> None:
    for _ in range(slices):
        engine.release()
        settle(resources.runner())
    app.run()


def test_pages_ask_less_often_the_more_runs_take_turns() -> None:
    assert [round(poll_seconds(runs), 1) for runs in (0, 1, 7, 8, 30)] == [0.3, 0.3, 0.3, 0.6, 1.2]


def test_before_the_first_run_there_is_nothing_to_steer(train: AppTest) -> None:
    assert steering(train) == set()


def test_a_run_pauses_goes_on_and_says_so(train: AppTest, engine: HeldEngine) -> None:
    press(train, "train")
    compute(train, engine, 3)
    assert steering(train) == _STEERING
    press(train, "pause")
    assert newest(train).state == RunState.PAUSED
    assert says(train, "Paused after epoch")
    assert train.button(key="pause").label == "Resume"
    press(train, "pause")
    assert newest(train).state == RunState.RUNNING
    assert train.button(key="pause").label == "Pause"


def test_one_epoch_more_ends_in_a_pause(train: AppTest, engine: HeldEngine) -> None:
    press(train, "train")
    compute(train, engine, 1)
    press(train, "one_epoch")
    while engine.held:
        compute(train, engine, 1)
    assert newest(train).epoch == 1
    assert says(train, "Paused after epoch 1 of 20")


def test_a_stopped_run_offers_more_epochs_and_goes_on_with_them(train: AppTest, engine: HeldEngine) -> None:
    press(train, "train")
    compute(train, engine, 3)
    press(train, "stop")
    assert says(train, "Stopped after epoch 1")
    press(train, "longer")
    assert newest(train).config.epochs == 21
    assert newest(train).state == RunState.RUNNING


def test_the_way_to_the_pad_is_the_main_button_once_there_is_a_network_to_draw_for(
    train: AppTest, engine: HeldEngine
) -> None:
    def main_buttons() -> list[str]:
        return [str(button.key) for button in train.button if button.proto.type == "primary"]

    press(train, "train")
    press(train, "stop")
    assert main_buttons() == ["train"]
    press(train, "train")
    while newest(train).epoch == 0:
        compute(train, engine, 1)
    press(train, "stop")
    assert main_buttons() == ["next"]


def test_the_learning_rate_changes_on_the_way(train: AppTest, engine: HeldEngine) -> None:
    press(train, "train")
    compute(train, engine, 1)
    [slider] = [s for s in train.select_slider if s.label == "Learning rate from now on"]
    slider.set_value(0.1).run()
    settle(resources.runner())
    assert newest(train).config.learning_rate == 0.1
    assert newest(train).recipe.learning_rate == 0.01


def test_starting_again_repeats_the_recipe_from_the_same_initial_weights(
    train: AppTest, engine: HeldEngine
) -> None:
    press(train, "train")
    press(train, "stop")
    first = newest(train)
    press(train, "again")
    second = newest(train)
    assert second.id != first.id
    assert second.recipe == first.recipe


def test_a_second_run_queues_and_the_visitor_chooses_which_one_is_shown(
    train: AppTest, engine: HeldEngine
) -> None:
    press(train, "train")
    press(train, "train")
    assert says(train, "Queued behind 1 run of yours")
    chooser = train.selectbox[0]
    assert len(chooser.options) == 2
    chooser.set_value(resources.runner().runs_of(train.session_state["visitor"])[1].id)
    train.run()
    assert says(train, "Your run 1: 784-100-50-10, SGD")


def test_a_run_that_has_not_begun_is_no_network_to_look_at_yet(train: AppTest, engine: HeldEngine) -> None:
    press(train, "train")
    compute(train, engine, 2)
    press(train, "train")
    train.switch_page("pages/draw.py").run()
    names = [option.split(":")[0] for option in train.selectbox[0].options]
    assert names == ["Your run 1", "The starter", "The lesson network"]


def test_too_many_runs_are_a_sentence_and_nothing_is_lost(train: AppTest, engine: HeldEngine) -> None:
    for _ in range(6):
        train.button(key="train").click().run()
    [error] = train.error
    assert "Stop one of them first" in error.value
    assert len(resources.runner().runs_of(train.session_state["visitor"])) == 5


def test_training_longer_beside_too_many_runs_is_a_sentence_too(train: AppTest, engine: HeldEngine) -> None:
    press(train, "train")
    press(train, "stop")
    for _ in range(Limits().open_runs_of_visitor):
        resources.runner().submit(TrainingConfig(), train.session_state["visitor"])
    train.button(key="longer").click().run()
    [error] = train.error
    assert "Stop one of them first" in error.value


def test_before_any_measurement_the_cost_is_the_number_of_parameters(train: AppTest) -> None:
    assert says(train, "84,060 parameters")
    assert not says(train, "at the current load")


class MeasuredEngine(HeldEngine):
    """Says how fast it is."""

    def __init__(self, speed: float) -> None:
        super().__init__()
        self.speed = speed

    def status(self) -> EngineStatus:
        return EngineStatus(EngineState.READY, 1.0, speed=self.speed)


def test_the_predicted_time_stands_beside_the_parameters(
    open_page: OpenPage, use_engine: Callable[[Any], None]
) -> None:
    use_engine(MeasuredEngine(1e11))
    app = open_page("train")
    assert says(app, "about 8 seconds at the current load")
    assert "fewer_images" not in [button.key for button in app.button]


def test_above_three_minutes_a_tenth_of_the_images_is_one_click_away(
    open_page: OpenPage, use_engine: Callable[[Any], None]
) -> None:
    use_engine(MeasuredEngine(1e9))
    app = open_page("train")
    assert says(app, "about 12 minutes at the current load")
    app.button(key="fewer_images").click().run()
    assert says(app, "about 2 minutes at the current load")
    assert "fewer_images" not in [button.key for button in app.button]


def test_the_last_drawing_is_read_by_the_run_that_learns(
    open_page: OpenPage, use_engine: Callable[[Any], None], engine: HeldEngine
) -> None:
    use_engine(engine)
    app = open_page("draw", **seven())
    app.switch_page("pages/train.py").run()
    press(app, "train")
    assert says(app, "Your drawing after epoch 0")
    compute(app, engine, 3)
    assert says(app, "Your drawing after epoch 1")


def test_without_a_drawing_a_test_digit_is_read_and_a_link_leads_to_the_pad(train: AppTest) -> None:
    assert says(train, "watch the network learn to read this digit")
    press(train, "train")
    assert says(train, "Test image, label 1. After epoch")
    assert [link.proto.page for link in train.get("page_link") if link.proto.label == "Draw"]


@pytest.mark.parametrize(
    ("hint", "config"),
    [
        (Hint(HintKind.EXPLODING, Message("Too fast."), Message("Slower"), {"learning_rate": 0.001}), 0.001),
        (Hint(HintKind.STILL_IMPROVING, Message("Not done."), Message("Longer"), {}, more_epochs=5), 0.01),
    ],
    ids=["another recipe", "more epochs"],
)
def test_a_hint_is_one_click_away_from_its_change(
    train: AppTest, engine: HeldEngine, monkeypatch: pytest.MonkeyPatch, hint: Hint, config: float
) -> None:
    monkeypatch.setattr("model.evaluation.diagnosis.diagnose", lambda *_args, **_named: [hint])
    press(train, "train")
    compute(train, engine, 3)
    is_early = hint.kind == HintKind.EXPLODING
    assert says(train, str(hint.text).rstrip(".")) == is_early, "the others wait until the run rests"
    press(train, "stop")
    assert says(train, str(hint.text).rstrip("."))
    press(train, f"hint_{hint.kind}")
    after = newest(train)
    assert after.config.learning_rate == config
    assert after.state in {RunState.WAITING, RunState.RUNNING}
    assert after.config.epochs == (6 if hint.more_epochs else 20)


def test_what_keeps_a_run_from_learning_is_told_while_it_goes_on_and_its_change_takes_its_place(
    train: AppTest, engine: HeldEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    hint = Hint(HintKind.NOT_LEARNING, Message("It crawls."), Message("Faster"), {"learning_rate": 0.1})
    monkeypatch.setattr("model.evaluation.diagnosis.diagnose", lambda *_args, **_named: [hint])
    press(train, "train")
    compute(train, engine, 3)
    hopeless = newest(train)
    press(train, f"hint_{hint.kind}")
    assert newest(train).config.learning_rate == 0.1
    assert newest(train).state in {RunState.WAITING, RunState.RUNNING}
    stopped = resources.runner().snapshot(hopeless.id)
    assert stopped is not None
    assert stopped.state == RunState.STOPPED


def test_a_hint_that_cannot_be_followed_is_a_sentence_too(
    train: AppTest, engine: HeldEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    hint = Hint(HintKind.EXPLODING, Message("Too fast."), Message("Slower"), {"learning_rate": 0.001})
    monkeypatch.setattr("model.evaluation.diagnosis.diagnose", lambda *_args, **_named: [hint])
    press(train, "train")
    press(train, "pause")
    for _ in range(Limits().open_runs_of_visitor - 1):
        resources.runner().submit(TrainingConfig(), train.session_state["visitor"])
    train.button(key=f"hint_{hint.kind}").click().run()
    [error] = train.error
    assert "Stop one of them first" in error.value


def test_a_run_too_many_is_refused_and_the_others_stay_on_the_page(
    open_page: OpenPage, use_engine: Callable[[Any], None]
) -> None:
    use_engine(HeldEngine())
    app = open_page("train")
    for _ in range(6):
        app.button(key="train").click().run()
    assert "5 unfinished runs" in app.error[0].value
    assert not app.button(key="stop").disabled
    assert app.get("plotly_chart")
