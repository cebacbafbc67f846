"""Every page, opened by a new visitor."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from model.data import mnist
from model.messages import Message
from model.version import VERSION
from runs.engine import EngineState, EngineStatus
from testing.engines import HeldEngine
from testing.pages import PAGES, OpenPage, navigation, says
from testing.strokes import seven
from testing.waiting import wait_until
from ui.base import resources

IMAGES = Path(__file__).parents[2] / "docs/images"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_from_a_cold_deep_link_and_ends_in_one_button_to_the_next(
    open_page: OpenPage, name: str
) -> None:
    app = open_page(name)
    assert not app.error
    assert len([button for button in app.button if button.key in {"next", "next_step"}]) == 1


_OPEN_ALL = """
import sys
from streamlit.testing.v1 import AppTest
from testing.engines import InlineEngine
from testing.pages import FILES
from ui.base import resources

# The engine's own process is the only one that may.
resources.LocalEngine = InlineEngine
for file in (None, *FILES.values()):
    app = AppTest.from_file(sys.argv[1], default_timeout=60)
    if file:
        app.switch_page(file)
    assert not app.run().exception, file
print("heavy:", sorted({"tensorflow", "keras"} & set(sys.modules)))
"""


def test_no_page_imports_tensorflow() -> None:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", _OPEN_ALL, str(root / "app.py")]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=150)
    assert done.returncode == 0, done.stderr
    assert "heavy: []" in done.stdout


def test_home_says_that_the_canvas_is_blank_instead_of_an_answer(open_page: OpenPage) -> None:
    app = open_page("home")
    assert says(app, "The canvas is blank")
    assert not says(app, "Read as")


@pytest.mark.parametrize("name", ["home", "draw"])
def test_a_drawn_seven_is_read_as_a_seven(open_page: OpenPage, name: str) -> None:
    app = open_page(name, **seven())
    assert says(app, "Read as 7")
    assert not says(app, "The canvas is blank")


def test_a_drawing_survives_a_change_of_page(open_page: OpenPage) -> None:
    app = open_page("home", **seven())
    app.switch_page("pages/evaluate.py").run()
    app.switch_page("pages/draw.py").run()
    assert says(app, "Read as 7")


def test_clear_forgets_a_drawing_even_if_the_canvas_still_sends_it(open_page: OpenPage) -> None:
    app = open_page("draw", **seven())
    app.button(key="clear").click().run()
    assert says(app, "The canvas is blank")


def test_a_canvas_that_sends_nonsense_is_blank(open_page: OpenPage) -> None:
    nonsense = {"drawing": {"raw": {"objects": [None, 3, {"path": [["M", "x"], 7]}]}, "data": None}}
    app = open_page("draw", canvas_1={**nonsense, "backgroundFit": None})
    assert says(app, "The canvas is blank")


def test_train_starts_from_the_seed_recipe(open_page: OpenPage) -> None:
    app = open_page("train")
    assert says(app, "84,060 parameters")
    sliders = {slider.label: slider.value for slider in app.slider}
    assert sliders["Units in layer 1"] == 100
    assert sliders["Units in layer 2"] == 50
    assert sliders["Epochs"] == 20


def test_the_parameter_count_follows_the_sliders_and_the_lessons_recipe_brings_them_back(
    open_page: OpenPage,
) -> None:
    app = open_page("train")
    next(slider for slider in app.slider if slider.label == "Units in layer 1").set_value(10).run()
    assert says(app, "8,910 parameters")
    app.button(key="lesson").click().run()
    assert says(app, "84,060 parameters")


def test_settings_are_kept_over_a_change_of_page(open_page: OpenPage) -> None:
    app = open_page("train")
    next(slider for slider in app.slider if slider.label == "Epochs").set_value(7).run()
    app.switch_page("pages/draw.py").run()
    app.switch_page("pages/train.py").run()
    assert next(slider for slider in app.slider if slider.label == "Epochs").value == 7


def test_a_run_trains_to_its_end_and_can_be_chosen_on_draw_and_evaluate(open_page: OpenPage) -> None:
    app = open_page("train")
    app.button(key="train").click().run()
    while not says(app, "Finished"):
        app.run()
    app.switch_page("pages/draw.py").run()
    assert app.selectbox[0].options[0] == "Your run 1: 784-100-50-10"
    app.switch_page("pages/evaluate.py").run()
    assert app.selectbox[0].options[0].startswith("Your run 1")


def test_the_recorded_run_is_marked_as_recorded(open_page: OpenPage) -> None:
    app = open_page("train")
    assert not says(app, "Recorded, not live")
    app.button(key="replay").click().run()
    assert says(app, "Recorded, not live")


def test_after_the_recording_the_way_leads_back_to_the_visitors_own_run(open_page: OpenPage) -> None:
    app = open_page("train")
    app.button(key="train").click().run()
    while not says(app, "Finished"):
        app.run()
    app.button(key="replay").click().run()
    assert not says(app, "Finished")
    app.button(key="end_replay").click().run()
    assert says(app, "Finished")
    app.button(key="replay").click().run()
    app.switch_page("pages/draw.py").run()
    app.switch_page("pages/train.py").run()
    assert says(app, "Finished")


def test_the_sentence_about_validation_speaks_of_the_curves_that_are_shown(open_page: OpenPage) -> None:
    app = open_page("train")
    app.button(key="train").click().run()
    app.button(key="hold_out").click().run()
    assert says(app, "test-set leakage")


def test_holding_out_is_one_click_away_and_the_page_then_says_so(open_page: OpenPage) -> None:
    app = open_page("train")
    assert says(app, "test-set leakage")
    app.button(key="hold_out").click().run()
    assert says(app, "10,000 held-out training images")
    assert not says(app, "test-set leakage")


def test_evaluate_shows_the_score_as_keras_gives_it(open_page: OpenPage) -> None:
    app = open_page("evaluate", export_open=True)
    app.selectbox[0].set_value("lesson").run()
    final = resources.recording().history[-1].validation
    [shown] = [code.value for code in app.code if code.value.startswith("score")]
    loss, accuracy = (
        float(number) for number in shown.removeprefix("score = [").removesuffix("]").split(",")
    )
    assert loss == pytest.approx(final.loss, abs=1e-3)
    assert accuracy == pytest.approx(final.accuracy, abs=1e-3)


def test_a_missing_data_file_is_a_sentence_that_says_how_to_restore_it(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    load = mnist.load
    monkeypatch.setattr(mnist, "load", lambda name: load(name, tmp_path))
    app = open_page("evaluate")
    [error] = app.error
    assert "test.npz" in error.value.replace("\\", "")
    assert "git checkout" in error.value
    app.switch_page("app.py").run()
    assert not app.error


class BrokenEngine(HeldEngine):
    def status(self) -> EngineStatus:
        return EngineStatus(EngineState.FAILED, 3.0, Message("No {what}.", {"what": "TensorFlow"}))


class SlowEngine(HeldEngine):
    def status(self) -> EngineStatus:
        return EngineStatus(EngineState.STARTING, 75.0)


@pytest.mark.parametrize(
    ("engine", "reason"), [(BrokenEngine(), "No TensorFlow"), (SlowEngine(), "75 seconds")]
)
def test_train_says_why_the_engine_is_not_ready_and_offers_the_recording_and_a_retry(
    open_page: OpenPage, use_engine: Callable[[Any], None], engine: HeldEngine, reason: str
) -> None:
    use_engine(engine)
    app = open_page("train")
    [warning] = app.warning
    assert reason in warning.value
    starts = engine.starts
    app.button(key="restart_engine").click().run()
    wait_until(lambda: engine.starts == starts + 1)
    app.button(key="replay_instead").click().run()
    assert says(app, "Recorded, not live")


def test_a_run_waits_visibly_for_an_engine_that_is_still_warming_up(
    open_page: OpenPage, use_engine: Callable[[Any], None]
) -> None:
    engine = HeldEngine(state=EngineState.STARTING)
    use_engine(engine)
    app = open_page("train")
    assert says(app, "The training process is starting")
    app.button(key="train").click().run()
    assert says(app, "Waiting for the training process")
    assert not engine.submitted


def test_a_recipe_out_of_range_is_a_sentence_with_field_value_and_range(open_page: OpenPage) -> None:
    app = open_page("train", config='{"epochs": 1000}')
    [error] = app.error
    assert "“Epochs”" in error.value
    assert "1000" in error.value.replace("\\", "")
    assert "from 1 to 100" in error.value


def test_two_visitors_do_not_see_each_others_runs(open_page: OpenPage) -> None:
    first = open_page("train")
    first.button(key="train").click().run()
    second = open_page("draw")
    assert len(first.switch_page("pages/draw.py").run().selectbox[0].options) == 3
    assert len(second.selectbox[0].options) == 2


def test_the_session_keeps_ids_and_plain_values_only(open_page: OpenPage) -> None:
    app = open_page("train")
    app.button(key="train").click().run()
    app.switch_page("pages/draw.py").run()
    kept = dict(app.session_state._state.filtered_state)
    assert "pad" in kept
    assert all(
        value is None or isinstance(value, str | int | float | bool | dict | list) for value in kept.values()
    ), kept


def test_learn_counts_out_the_parameters_of_the_current_recipe(open_page: OpenPage) -> None:
    app = open_page("learn")
    assert says(app, "84,060")
    app.switch_page("pages/train.py").run()
    next(slider for slider in app.slider if slider.label == "Units in layer 1").set_value(10).run()
    app.switch_page("pages/learn.py").run()
    assert says(app, "8,910")
    assert not says(app, "84,060")


def test_the_loss_on_learn_follows_its_slider(open_page: OpenPage) -> None:
    app = open_page("learn", learn_step="loss")
    assert says(app, "**2.30**")
    app.slider(key="learn_probability").set_value(0.5).run()
    assert says(app, "**0.69**")


@pytest.mark.parametrize("name", PAGES)
def test_the_picture_of_a_page_shows_todays_navigation(open_page: OpenPage, name: str) -> None:
    """If not: just screenshots."""
    shown = (IMAGES / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    links = [link.proto.label.strip("*") for link in navigation(open_page(name))]
    assert links == shown
    assert (IMAGES / f"{name}.png").is_file()


@pytest.mark.parametrize("name", PAGES)
def test_the_version_stands_at_the_foot_of_a_page(open_page: OpenPage, name: str) -> None:
    assert open_page(name).caption[-1].value == f"Digit Lab {VERSION}"
