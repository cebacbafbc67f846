"""Compare: any number of networks side by side, and two of them image by image."""

import json
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from model.config import KeptEpoch, TrainingConfig
from model.evaluation.metrics import evaluate
from model.slices import Score
from testing.engines import TINY, HeldEngine, InlineEngine, finished
from testing.pages import FILES, OpenPage, says, texts
from testing.runs import snapshot_of
from testing.waiting import over, wait_until
from ui.base import resources
from ui.networks.selection import LESSON, STARTER

VISITOR = "a" * 22
_SECTIONS = ["Recipes and results", "Curves", "Two networks on the same test images"]


def _train(*configs: TrainingConfig) -> list[str]:
    runner = resources.runner()
    return [over(runner, runner.submit(config, VISITOR), 10).id for config in configs]


def _subheaders(app: AppTest) -> list[str]:
    return [element.value for element in app.subheader]


def _has_finished(run_id: str, epoch: int) -> bool:
    return snapshot_of(resources.runner(), run_id).epoch == epoch


def _lines(app: AppTest) -> list[str]:
    """The names in the first chart."""
    [chart] = [one for one in app.get("plotly_chart") if "compare_curves" in one.proto.id]
    return [trace["name"] for trace in json.loads(chart.proto.spec)["data"] if trace.get("yaxis") == "y"]


def _choose(app: AppTest, *ids: str) -> AppTest:
    return app.multiselect[0].set_value(list(ids)).run()


def test_without_a_run_the_two_networks_that_ship_are_there_and_the_way_to_train(open_page: OpenPage) -> None:
    app = open_page("compare")
    assert says(app, "You have no trained runs yet")
    assert [link.proto.label for link in app.get("page_link")].count("Train") == 2
    assert list(app.table[0].value["network"]) == ["Starter", "Lesson"]
    assert list(app.table[0].value["test accuracy"]) == ["99.32%", "94.86%"]
    assert app.table[0].value["95% interval"][0] == "99.14% to 99.46%"
    assert _subheaders(app) == _SECTIONS


def test_a_single_run_stands_beside_the_lessons_and_the_page_says_what_to_do(open_page: OpenPage) -> None:
    open_page("compare")
    _train(TINY)
    app = open_page("compare", visitor=VISITOR)
    assert list(app.table[0].value["network"]) == ["Lesson", "Run 1"]
    assert says(app, "You have only one trained run")


def test_the_newest_two_runs_are_chosen_in_the_order_of_their_training(open_page: OpenPage) -> None:
    _train(TINY, TINY, TINY.with_changes(learning_rate=0.1))
    app = open_page("compare", visitor=VISITOR)
    assert list(app.table[0].value["network"]) == ["Run 2", "Run 3"]
    assert _lines(app) == ["Run 2", "Run 3"]
    assert [box.value for box in app.selectbox] == app.multiselect[0].value
    assert not says(app, "You have no trained runs")
    assert [link.proto.label for link in app.get("page_link")].count("Train") == 1


def test_only_fields_that_differ_are_columns_and_marked_where_they_do(open_page: OpenPage) -> None:
    _train(TINY, TINY.with_changes(learning_rate=0.1))
    app = open_page("compare", visitor=VISITOR)
    table, common = app.table[0].value, app.table[1].value
    assert list(table["Learning rate"]) == ["0.01", "**0.1**"]
    assert "Optimizer" not in table
    shared = dict(zip(common["setting"], common["in all recipes"], strict=True))
    assert shared["Optimizer"] == "SGD"
    assert "Learning rate" not in shared
    assert len(shared) == len(TrainingConfig.model_fields) - 1
    assert list(table["epochs trained"]) == ["3 of 3", "3 of 3"]


def test_recipes_that_are_alike_are_called_so(open_page: OpenPage) -> None:
    _train(TINY, TINY)
    app = open_page("compare", visitor=VISITOR)
    assert says(app, "These recipes have the same settings.")
    assert says(app, "**No difference.**")
    assert says(app, "All layers started from the same initial weights.")
    assert says(app, "Both were trained on the same images in the same order.")
    assert says(app, "Change one setting and train again.")
    assert not says(app, "Only ")


def test_a_learning_rate_that_was_changed_on_the_way_is_a_difference(
    open_page: OpenPage, use_engine: Callable[[Any], None]
) -> None:
    engine = HeldEngine()
    use_engine(engine)
    runner = resources.runner()
    for changed in (False, True):
        run = runner.submit(TINY, VISITOR)
        for _epoch in range(2):
            engine.release()
        wait_until(partial(_has_finished, run, 1), 5)
        if changed:
            engine.wait_for(1)
            runner.set_learning_rate(run, 0.1)
            runner.set_learning_rate(run, 0.001)
        for _epoch in range(2):
            engine.release()
        over(runner, run, 5)
    app = open_page("compare", visitor=VISITOR)
    rates = list(app.table[0].value["Learning rate"])
    assert rates[0] == "0.01"
    assert rates[1] == "**0.01, then 0.001 from epoch 3**"


def test_settings_that_the_starter_never_had_are_left_open(open_page: OpenPage) -> None:
    _train(TINY)
    app = open_page("compare", visitor=VISITOR)
    _choose(app, *app.multiselect[0].value, STARTER)
    table = app.table[0].value
    assert table["Batch size"].iloc[-1] == table["Epochs"].iloc[-1] == "—"
    assert table["Hidden layers"].iloc[-1] == "**512-512-512**"
    assert "Optimizer" not in table


@pytest.mark.parametrize("chosen", [0, 1])
def test_with_fewer_than_two_chosen_the_page_keeps_its_shape(open_page: OpenPage, chosen: int) -> None:
    runs = _train(TINY, TINY)
    app = open_page("compare", visitor=VISITOR)
    _choose(app, *runs[:chosen])
    assert _subheaders(app) == _SECTIONS
    assert len(app.table[0].value) == len(_lines(app)) == chosen
    assert says(app, "Choose two or more networks.")
    assert says(app, "Choose two different networks")


def test_fifteen_runs_are_fifteen_rows_and_ten_lines(open_page: OpenPage) -> None:
    runs = _train(*(TINY.with_changes(seed=seed, epochs=1) for seed in range(15)))
    app = open_page("compare", visitor=VISITOR)
    _choose(app, *runs)
    assert list(app.table[0].value["network"]) == [f"Run {number}" for number in range(1, 16)]
    assert _lines(app) == [f"Run {number}" for number in range(1, 11)]
    assert says(app, "Only the first 10 are drawn")


def test_networks_of_different_depth_say_which_layers_began_alike(open_page: OpenPage) -> None:
    _train(TINY.with_changes(hidden_layers=(8, 16)), TINY.with_changes(hidden_layers=(8, 16, 16)))
    app = open_page("compare", visitor=VISITOR)
    assert says(app, "Same initial weights: layer 1 and 2. Different")
    assert says(app, "layer 3 and 4.")


def test_another_seed_is_other_weights_and_another_order(open_page: OpenPage) -> None:
    _train(TINY, TINY.with_changes(seed=1))
    app = open_page("compare", visitor=VISITOR)
    assert says(app, "All initial weights were different, because the seeds differ.")
    assert says(app, "were not trained on the same images in the same order")


def test_the_images_that_only_one_reads_are_counted_over_all_and_shown_up_to_twenty(
    open_page: OpenPage,
) -> None:
    app = open_page("compare", more_only_first=True, more_only_second=True)
    app.selectbox[0].set_value(LESSON)
    app.selectbox[1].set_value(STARTER).run()
    images, recording, starter = resources.test_images(), resources.recording(), resources.starter()
    lesson = evaluate(recording.network, images).predicted == images.labels
    starters = evaluate(starter.network, images).predicted == images.labels
    only_lesson, only_starter = int((lesson & ~starters).sum()), int((starters & ~lesson).sum())
    assert 0 < only_lesson < only_starter
    assert says(app, f"**Only Lesson is correct: {only_lesson}**")
    assert says(app, f"**Only Starter is correct: {only_starter}**")
    pictures = [shown for shown in texts(app) if shown.startswith("Lesson: ")]
    assert len(pictures) == min(only_lesson, 20) + 20
    for shown in pictures:
        one, other = (line.split(": ")[1] for line in shown.split("  \n"))
        assert one != other
    assert says(app, "**Significant difference**")
    assert says(app, "less than 0.01%")
    assert says(app, "not the seed")
    table = app.table[-1].value
    points = 100 * (np.mean(starters) - np.mean(lesson))
    assert table["difference"][0] == f"+{points:.2f}"


def test_a_network_is_not_compared_with_itself(open_page: OpenPage) -> None:
    app = open_page("compare")
    app.selectbox[1].set_value(app.selectbox[0].value).run()
    assert says(app, "Choose two different networks")
    assert not says(app, "chance")


def test_a_run_whose_weights_are_gone_says_so_and_the_others_stay(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, _kept = _train(TINY, TINY.with_changes(batch_size=256))
    runner = resources.runner()
    weights = runner.weights
    monkeypatch.setattr(runner, "weights", lambda run, epoch: None if run == gone else weights(run, epoch))
    app = open_page("compare", visitor=VISITOR)
    [warning] = app.warning
    assert "deleted to save space" in warning.value
    accuracies = list(app.table[0].value["test accuracy"])
    assert accuracies[0] == "—"
    assert accuracies[1].endswith("%")
    assert _lines(app) == ["Run 1", "Run 2"]
    assert says(app, "so there are no predictions")


class FailingEngine(InlineEngine):
    """Its worker cannot compute the third epoch."""

    def submit(self, fn: Any, /, *args: Any, **how: Any) -> Future[Any]:
        if args[-1].epoch == 3:
            return finished(error=ValueError("no"))
        return super().submit(fn, *args, **how)


def test_a_run_that_failed_is_compared_as_far_as_it_came(
    open_page: OpenPage, use_engine: Callable[[Any], None]
) -> None:
    use_engine(FailingEngine())
    _train(TINY, TINY)
    app = open_page("compare", visitor=VISITOR)
    assert list(app.table[0].value["epochs trained"]) == ["2 of 3, failed"] * 2
    assert _lines(app) == ["Run 1", "Run 2"]


def test_a_run_that_still_trains_is_compared_as_far_as_it_is(
    open_page: OpenPage, use_engine: Callable[[Any], None]
) -> None:
    engine = HeldEngine()
    use_engine(engine)
    runner = resources.runner()
    run = runner.submit(TINY, VISITOR)
    not_begun = open_page("compare", visitor=VISITOR)
    assert run not in not_begun.multiselect[0].value
    for _epoch in range(2):
        engine.release()
    wait_until(partial(_has_finished, run, 1), 5)
    app = open_page("compare", visitor=VISITOR)
    assert list(app.table[0].value["epochs trained"]) == ["20 of 20", "1 of 3, training"]
    engine.release()
    wait_until(partial(_has_finished, run, 2), 5)
    app.button(key="look_again").click().run()
    assert list(app.table[0].value["epochs trained"])[1] == "2 of 3, training"


def test_other_visitors_runs_are_not_offered(open_page: OpenPage) -> None:
    _train(TINY, TINY)
    app = open_page("compare", visitor="b" * 22)
    assert len(app.multiselect[0].options) == 2


def test_two_runs_are_compared_after_any_of_their_epochs(open_page: OpenPage) -> None:
    app = open_page("train", config=TINY.to_json())
    for _ in range(2):
        app.button(key="train").click().run()
    app.switch_page(FILES["compare"]).run()
    sliders = [slider for slider in app.select_slider if slider.label == "After epoch"]
    assert [slider.value for slider in sliders] == [3, 3]
    sliders[1].set_value(1).run()
    assert any("epoch 1" in shown for shown in texts(app))


class WorseningEngine(InlineEngine):
    """Its runs are best after their first epoch."""

    def submit(self, fn: Any, /, *args: Any, **how: Any) -> Future[Any]:
        state, progress = super().submit(fn, *args, **how).result()
        worse = progress.validation and Score(float(args[-1].epoch), 0.5)
        return finished((state, replace(progress, validation=worse)))


def test_a_run_that_keeps_its_best_epoch_is_compared_after_that_one_and_after_its_last(
    open_page: OpenPage, use_engine: Callable[[Any], None]
) -> None:
    use_engine(WorseningEngine())
    _train(TINY.with_changes(keep=KeptEpoch.BEST), TINY)
    app = open_page("compare", visitor=VISITOR)
    first, _second = (slider for slider in app.select_slider if slider.label == "After epoch")
    assert first.value == 1
    assert not any("Run 1, epoch" in shown for shown in texts(app))
    first.set_value(3).run()
    assert any("Run 1, epoch 3" in shown for shown in texts(app))
