"""The visitor's own test, as they find it on its page and on Evaluate."""

import sys
from itertools import chain
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from model.drawing.collection import OwnTest, Pointer, label_at, skip, submit
from model.starter.starter import Starter
from storage.problems import unreachable
from testing.pages import FILES, OpenPage, says
from testing.strokes import SEVEN, sent, seven, side_by_side
from ui.base import resources
from visitors.own_tests import OwnTests

PEN = seven("own_canvas_1")
VISITOR = "a" * 22


def _asked(app: AppTest) -> int:
    [heading] = [element.value for element in app.subheader if element.value.startswith("Draw the digit ")]
    return int(heading[-1])


@pytest.fixture
def after(open_page: OpenPage) -> Any:
    """``after(12)`` opens the page of a visitor who drew that many 7s, whatever was asked for."""

    def open_after(drawings: int, page: str = "own_test", **session: Any) -> AppTest:
        def draw_all(test: OwnTest) -> OwnTest:
            for number in range(drawings):
                test = submit(test, number, SEVEN)
            return test

        app = open_page(page, visitor=VISITOR, **session)
        resources.own_tests().change(VISITOR, draw_all)
        return app.run()

    return open_after


@pytest.fixture(autouse=True)
def at_once(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    """No stroke is on its way when Submit is pressed."""
    if "ui.own_test.asking" not in sys.modules:
        # The canvas can be imported by a running app only.
        open_page("own_test")
    monkeypatch.setattr("ui.own_test.asking.STROKE_DELAY", 0.0)


def test_a_digit_is_asked_for_and_no_answer_is_there_before_it_is_drawn(open_page: OpenPage) -> None:
    app = open_page("own_test", **PEN)
    assert 0 <= _asked(app) <= 9
    assert not says(app, "Read as")
    components = [element.proto.component_name for element in app.get("bidi_component")]
    assert "digitlab_lens" not in components, "neither bars nor lens"


def _refuse(*_: object) -> Any:
    raise unreachable("the test says so")


def test_while_own_digits_cannot_be_read_the_pages_show_everything_else(
    after: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = after(1, "evaluate")
    monkeypatch.setattr(OwnTests, "of", _refuse)
    for page, other in {"evaluate": "of 10,000 test images correct", "my_work": "asks for no name"}.items():
        app.switch_page(FILES[page]).run()
        assert len(app.error) == 1
        assert "cannot be reached" in app.error[0].value
        assert says(app, other)
    app.switch_page(FILES["own_test"]).run()
    assert len(app.error) == 1, "here they are everything"


def test_a_submit_shows_the_answer_and_asks_for_the_next_digit(open_page: OpenPage) -> None:
    app = open_page("own_test", **PEN)
    asked = _asked(app)
    app.button(key="submit").click().run()
    assert says(app, "Read as 7")
    assert says(app, f"Asked for {asked}, read as 7")
    assert says(app, "Drawn: 1, skipped: 0")
    assert _asked(app) != asked
    assert app.button(key="submit").disabled, "the pad is clean again"
    components = [element.proto.component_name for element in app.get("bidi_component")]
    assert components.count("digitlab_lens") == 1, "the bars; no pen is followed here, so no weights are sent"


def test_what_does_not_look_like_a_digit_is_called_so_beside_what_it_counts_as(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Starter, "finds_digit", lambda _starter, _scores: np.array([False]))
    app = open_page("own_test", **PEN)
    asked = _asked(app)
    app.button(key="submit").click().run()
    assert not says(app, "read as")
    outcome = f"Asked for {asked}. This does not look like a digit, "
    outcome += "but 7 is" if asked == 7 else "and 7 is"
    assert says(app, f"{outcome} the most probable one: it counts as **{['wrong', 'correct'][asked == 7]}**.")


def test_what_a_digit_was_drawn_with_is_noted_and_a_trackpad_is_no_pen(open_page: OpenPage) -> None:
    app = open_page("own_test", **PEN)
    choice: Any = next(group for group in app.get("button_group") if group.key == "pointer")
    choice.set_value(Pointer.TRACKPAD).run()
    app.button(key="submit").click().run()
    assert says(app, "Drawn with trackpad (1). Digits drawn on a trackpad hardly count as handwriting.")


def test_a_blank_cannot_be_submitted(open_page: OpenPage) -> None:
    assert open_page("own_test").button(key="submit").disabled


def test_a_skipped_digit_is_shown_as_skipped(open_page: OpenPage) -> None:
    app = open_page("own_test")
    asked = _asked(app)
    app.button(key="skip").click().run()
    assert says(app, "Drawn: 0, skipped: 1")
    assert _asked(app) != asked


def test_the_drawing_on_draw_is_another_one(open_page: OpenPage) -> None:
    app = open_page("draw", **seven())
    app.switch_page("pages/own_test.py").run()
    assert app.button(key="submit").disabled
    app.switch_page("pages/draw.py").run()
    assert says(app, "Read as 7")


def test_clear_leaves_the_digit_alone_that_is_looked_at_on_draw(open_page: OpenPage) -> None:
    app = open_page("draw", digit_of_number=1, **sent(list(chain(*side_by_side("27")))))
    assert says(app, "Read as 7")
    app.switch_page("pages/own_test.py")
    for key, value in seven("own_canvas_2").items():
        app.session_state[key] = value
    app.run()
    app.button(key="own_clear").click().run()
    assert app.button(key="submit").disabled, "the pad is clean"
    app.switch_page("pages/draw.py").run()
    assert says(app, "Read as 7")


def test_nine_digits_are_too_few_for_an_accuracy(after: Any) -> None:
    app = after(9)
    assert says(app, "Draw 1 more digit ")
    assert not says(app, "are done")
    assert not app.metric


def test_from_ten_on_the_accuracy_stands_with_its_interval_beside_the_one_on_mnist(after: Any) -> None:
    app = after(10)
    mine, theirs = app.metric
    assert mine.value == "10.0%"
    assert theirs.value == "99.3%"
    assert says(app, "1 of 10 correct. Expect 2% to 40% in the long run (95% interval).")
    assert says(app, "read as 7")
    assert says(app, "Your 10 digits are done. Draw more if you like.")
    assert not app.get("plotly_chart")


def test_from_fifty_on_there_is_a_confusion_matrix(after: Any) -> None:
    app = after(50)
    assert len(app.get("plotly_chart")) == 1


def test_a_full_test_asks_for_nothing_and_says_so(after: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("model.drawing.collection.MAX_TRIALS", 3)
    app = after(3)
    assert says(app, "the last one")
    assert not [button for button in app.button if button.key == "submit"]


def test_starting_over_forgets_the_drawings(after: Any) -> None:
    app = after(12)
    app.button(key="start_over").click().run()
    assert says(app, "Drawn: 0, skipped: 0")
    assert not app.metric


def test_a_submit_waits_for_the_last_stroke(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.own_test.asking.STROKE_DELAY", 60.0)
    app = open_page("own_test", **PEN)
    app.button(key="submit").click().run()
    assert says(app, "Drawn: 0, skipped: 0")
    assert app.button(key="submit").disabled
    monkeypatch.setattr("ui.own_test.asking.STROKE_DELAY", 0.0)
    app.run()
    assert says(app, "Drawn: 1, skipped: 0")


def test_a_drawing_is_never_kept_under_a_digit_that_another_tab_has_moved_on_to(after: Any) -> None:
    app = after(0, **PEN)
    resources.own_tests().change(VISITOR, lambda test: skip(test, 0))
    app.button(key="submit").click().run()
    assert not resources.own_tests().of(VISITOR).drawn
    app.run()
    assert _asked(app) == label_at(resources.own_tests().of(VISITOR).seed, 1)
    assert app.button(key="submit").disabled, "what was drawn for the other digit is gone"


def test_another_visitor_sees_none_of_it(after: Any, open_page: OpenPage) -> None:
    after(12)
    app = open_page("own_test")
    assert says(app, "Drawn: 0, skipped: 0")


def test_digits_are_asked_for_in_the_order_of_the_test(after: Any) -> None:
    app = after(3)
    seed = resources.own_tests().of(VISITOR).seed
    assert _asked(app) == label_at(seed, 3)
    assert np.unique([label_at(seed, number) for number in range(10)]).size == 10
