"""Evaluate: every set of images once, and the images behind every number."""

import re
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from model.drawing.collection import OwnTest, submit
from model.evaluation.metrics import Evaluation, evaluate
from testing.engines import TINY
from testing.pages import FILES, OpenPage, says, texts
from testing.strokes import SEVEN
from ui.base import resources
from ui.components import chart
from ui.networks.image_sets import ImageSet
from ui.networks.results import show_scores

VISITOR = "a" * 22


def _rows(app: AppTest) -> list[str]:
    return list(app.table[0].value["measured on"])


def _draw_seven(digits: int) -> None:
    def draw(test: OwnTest) -> OwnTest:
        for number in range(digits):
            test = submit(test, number, SEVEN)
        return test

    resources.own_tests().change(VISITOR, draw)


@pytest.fixture
def click(monkeypatch: pytest.MonkeyPatch) -> Any:
    """``click(4, 9)``: the visitor has clicked on the 4s that were read as 9s."""

    def on(truth: int, answer: int) -> None:
        def show(figure: Any, key: str, alt: str) -> tuple[str, str]:
            chart.show(figure, key, alt)
            return str(answer), str(truth)

        monkeypatch.setattr("ui.components.chart.show_clickable", show)

    return on


def test_a_network_that_held_images_out_is_measured_on_them_too(open_page: OpenPage) -> None:
    assert _rows(open_page("evaluate")) == ["Test images", "Validation images (held out)", "Training images"]


def test_where_the_test_images_validate_one_row_says_so(open_page: OpenPage) -> None:
    app = open_page("train", config=TINY.to_json())
    app.button(key="train").click().run()
    app.switch_page(FILES["evaluate"]).run()
    assert _rows(app) == ["Test images (also used for validation)", "Training images"]
    assert list(app.table[0].value["images"]) == ["10,000", f"{TINY.training_images}"]


def test_the_scores_are_drawn_again_only_where_one_was_not_known_at_once(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[bool] = []

    def show(scores: dict[str, Evaluation | None]) -> None:
        drawn.append(None in scores.values())
        show_scores(scores)

    app = open_page("train", config=TINY.to_json())
    app.button(key="train").click().run()
    monkeypatch.setattr("ui.evaluate.page.show_scores", show)
    app.switch_page(FILES["evaluate"]).run()
    assert drawn == [True, False]
    app.run()
    assert drawn == [True, False, False]


def test_accuracies_stand_with_their_intervals(open_page: OpenPage) -> None:
    table = open_page("evaluate").table[0].value
    assert table["accuracy"][0] == "99.32%"
    assert table["95% interval"][0] == "99.14% to 99.46%"


def test_the_visitors_own_digits_are_a_set_of_their_own(open_page: OpenPage) -> None:
    app = open_page("evaluate", visitor=VISITOR, export_open=True)
    assert "Your digits" not in _rows(app)
    _draw_seven(20)
    app.run()
    assert _rows(app)[-1] == "Your digits"
    assert app.table[0].value["accuracy"].iloc[-1] == "10.00%"
    app.button_group[0].set_value(ImageSet.OWN).run()
    assert says(app, "read as 7")
    assert not says(app, "score =")


def test_a_click_on_the_matrix_shows_the_images_of_that_pair_only(open_page: OpenPage, click: Any) -> None:
    click(4, 9)
    app = open_page("evaluate")
    assert says(app, "4 read as 9: 5")
    assert len([shown for shown in texts(app) if shown.startswith("4 read as 9, ")]) == 5
    assert not [shown for shown in texts(app) if re.match(r"[^4] read as ", shown)]


def test_the_most_common_error_is_named_and_counted(open_page: OpenPage) -> None:
    app = open_page("evaluate")
    confusion = evaluate(resources.starter().network, resources.test_images()).confusion
    counts = {
        (truth, answer): int(confusion[truth, answer])
        for truth in range(10)
        for answer in range(10)
        if truth != answer
    }
    (truth, answer), most = max(counts.items(), key=lambda pair: pair[1])
    assert says(app, f"Most common error: {truth} read as {answer}, {most} images.")


def test_a_pair_that_never_happened_says_so(open_page: OpenPage, click: Any) -> None:
    click(0, 4)
    app = open_page("evaluate")
    assert says(app, "0 read as 4: 0")
    assert says(app, "No such images.")


def test_a_threshold_leaves_fewer_answers_and_fewer_mistakes(open_page: OpenPage) -> None:
    app = open_page("evaluate")
    assert says(app, "Coverage: **100.0%** of the images are not rejected (10,000).")
    assert says(app, "Accuracy on these: **99.32%**. Errors left: 68.")
    app.slider(key="threshold").set_value(0.9).run()
    [answered] = [shown for shown in texts(app) if shown.startswith("Coverage")]
    [left] = [shown for shown in texts(app) if shown.startswith("Accuracy on these")]
    assert 90 < float(answered.split("**")[1].rstrip("%")) < 99.9
    assert float(left.split("**")[1].rstrip("%")) > 99.5


def test_a_threshold_that_no_answer_reaches_is_no_error(open_page: OpenPage) -> None:
    app = open_page("train", config=TINY.to_json())
    app.button(key="train").click().run()
    app.switch_page(FILES["evaluate"]).run()
    app.slider(key="threshold").set_value(1.0).run()
    assert not app.exception


def test_every_digit_has_its_precision_recall_and_f1(open_page: OpenPage) -> None:
    table = open_page("evaluate", digits_open=True).table[1].value
    assert list(table["digit"]) == [str(digit) for digit in range(10)]
    assert table["images"][1] == "1,135"
    assert table["recall"][8] == "99.2%"
