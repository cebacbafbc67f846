"""Teach it on all its pages: the desk, the projector and a pupil's; and the data card."""

from typing import Any

import pytest
from pydantic import TypeAdapter
from streamlit.testing.v1 import AppTest

from classroom.lesson import Step
from classroom.rules import RoomError
from classroom.teaching_it import TeachingFinding, TeachingWork
from model import worker
from model.data.mnist import LabelledImages
from model.evaluation import teaching
from model.evaluation.teaching import Gain, Teaching
from model.messages import Message
from model.slices import Arrays
from storage import findings
from testing.pages import FILES, OpenPage, says, texts
from testing.rooms import TEACHER, TaughtRoom, draw_sevens
from testing.waiting import wait_until
from ui.base import resources
from ui.figures.gains import GainsTexts, gains_figure
from ui.teaching import teach_it
from ui.teaching.report.teaching import teaching_sections
from visitors.identity import visitor_id

ADA, EVE = visitor_id("ada"), visitor_id("eve")
TOO_SMALL = "the class is too small. It has 2 writers, and 6 are needed."
GAINED = Teaching(
    gains=(Gain(1, 0.9, 0.92, (-0.01, 0.05)), Gain(4, 0.9, 0.98, (0.05, 0.11))),
    mnist=Gain(4, 0.95, 0.94, (-0.02, -0.005)),
    splits=20,
    writers=8,
)


def _pretend(_config: object, weights: Arrays, _images: LabelledImages) -> Arrays:
    return weights


@pytest.fixture
def room(open_page_with_database: OpenPage, monkeypatch: pytest.MonkeyPatch) -> TaughtRoom:
    """Ada and Bob have drawn a digit each, and their class is to teach it: for the desk two are enough."""
    monkeypatch.setattr(teach_it, "MIN_WRITERS", 2)
    monkeypatch.setattr(worker, "fine_tune", _pretend)
    monkeypatch.setattr(teaching, "_SPLITS", 2)
    open_page_with_database("home")
    taught = TaughtRoom()
    for visitor in (ADA, visitor_id("bob")):
        taught.seat(visitor)
        draw_sevens(visitor, 1)
    assert resources.runner().writer.backlog.flush(10)
    taught.teach(lambda lesson: lesson.at(Step.TEACH_IT))
    return taught


def _of_teacher(open_page: OpenPage, page: str) -> AppTest:
    return open_page("home", visitor=TEACHER).switch_page(FILES[page]).run()


def _find(room: TaughtRoom, result: Teaching, digits: tuple[int, ...] = ()) -> None:
    """Let the room have found this."""
    content = TypeAdapter(TeachingFinding).dump_json(TeachingFinding(result, digits, 0)).decode()
    resources.runner().writer.change(findings.keep, room.id, "teach_it", content)


def test_the_desk_teaches_it_and_projector_and_pupils_show_what_came_of_it(
    room: TaughtRoom, open_page_with_database: OpenPage
) -> None:
    pupil = open_page_with_database("teach_it", visitor=ADA)
    assert says(pupil, "Your teacher has not started it yet.")
    assert says(pupil, "nobody is in both")
    projector = _of_teacher(open_page_with_database, "projector")
    assert says(projector, "that it was not trained on?")
    assert not projector.metric
    desk = _of_teacher(open_page_with_database, "desk")
    assert says(desk, "about a minute")
    assert "working" in desk.button(key="tile_1").label
    desk.button(key="teach_it").click().run()
    wait_until(lambda: resources.teaching_it().of_class(ADA).finding, 10, "the result")
    for app in (desk.run(), projector.run(), pupil.run()):
        assert sum(TOO_SMALL in text for text in texts(app)) == 1
    assert desk.button(key="teach_it").label == "Teach it again"
    for app in (projector, pupil):
        assert app.metric[1].value == "94.9% → 94.9%"
        assert app.get("plotly_chart")
        assert not says(app, "since.")


def test_a_class_that_is_too_small_to_tell_is_told_so_before_the_network_is_taught(
    room: TaughtRoom, open_page_with_database: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = _of_teacher(open_page_with_database, "desk")
    assert not desk.button(key="teach_it").disabled
    assert not says(desk, TOO_SMALL)
    monkeypatch.setattr(teach_it, "MIN_WRITERS", teaching.MIN_WRITERS)
    assert desk.run().button(key="teach_it").disabled
    assert says(desk, TOO_SMALL)


def test_what_is_more_than_chance_is_said_and_what_is_not_too(
    room: TaughtRoom, open_page_with_database: OpenPage
) -> None:
    _find(room, GAINED)
    app = open_page_with_database("teach_it", visitor=ADA)
    assert [metric.value for metric in app.metric] == ["90.0% → 98.0%", "95.0% → 94.0%"]
    assert says(app, "**Better**: +8.0 percentage points, 95% interval +5.0 to +11.0.")
    assert says(app, "**Worse**: -1.0 percentage points, 95% interval -2.0 to -0.5.")
    assert says(app, "8 writers, divided into two halves 20 times.")
    assert says(app, "2 digits were drawn or hidden since.")
    assert says(app, "A grey ring cannot tell")
    cannot_tell, better = gains_figure(GAINED.gains, GainsTexts("pupils", "gain"), 300).data[1:]
    assert (cannot_tell.marker.symbol, better.marker.symbol) == ("circle-open", "circle")
    [gain], bar = better.y, better.error_y
    assert (gain - bar.arrayminus[0], gain + bar.array[0]) == pytest.approx((5, 11))


def test_the_report_says_once_that_a_class_is_too_small_to_tell_and_heads_each_column(
    room: TaughtRoom,
) -> None:
    few = Gain(1, 0.9, 0.95, None)
    _find(room, Teaching(gains=(few,), mnist=few, splits=2, writers=2))
    [section] = teaching_sections(resources.take_home().record(TEACHER, room.id))
    head, *rows = section.table
    assert all(head)
    assert [row[3:] for row in rows] == [["–", "cannot tell"]] * 2
    assert sum(TOO_SMALL in line for line in section.lines) == 1


def test_how_far_it_is_and_why_it_ended_are_said(room: TaughtRoom, open_page_with_database: OpenPage) -> None:
    teaching_it = resources.teaching_it()
    teaching_it._work[room.id] = TeachingWork(23, 100)
    for app in (
        _of_teacher(open_page_with_database, "projector"),
        open_page_with_database("teach_it", visitor=ADA),
        desk := _of_teacher(open_page_with_database, "desk"),
    ):
        assert says(app, "23 of 100 trainings are done.")
    assert "teach_it" not in {button.key for button in desk.button}
    del teaching_it._work[room.id]
    teaching_it._problems[room.id] = Message("The *engine* is gone.")
    desk.run()
    assert says(desk, r"Try again. The \*engine\* is gone")
    assert desk.button(key="teach_it").label == "Teach it"
    assert not says(open_page_with_database("teach_it", visitor=ADA), "engine")


def test_a_pupil_who_sends_what_the_teachers_browser_has_sent_begins_nothing(
    room: TaughtRoom, open_page_with_database: OpenPage
) -> None:
    desk = _of_teacher(open_page_with_database, "desk")
    desk.button(key="teach_it").click()
    recorded = desk._tree.get_widget_states()
    pupil = open_page_with_database("home", visitor=ADA).switch_page(FILES["desk"]).run()
    pupil._run(recorded)
    assert resources.teaching_it()._work == {}
    with pytest.raises(RoomError):
        resources.teaching_it().begin(ADA, room.id)


def test_the_data_card_stands_on_both_pages_and_at_the_desk(
    room: TaughtRoom, open_page_with_database: OpenPage
) -> None:
    for page in ("teach_it", "our_handwriting"):
        app = open_page_with_database(page, visitor=ADA, data_card=True)
        table: Any = next(table.value for table in app.table if "our digits" in table.value)
        assert "Writers in all: 2." in table["our digits"][1]
        assert "60,000" in table["MNIST"][0]
    assert _of_teacher(open_page_with_database, "desk").get("popover")


def test_who_is_in_no_class_finds_the_way_into_one(open_page: OpenPage) -> None:
    assert says(open_page("teach_it"), "You are not in a class at the moment.")
