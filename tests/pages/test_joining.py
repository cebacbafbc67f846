"""The ways into a class, as pupils find them: by the room's code, by the seat's, and on a shared computer."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from classroom import rules
from model.messages import Message
from storage.problems import StorageError
from testing.engines import TINY
from testing.pages import FILES, OpenPage, says
from testing.rooms import TaughtRoom, draw_sevens, seat_of
from testing.waiting import over
from ui.base import resources
from visitors.identity import visitor_id

ADA, BOB = visitor_id("ada"), visitor_id("bob")


@pytest.fixture
def open_room(open_page_with_database: OpenPage) -> Any:
    """``open_room()`` opens a room, as its teacher does."""
    open_page_with_database("home")
    return TaughtRoom


def _press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def _join(app: AppTest, code: str) -> AppTest:
    app.text_input(key="room_code").set_value(code)
    return _press(app, "Join")


def _come_back(app: AppTest, code: str, seat_code: str) -> AppTest:
    app.text_input(key="back_room").set_value(code)
    app.text_input(key="seat_code").set_value(seat_code)
    return _press(app, "Come back")


def test_home_leads_to_joining(open_page: OpenPage) -> None:
    links: Any = open_page("home").get("page_link")
    assert "Join a class" in [link.proto.label for link in links]


def test_who_joins_can_draw_at_once(open_room: Any, open_page_with_database: OpenPage) -> None:
    room = open_room()
    app = _join(open_page_with_database("join", visitor=ADA), room.code.lower())
    assert app.header[0].value == "My handwriting"
    assert room.visitors == [ADA]


def test_one_sentence_says_what_the_teacher_sees(open_page: OpenPage) -> None:
    assert says(open_page("join"), "your teacher can see the digits that you draw")


def test_the_code_of_a_scanned_address_is_there_already(
    open_room: Any, open_page_with_database: OpenPage
) -> None:
    room = open_room()
    app = open_page_with_database("home")
    app.switch_page(FILES["join"])
    app.query_params["room"] = room.code
    app.run()
    assert app.text_input(key="room_code").value == room.code
    _press(app, "Join")
    assert len(room.visitors) == 1


@pytest.mark.parametrize("code", ["AAAAA", "", "<b>x</b>"])
def test_a_wrong_code_is_told_in_place(open_page_with_database: OpenPage, code: str) -> None:
    app = open_page_with_database("join")
    before = app.session_state["secret"]
    _join(app, code)
    assert says(app, "There is no class with this code")
    assert app.session_state["secret"] == before


def test_a_full_room_says_so_and_who_wanted_in_keeps_the_work(
    open_room: Any, open_page_with_database: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = open_room()
    room.seat(BOB)
    monkeypatch.setattr(rules, "MAX_SEATS", 1)
    draw_sevens(ADA, 1)
    app = _join(open_page_with_database("join", visitor=ADA), room.code)
    assert says(app, "all are taken")
    assert app.session_state["visitor"] == ADA
    assert room.visitors == [BOB]


def test_a_name_is_asked_for_only_where_the_teacher_allows_it(
    open_room: Any, open_page_with_database: OpenPage
) -> None:
    room = open_room(free_names=True)
    app = open_page_with_database("join", visitor=ADA)
    assert "seat_name" not in [field.key for field in app.text_input]
    _join(app, room.code)
    assert room.visitors == []
    app.text_input(key="seat_name").set_value("Ada")
    _press(app, "Join")
    assert seat_of(ADA).name == "Ada"


def test_a_name_that_is_pasted_and_too_long_is_refused_in_words(
    open_room: Any, open_page_with_database: OpenPage
) -> None:
    room = open_room(free_names=True)
    app = open_page_with_database("join", visitor=ADA)
    _join(app, room.code)
    name = app.text_input(key="seat_name")
    assert name.proto.max_chars >= 10 * rules.MAX_NAME, "of a longer text a browser takes nothing"
    name.set_value("x" * 37)
    _press(app, "Join")
    assert says(app, "these are 37")
    assert room.visitors == []
    app.text_input(key="seat_name").set_value("x" * 20)
    _press(app, "Join")
    assert seat_of(ADA).name == "x" * 20


@pytest.mark.parametrize(
    "name", ["<b>Ada</b>", "**Ada**", ":material/star: $x$", "\U0001f600 Ada", "\u05d0\u05d3\u05d4"]
)
def test_a_name_is_shown_letter_for_letter(
    open_room: Any, open_page_with_database: OpenPage, name: str
) -> None:
    room = open_room(free_names=True)
    assert room.seat(ADA, name).name == name
    app = open_page_with_database("join", visitor=ADA)
    # Text, never Markdown; and where it has to be Markdown, every sign of it is escaped.
    assert f"This browser has the seat of {name}." in [element.value for element in app.text]
    links: Any = app.get("page_link")
    [label] = [link.proto.label for link in links if link.proto.page == "join"]
    assert label.replace("\\", "") == name
    assert not any(sign in label.replace(f"\\{sign}", "") for sign in "<*:$")


def test_who_has_no_work_here_is_not_asked_about_it(open_page_with_database: OpenPage) -> None:
    assert not open_page_with_database("join").radio


def test_who_has_worked_here_joins_as_somebody_new_unless_it_is_said_otherwise(
    open_room: Any, open_page_with_database: OpenPage
) -> None:
    room = open_room()
    for visitor in (ADA, BOB):
        over(resources.runner(), resources.runner().submit(TINY, visitor), 10)
    app = _join(open_page_with_database("join", visitor=ADA), room.code)
    assert app.session_state["visitor"] not in {ADA, BOB}
    app = open_page_with_database("join", visitor=BOB)
    app.radio(key="who_joins").set_value(False)
    _join(app, room.code)
    assert app.session_state["visitor"] == BOB
    assert room.visitors[0] not in {ADA, BOB}
    assert room.visitors[1] == BOB


def test_a_shared_computer_asks_who_is_there_and_gives_somebody_new_a_seat(
    open_room: Any, open_page_with_database: OpenPage
) -> None:
    room = open_room()
    seat = room.seat(ADA)
    app = open_page_with_database("join", visitor=ADA)
    assert says(app, f"This browser has the seat of {seat.animal} 1.")
    assert not app.text_input
    app.button(key="new_here").click().run()
    assert app.text_input(key="room_code").value == room.code
    _press(app, "Join")
    assert app.session_state["visitor"] != ADA
    assert room.visitors == [ADA, app.session_state["visitor"]]


def test_two_presses_on_join_are_one_seat_and_the_next_new_pupil_has_another(
    open_room: Any, open_page_with_database: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = open_room()
    room.seat(ADA)
    app = open_page_with_database("join", visitor=ADA)
    app.button(key="new_here").click().run()

    def breaks_off(*_: object, **__: object) -> None:
        raise StorageError(Message("the answer is lost"))

    # The seat is there, and the page that was to go on is not.
    monkeypatch.setattr("ui.base.session.start_fresh", breaks_off)
    _press(app, "Join")
    _press(app, "Join")
    assert len(room.visitors) == 2
    monkeypatch.undo()
    app = open_page_with_database(
        "join", visitor=ADA, secret_of_new_pupil=app.session_state["secret_of_new_pupil"]
    )
    app.button(key="new_here").click().run()
    _press(app, "Join")
    assert len(set(room.visitors)) == 3


def test_who_is_still_there_goes_on(open_room: Any, open_page_with_database: OpenPage) -> None:
    room = open_room()
    room.seat(ADA)
    app = open_page_with_database("join", visitor=ADA)
    app.button(key="still_here").click().run()
    assert app.header[0].value == "My handwriting"
    assert room.visitors == [ADA]


def test_the_code_of_another_room_leads_there(open_room: Any, open_page_with_database: OpenPage) -> None:
    first, second = open_room(), open_room()
    first.seat(ADA)
    app = open_page_with_database("home")
    app.switch_page(FILES["join"])
    app.session_state["visitor"] = ADA
    app.query_params["room"] = second.code
    app.run()
    assert app.text_input(key="room_code").value == second.code
    app.radio(key="who_joins").set_value(False)
    _press(app, "Join")
    assert (first.visitors, second.visitors) == ([ADA], [ADA])
    assert seat_of(ADA).room.id == second.id


def test_a_seat_is_found_again_by_its_code(open_room: Any, open_page_with_database: OpenPage) -> None:
    room = open_room()
    seat = room.seat(ADA)
    app = open_page_with_database("join")
    before = app.session_state["visitor"]
    _come_back(app, room.code, "AAAA")
    assert says(app, "There is no seat with this code")
    assert app.session_state["visitor"] == before
    _come_back(app, room.code, seat.code.lower())
    assert app.session_state["visitor"] == ADA
    assert app.header[0].value == "My handwriting"
    # As after a reload, when the browser has the secret alone.
    again = open_page_with_database("own_test", secret=app.session_state["secret"])
    assert again.session_state["visitor"] == ADA


def test_a_run_in_a_class_begins_with_five_epochs_and_may_have_more(
    open_room: Any, open_page_with_database: OpenPage
) -> None:
    room = open_room()
    app = _join(open_page_with_database("join", visitor=ADA), room.code)
    room.teach(lambda lesson: lesson.at("train"))
    app.run()
    assert app.header[0].value == "Train"
    epochs = next(slider for slider in app.slider if slider.label == "Epochs")
    assert (epochs.value, epochs.max) == (5, 100)
    resources.runner().writer.backlog.flush(10)
    again = open_page_with_database("train", visitor=ADA)
    assert next(slider for slider in again.slider if slider.label == "Epochs").value == 5
