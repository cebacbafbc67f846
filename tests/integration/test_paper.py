"""What a class wrote on paper, on both databases: kept, hidden, seen beside the seats' drawings, deleted."""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import func, select

from classroom.handwriting import digits_of
from classroom.lesson import Step
from classroom.paper import Again
from classroom.rules import MAX_ON_PAPER, RoomError
from model.drawing.collection import Pointer, submit
from model.drawing.paper import layout
from storage.room_tables import PaperDigit
from testing.class_server import ClassServer, class_server
from testing.storage import Open
from visitors.identity import visitor_id

TEACHER, OTHER = visitor_id("the teacher"), visitor_id("another teacher")
ADA = visitor_id("ada")
LINE = [np.array([[10.0, 20.0], [30.5, 200.25], [31.0, 210.0]])]
ALL = range(layout.ROWS)


@pytest.fixture
def server(open_database: Open) -> Iterator[ClassServer]:
    served = class_server(open_database())
    yield served
    served.runner.close(2)


def _open(server: ClassServer, teacher: str = TEACHER) -> tuple[str, str]:
    room_id, _pin = server.rooms.open(teacher, is_operator=True)
    return room_id, server.rooms.taught(teacher, room_id).code


def _sheet(rows: int = layout.ROWS, first: int = 1) -> NDArray[np.uint8]:
    """So many rows, in each a digit less than all of them: the last is missing. ``first`` is told by the
    ink."""
    inks = np.zeros((layout.ROWS, layout.COLUMNS, 28, 28), np.uint8)
    inks[:rows, :-1, 3:9] = first
    return inks


def _kept(server: ClassServer, room_id: str) -> list[int]:
    """The writers, in order."""
    found = [drawing.paper for drawing in server.handwriting.on_paper(TEACHER, room_id)]
    return list(dict.fromkeys(writer for writer in found if writer is not None))


def test_a_sheets_rows_are_writers_beside_the_seats(server: ClassServer) -> None:
    room_id, code = _open(server)
    server.seats.join(ADA, code)
    server.own.change(ADA, partial(submit, number=0, strokes=LINE))
    assert server.runner.writer.backlog.flush(10)
    # Row 2 is left out, and of those that are named a third one is empty.
    assert server.paper.keep(TEACHER, room_id, 2, _sheet(rows=2, first=77), [0, 2]) == 1
    assert server.paper.keep(TEACHER, room_id, 1, _sheet(rows=1), ALL) == 1
    drawings = server.handwriting.of_room(TEACHER, room_id)
    assert [drawing.writer for drawing in drawings] == ["1"] + ["paper 1"] * 9 + ["paper 13"] * 9
    assert [drawing.seat for drawing in drawings] == [1] + [None] * 18
    trial = drawings[-1].trial
    assert trial.ink is not None
    assert (trial.label, trial.pointer) == (8, Pointer.PAPER)
    assert np.array_equal(np.round(trial.ink * 255), _sheet(first=77)[0, 8])
    measured = digits_of(drawings)
    assert measured.names == ("1", "paper 1", "paper 13")
    assert len(measured.without("1")) == 18
    assert len(server.handwriting.of_room(TEACHER, room_id, [1])) == 1
    assert server.paper.sheets(TEACHER, room_id) == {1, 2}


def test_pupils_see_the_digits_on_paper_but_those_that_are_hidden(server: ClassServer) -> None:
    room_id, code = _open(server)
    server.seats.join(ADA, code)
    server.paper.keep(TEACHER, room_id, 1, _sheet(rows=1), ALL)
    with pytest.raises(RoomError, match="another step"):
        server.handwriting.of_class(ADA)
    server.rooms.change(TEACHER, room_id, lambda lesson: lesson.at(Step.OUR_HANDWRITING))
    server.paper.hide(TEACHER, room_id, 1, 4)
    assert [drawing.index for drawing in server.handwriting.of_class(ADA)] == [0, 1, 2, 3, 5, 6, 7, 8]
    assert [drawing.is_hidden for drawing in server.handwriting.on_paper(TEACHER, room_id)].index(True) == 4
    server.paper.hide(TEACHER, room_id, 1, 4, is_hidden=False)
    assert len(server.handwriting.of_class(ADA)) == 9


def test_nothing_is_replaced_silently_and_a_copy_of_a_sheet_has_other_writers(server: ClassServer) -> None:
    room_id, _code = _open(server)
    server.paper.keep(TEACHER, room_id, 2, _sheet(rows=3, first=10), ALL)
    with pytest.raises(RoomError, match="Sheet 2 was kept before"):
        server.paper.keep(TEACHER, room_id, 2, _sheet(rows=2, first=20), ALL)
    assert _kept(server, room_id) == [13, 14, 15]
    server.paper.keep(TEACHER, room_id, 2, _sheet(rows=2, first=20), ALL, Again.ADD)
    assert _kept(server, room_id) == [13, 14, 15, 61, 62]
    server.paper.keep(TEACHER, room_id, 2, _sheet(rows=2, first=30), ALL, Again.REPLACE)
    assert _kept(server, room_id) == [13, 14, 61, 62]
    inks = [one.trial.ink for one in server.handwriting.on_paper(TEACHER, room_id)]
    shades = {round(float(np.max(ink)) * 255) for ink in inks if ink is not None}
    assert shades == {20, 30}
    assert server.paper.sheets(TEACHER, room_id) == {2}


def test_a_room_has_so_many_writers_on_paper_and_no_more(server: ClassServer) -> None:
    room_id, _code = _open(server)
    for sheet in range(1, layout.SHEETS + 1):
        server.paper.keep(TEACHER, room_id, sheet, _sheet(), ALL)
    assert len(_kept(server, room_id)) == MAX_ON_PAPER
    with pytest.raises(RoomError, match="60 writers on paper, and these would be 61"):
        server.paper.keep(TEACHER, room_id, 1, _sheet(rows=1), ALL, Again.ADD)
    assert len(_kept(server, room_id)) == MAX_ON_PAPER
    server.paper.keep(TEACHER, room_id, 1, _sheet(rows=1), ALL, Again.REPLACE)
    assert len(_kept(server, room_id)) == MAX_ON_PAPER - layout.ROWS + 1
    server.paper.delete_all(TEACHER, room_id)
    assert _kept(server, room_id) == []


def test_whoever_has_no_desk_keeps_sees_and_hides_nothing(server: ClassServer) -> None:
    room_id, code = _open(server)
    other_id, _code = _open(server, OTHER)
    server.seats.join(ADA, code)
    server.paper.keep(TEACHER, room_id, 1, _sheet(rows=1), ALL)
    attempts: list[tuple[Callable[..., object], tuple[object, ...]]] = [
        (server.paper.sheets, ()),
        (server.paper.keep, (1, _sheet(), ALL, Again.REPLACE)),
        (server.paper.keep, (2, _sheet(), ALL)),
        (server.paper.hide, (1, 0)),
        (server.paper.delete_all, ()),
        (server.handwriting.on_paper, ()),
    ]
    server.rooms.change(TEACHER, room_id, lambda lesson: lesson.changed(is_everything_open=True))
    for visitor in (OTHER, ADA):
        for attempt, values in attempts:
            with pytest.raises(RoomError, match="Only the teacher"):
                attempt(visitor, room_id, *values)
    drawings = server.handwriting.on_paper(TEACHER, room_id)
    assert [drawing.is_hidden for drawing in drawings] == [False] * 9
    # A digit of the same name in another room is another one.
    server.paper.hide(OTHER, other_id, 1, 0)
    assert not server.handwriting.on_paper(TEACHER, room_id)[0].is_hidden
    assert server.handwriting.on_paper(OTHER, other_id) == []


def test_a_deleted_room_leaves_nothing_on_paper(server: ClassServer) -> None:
    room_id, _code = _open(server)
    server.paper.keep(TEACHER, room_id, 1, _sheet(rows=2), ALL)
    server.rooms.delete(TEACHER, room_id)
    with server.database.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(PaperDigit)) == 0
