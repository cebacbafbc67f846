"""In class: the strip in place of the navigation, and pages that are open when the teacher says so."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from classroom.lesson import Lesson, Step
from classroom.seats import Seat, Seats
from model.messages import Message
from storage.problems import StorageError
from testing.pages import FILES, OF_TEACHERS, OpenPage, navigation, says
from testing.rooms import TEACHER, TaughtRoom, seat_of
from testing.strokes import seven
from testing.waiting import over
from ui.base import resources
from visitors.identity import visitor_id

ADA, BOB = visitor_id("ada"), visitor_id("bob")
CLOSED, EYES_UP = "This page is closed", "Eyes up"


@pytest.fixture
def room(open_page_with_database: OpenPage) -> TaughtRoom:
    """A room where Ada has the first seat."""
    open_page_with_database("home")
    taught = TaughtRoom()
    taught.seat(ADA)
    return taught


@pytest.fixture
def pupil(room: TaughtRoom, open_page_with_database: OpenPage) -> OpenPage:
    """``pupil("train")`` opens a page as Ada."""

    def open_at(name: str, **session: Any) -> AppTest:
        return open_page_with_database(name, visitor=ADA, **session)

    return open_at


def at(step: Step) -> Any:
    return lambda lesson: lesson.at(step)


def eyes_up(lesson: Lesson) -> Lesson:
    return lesson.changed(eyes_up=True)


def _links(app: AppTest) -> list[str]:
    links: Any = app.get("page_link")
    return [link.proto.label for link in links]


def test_the_strip_stands_in_place_of_the_navigation(pupil: OpenPage) -> None:
    app = pupil("own_test")
    seat = seat_of(ADA)
    assert navigation(app) == []
    assert "**Draw**" in _links(app)
    assert f"{seat.animal} 1" in _links(app)
    assert says(app, f"Seat code **{seat.code}**")
    assert says(app, "Our handwriting"), "the steps to come are named"


def test_who_is_in_no_class_sees_nothing_of_one(room: TaughtRoom, open_page_with_database: OpenPage) -> None:
    app = open_page_with_database("own_test", visitor=BOB)
    assert navigation(app)
    assert not says(app, "Seat code")
    assert not app.toggle


def test_who_is_in_no_class_is_looked_for_once_a_page(
    open_page_with_database: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def of(_seats: Seats, visitor: str) -> None:
        asked.append(visitor)

    monkeypatch.setattr(Seats, "of", of)
    app = open_page_with_database("learn", visitor=BOB).run()
    app.run()
    assert asked == [BOB]
    app.switch_page(FILES["my_work"]).run()
    assert asked == [BOB, BOB]


@pytest.mark.parametrize("name", ["home", "learn", "train", "evaluate", "compare", "guess", "look_inside"])
def test_a_closed_page_shows_only_that_it_is_closed(pupil: OpenPage, name: str) -> None:
    app = pupil(name)
    assert says(app, CLOSED)
    assert "Go to your class" in _links(app)
    assert not app.header
    assert not app.button


@pytest.mark.parametrize("name", ["own_test", "my_work", "join"])
def test_the_pages_of_the_step_and_ones_own_work_are_open(pupil: OpenPage, name: str) -> None:
    app = pupil(name)
    assert app.header
    assert not says(app, CLOSED)


def test_no_button_leads_to_a_closed_page(pupil: OpenPage) -> None:
    assert "next" not in [button.key for button in pupil("own_test").button]


@pytest.mark.parametrize("name", [name for name in FILES if name not in (*OF_TEACHERS, "join", "my_work")])
def test_eyes_up_stands_on_every_page(room: TaughtRoom, pupil: OpenPage, name: str) -> None:
    room.teach(lambda lesson: lesson.changed(eyes_up=True, is_everything_open=True))
    app = pupil(name)
    assert EYES_UP in app.title[0].value
    assert not app.header


@pytest.mark.parametrize("name", ["join", "my_work"])
def test_nobody_is_locked_in_while_eyes_are_up(room: TaughtRoom, pupil: OpenPage, name: str) -> None:
    room.teach(lambda lesson: lesson.changed(eyes_up=True))
    assert pupil(name).header


def test_who_leaves_the_class_has_the_navigation_again(pupil: OpenPage) -> None:
    app = pupil("join").button(key="leave_class").click().run()
    assert navigation(app)
    assert resources.seats().of(app.session_state["visitor"]) is None


@pytest.mark.parametrize("name", OF_TEACHERS)
def test_a_teacher_who_has_a_seat_too_is_not_locked_out_of_the_desk(
    room: TaughtRoom, pupil: OpenPage, name: str
) -> None:
    room.teach(lambda lesson: lesson.changed(eyes_up=True))
    app = pupil(name)
    assert not says(app, EYES_UP)


def test_the_next_step_takes_everybody_along(room: TaughtRoom, pupil: OpenPage) -> None:
    app = pupil("own_test")
    room.teach(at(Step.TRAIN))
    app.run()
    assert app.header[0].value == "Train"
    room.teach(Lesson.undone)
    app.run()
    assert app.header[0].value == "My handwriting"


def test_the_next_step_takes_everybody_along_from_a_page_that_stays_open(
    room: TaughtRoom, pupil: OpenPage
) -> None:
    room.teach(at(Step.OUR_HANDWRITING))
    app = pupil("our_handwriting")
    assert app.header[0].value == "Our handwriting"
    room.teach(at(Step.TEACH_IT))
    app.run()
    assert app.header[0].value == "Teach it our handwriting"


def test_a_drawing_is_still_there_after_eyes_up_and_after_another_step(
    room: TaughtRoom, pupil: OpenPage
) -> None:
    app = pupil("own_test", **seven("own_canvas_1"))
    assert not app.button(key="submit").disabled
    room.teach(eyes_up)
    app.run()
    assert EYES_UP in app.title[0].value
    room.teach(lambda lesson: lesson.changed(eyes_up=False))
    app.run()
    drawing = app.session_state["own_pad"]
    assert drawing["objects"]
    assert drawing["initial"] == drawing["objects"], "the canvas begins with it"
    room.teach(at(Step.TRAIN))
    app.run()
    room.teach(Lesson.undone)
    app.run()
    assert app.session_state["own_pad"]["initial"] == drawing["objects"]
    assert not app.button(key="submit").disabled


# What a message of an old page calls: a fragment or a callback, before or without the page around it.
_OLD = {
    "submit": """
from functools import partial
from model.drawing.collection import submit
from testing.strokes import SEVEN
from ui.base.errors import plain_errors
from ui.own_test.asking import change
with plain_errors():
    change(partial(submit, number=0, strokes=SEVEN))
""",
    "train": """
from testing.engines import TINY
from ui.base.errors import plain_errors
from ui.train.controls import start
with plain_errors():
    start(TINY)
""",
}


def _replay(name: str, visitor: str) -> AppTest:
    app = AppTest.from_string(_OLD[name])
    app.session_state["visitor"] = visitor
    return app.run()


def _done(visitor: str) -> int:
    return len(resources.own_tests().of(visitor).trials) + len(resources.runner().runs_of(visitor))


@pytest.mark.parametrize(("name", "step"), [("submit", Step.TRAIN), ("train", Step.DRAW)])
def test_an_old_page_does_nothing_after_the_step_or_while_eyes_are_up(
    room: TaughtRoom, pupil: OpenPage, name: str, step: Step
) -> None:
    pupil("own_test")
    room.teach(at(step))
    refused = _replay(name, ADA)
    assert says(refused, CLOSED)
    room.teach(lambda lesson: eyes_up(lesson.changed(is_everything_open=True)))
    assert says(_replay(name, ADA), EYES_UP)
    assert _done(ADA) == 0
    room.teach(lambda lesson: lesson.changed(eyes_up=False))
    assert not says(_replay(name, ADA), CLOSED)
    assert _done(ADA) == 1
    assert not _replay(name, BOB).error, "who is in no class is free"


def test_a_button_of_an_old_page_steers_no_run(
    room: TaughtRoom, pupil: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.teach(at(Step.TRAIN))
    app = pupil("train")
    app.button(key="train").click().run()
    over(resources.runner(), resources.runner().runs_of(ADA)[0].id, 10)
    app.run()
    longer = app.button(key="longer").click()
    room.teach(eyes_up)
    longer.run()
    assert says(app, EYES_UP)
    assert resources.runner().runs_of(ADA)[0].config.epochs == 20


def test_everything_open_brings_the_navigation_back(room: TaughtRoom, pupil: OpenPage) -> None:
    room.teach(lambda lesson: lesson.changed(is_everything_open=True))
    app = pupil("learn")
    assert navigation(app)
    assert app.header[0].value == "Learn"
    assert "**Draw**" in _links(app), "the way to the step"


def test_after_the_lesson_the_pages_are_as_for_everybody(room: TaughtRoom, pupil: OpenPage) -> None:
    app = pupil("own_test")
    resources.rooms().keep(TEACHER, room.id)
    app.run()
    assert navigation(app)
    assert not says(app, "Seat code")


def test_a_freed_seat_gives_the_navigation_back(room: TaughtRoom, pupil: OpenPage) -> None:
    app = pupil("own_test")
    resources.rooms().free_seat(TEACHER, room.id, 1)
    app.run()
    assert navigation(app)


def test_help_is_asked_for_and_taken_back(room: TaughtRoom, pupil: OpenPage) -> None:
    app = pupil("own_test")
    app.toggle(key="wants_help").set_value(True).run()
    assert seat_of(ADA).wants_help
    app.toggle(key="wants_help").set_value(False).run()
    assert not seat_of(ADA).wants_help


def test_two_rooms_are_at_steps_of_their_own(
    room: TaughtRoom, pupil: OpenPage, open_page_with_database: OpenPage
) -> None:
    other = TaughtRoom()
    other.seat(BOB)
    other.teach(at(Step.TRAIN))
    assert pupil("own_test").header
    assert says(pupil("train"), CLOSED)
    assert says(open_page_with_database("own_test", visitor=BOB), CLOSED)
    assert open_page_with_database("train", visitor=BOB).header


def test_the_lesson_goes_on_with_what_was_last_known_while_the_database_is_away(
    room: TaughtRoom, pupil: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = pupil("own_test")

    def away(_seats: Seats, _visitor: str) -> None:
        raise StorageError(Message("The database is away"))

    monkeypatch.setattr(Seats, "of", away)
    app.run()
    assert app.header
    assert navigation(app) == []
    app.switch_page(FILES["train"]).run()
    assert says(app, CLOSED)


def test_a_page_tells_the_desk_how_much_was_done(
    room: TaughtRoom, pupil: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted = []

    def note_seen(_seats: Seats, _own: Seat, progress: int) -> None:
        noted.append(progress)

    monkeypatch.setattr(Seats, "note_seen", note_seen)
    app = pupil("own_test").run()
    app.button(key="skip").click().run()
    assert noted == [0], "not with every run of the page"
    app.session_state["seen_at"] = 0.0
    app.run()
    assert noted == [0, 1]
