"""The wall of a class, and what a network reads of the others' digits."""

from typing import Any

import pytest

from classroom.lesson import Step
from testing.pages import OpenPage, says
from testing.rooms import TEACHER, TaughtRoom, draw_sevens, rehearsed
from ui.base import resources
from visitors.identity import visitor_id

ADA, BOB, EVE = visitor_id("ada"), visitor_id("bob"), visitor_id("eve")


@pytest.fixture
def room(open_page_with_database: OpenPage) -> TaughtRoom:
    """Ada and Bob have drawn ten digits each, all as a 7, and look at them."""
    open_page_with_database("home")
    taught = TaughtRoom()
    for visitor in (ADA, BOB):
        taught.seat(visitor)
        draw_sevens(visitor, 10)
    taught.teach(lambda lesson: lesson.at(Step.OUR_HANDWRITING))
    return taught


def test_the_wall_has_the_digits_of_all_and_no_names(
    room: TaughtRoom, open_page_with_database: OpenPage
) -> None:
    app = open_page_with_database("our_handwriting", visitor=ADA)
    assert says(app, "20 digits, drawn by your class")
    wall: Any = next(one for one in app.get("bidi_component") if one.proto.component_name == "digitlab_tiles")
    assert b"A 7, drawn in your class" in wall.proto.SerializeToString()
    for seat in resources.rooms().seats(TEACHER, room.id):
        assert seat.code.encode() not in wall.proto.SerializeToString()
        assert seat.animal.encode() not in wall.proto.SerializeToString()


def test_a_network_is_measured_on_the_digits_of_the_others(
    room: TaughtRoom, open_page_with_database: OpenPage
) -> None:
    app = open_page_with_database("our_handwriting", visitor=ADA)
    theirs, mnist = app.metric
    assert (theirs.value, mnist.value) == ("10.0%", "99.3%")
    assert says(app, "1 of 10 digits correct, by 1 other pupil.")
    table = app.table[0].value
    assert list(table["drawn"]) == ["1"] * 10
    assert list(table["the others"]) == ["0%"] * 7 + ["100%"] + ["0%"] * 2


def test_a_class_with_many_hands_is_read_less_well_than_mnist(open_page_with_database: OpenPage) -> None:
    open_page_with_database("home")
    room = rehearsed(Step.OUR_HANDWRITING)
    visitor = room.visitors[0]
    assert visitor is not None
    app = open_page_with_database("our_handwriting", visitor=visitor)
    assert says(app, "120 digits, drawn by your class")
    theirs, mnist = app.metric
    assert (theirs.value, mnist.value) == ("94.5%", "99.3%")
    assert says(app, "104 of 110 digits correct, by 11 other pupils.")
    assert says(app, "4 drawings are not shown")
    assert list(app.table[0].value["drawn"]) == ["11"] * 10


def test_who_is_alone_is_told_that_nobody_else_has_drawn(open_page_with_database: OpenPage) -> None:
    open_page_with_database("home")
    room = TaughtRoom()
    room.seat(ADA)
    draw_sevens(ADA, 1)
    room.teach(lambda lesson: lesson.at(Step.OUR_HANDWRITING))
    app = open_page_with_database("our_handwriting", visitor=ADA)
    assert says(app, "nobody else has drawn one yet")
    assert not app.metric


def test_a_hidden_drawing_is_neither_seen_nor_counted(
    room: TaughtRoom, open_page_with_database: OpenPage
) -> None:
    app = open_page_with_database("our_handwriting", visitor=ADA)
    resources.handwriting().hide(TEACHER, room.id, 2, 0)
    app.run()
    assert says(app, "19 digits, drawn by your class")
    assert says(app, "of 9 digits correct")


def test_two_rooms_never_see_each_other(room: TaughtRoom, open_page_with_database: OpenPage) -> None:
    other = TaughtRoom()
    other.seat(EVE)
    other.teach(lambda lesson: lesson.at(Step.OUR_HANDWRITING))
    app = open_page_with_database("our_handwriting", visitor=EVE)
    assert says(app, "Nobody in your class has drawn a digit yet.")


def test_who_is_in_no_class_finds_the_way_into_one(open_page: OpenPage) -> None:
    app = open_page("our_handwriting")
    assert says(app, "You are not in a class at the moment.")
