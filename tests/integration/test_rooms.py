"""Rooms, on both databases: opened, joined, led through a lesson, and found again after a restart."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Connection, update

from classroom.desk import SeatState
from classroom.lesson import Lesson, Step
from classroom.rooms import Rooms
from classroom.rules import RoomError
from model.drawing.collection import submit
from model.drawing.paper import layout
from model.messages import Message, MessageError
from runs.records import RunState
from storage import rooms as stored
from storage.room_tables import Room as RoomTable
from storage.room_tables import Seat as SeatTable
from storage.writer import Writer
from testing.class_server import ClassServer, class_server
from testing.engines import TINY, HeldEngine
from testing.storage import Open
from testing.waiting import over, wait_until
from visitors.archive.importing import import_archive
from visitors.archive.writing import export
from visitors.codes import CodeError
from visitors.devices import Devices
from visitors.forgetting import forget
from visitors.identity import visitor_id
from visitors.imported_networks import ImportedNetworks

TEACHER, OTHER = visitor_id("the teacher"), visitor_id("another teacher")
ADA, BOB, EVE = visitor_id("ada"), visitor_id("bob"), visitor_id("eve")
LINE = [np.array([[10.0, 20.0], [30.5, 200.25], [31.0, 210.0]])]

Start = Callable[..., Any]


@pytest.fixture
def start(open_database: Open) -> Iterator[Start]:
    """``start()`` is a server, after the former one has ended, over another engine if that is named."""
    servers: list[ClassServer] = []

    def new(engine: Any = None) -> ClassServer:
        if servers:
            servers[-1].runner.close(2)
        servers.append(class_server(open_database(), engine))
        return servers[-1]

    yield new
    servers[-1].runner.close(2)


def _open(server: Any, teacher: str = TEACHER, **how: Any) -> tuple[str, str]:
    """The id and the code of a new room."""
    room_id, _pin = server.rooms.open(teacher, is_operator=True, **how)
    return room_id, server.rooms.taught(teacher, room_id).code


def _draw(server: Any, visitor: str, count: int = 1, first: int = 0) -> None:
    """Let a visitor draw digits that are asked for, and wait until they are kept."""
    for number in range(first, first + count):
        server.own.change(visitor, partial(submit, number=number, strokes=LINE))
    assert server.runner.writer.backlog.flush(10)


def test_pupils_join_by_the_code_and_find_their_seat_again(start: Start) -> None:
    server = start()
    room_id, code = _open(server)
    ada = server.seats.join(ADA, code.lower())
    bob = server.seats.join(BOB, f" {code[:2]}-{code[2:]}")
    assert [ada.number, bob.number] == [1, 2]
    assert ada.animal != bob.animal
    assert server.seats.join(ADA, code) == ada, "whoever joins again has the same seat"
    server = start()
    assert server.seats.of(ADA) == ada
    assert server.seats.of(EVE) is None
    assert [seat.number for seat in server.rooms.seats(TEACHER, room_id)] == [1, 2]


def test_a_seat_is_found_on_another_device_by_its_code(start: Start) -> None:
    server = start()
    _room_id, code = _open(server)
    seat = server.seats.join(ADA, code)
    tablet = visitor_id("ada's tablet")
    server.seats.come_back(tablet, code, seat.code.lower(), tablet)
    assert Devices(server.runner.writer).visitor_of(tablet) == ADA
    for wrong in ("AAAA", seat.code[:-1], ""):
        with pytest.raises(CodeError, match="no seat"):
            server.seats.come_back(EVE, code, wrong, EVE)


def test_a_seats_code_gives_another_device_the_work_for_as_long_as_the_room_is_there(start: Start) -> None:
    server = start()
    room_id, code = _open(server)
    seat = server.seats.join(ADA, code)
    tablet = visitor_id("a tablet")
    server.seats.come_back(tablet, code, seat.code, tablet)
    devices = Devices(server.runner.writer)
    server.rooms.keep(TEACHER, room_id)
    assert devices.visitor_of(tablet) == ADA
    server.rooms.delete(TEACHER, room_id)
    assert devices.visitor_of(tablet) == tablet
    assert devices.visitor_of(ADA) == ADA


def test_whoever_tries_codes_is_stopped_and_the_class_is_not(start: Start) -> None:
    server = start()
    _room_id, code = _open(server)
    for _ in range(10):
        with pytest.raises(CodeError, match="no class"):
            server.seats.join(EVE, "AAAAA")
    with pytest.raises(CodeError, match="Too many"):
        server.seats.join(EVE, code)
    assert server.seats.join(ADA, code).number == 1


def test_a_thousand_joins_fill_the_room_and_no_more(start: Start) -> None:
    server = start()
    room_id, code = _open(server)
    for number in range(60):
        server.seats.join(visitor_id(f"pupil {number}"), code)
    for number in range(60, 1000, 47):
        with pytest.raises(RoomError, match="60 seats"):
            server.seats.join(visitor_id(f"pupil {number}"), code)
    assert len(server.rooms.seats(TEACHER, room_id)) == 60
    server.rooms.free_seat(TEACHER, room_id, 7)
    assert server.seats.join(EVE, code).number == 61


def test_a_closed_room_takes_nobody_new_and_everybody_back(start: Start) -> None:
    server = start()
    room_id, code = _open(server)
    seat = server.seats.join(ADA, code)
    server.rooms.change(TEACHER, room_id, lambda lesson: lesson.changed(is_joining_open=False))
    with pytest.raises(RoomError, match="closed"):
        server.seats.join(BOB, code)
    server.seats.leave(ADA)
    assert server.seats.join(ADA, code).number == seat.number


def test_only_who_runs_the_server_opens_rooms_and_not_without_end(start: Start) -> None:
    server = start()
    with pytest.raises(RoomError, match="person who runs this server"):
        server.rooms.open(EVE, is_operator=False)
    for _ in range(20):
        _open(server)
    with pytest.raises(RoomError, match="20 rooms"):
        _open(server)


def test_whoever_has_no_desk_reads_and_changes_nothing_of_the_room(start: Start) -> None:
    server = start()
    room_id, code = _open(server)
    _open(server, OTHER)
    server.seats.join(ADA, code)
    _draw(server, ADA)
    rooms, handwriting = server.rooms, server.handwriting
    attempts: list[tuple[Callable[..., object], tuple[object, ...]]] = [
        (rooms.taught, ()),
        (rooms.seats, ()),
        (rooms.change, (Lesson.undone,)),
        (rooms.free_seat, (1,)),
        (rooms.show, (1,)),
        (rooms.answer_help, (1,)),
        (server.eyes_up.begin, (False,)),
        (server.eyes_up.end, ()),
        (rooms.keep, ()),
        (rooms.delete, ()),
        (server.desk.tiles, ()),
        (server.desk.curves, ()),
        (handwriting.of_room, ()),
        (handwriting.hide, (1, 0)),
        (server.guessing.train, (1,)),
        (server.guessing.go_on, ()),
        (server.guessing.vote_again, (1,)),
        (server.answers.guesses, ("guess_1_round_1",)),
        (server.answers.at_the_end, ("exit_1",)),
    ]
    for visitor in (OTHER, ADA, EVE):
        for attempt, values in attempts:
            with pytest.raises(RoomError, match="Only the teacher"):
                attempt(visitor, room_id, *values)
    assert [drawing.is_hidden for drawing in handwriting.of_room(TEACHER, room_id)] == [False]
    assert server.seats.of(ADA).room.lesson == Lesson()


def test_a_teacher_changes_nothing_of_a_lesson_that_is_over_but_deletes_its_room(start: Start) -> None:
    server = start()
    room_id, code = _open(server)
    server.seats.join(ADA, code)
    _draw(server, ADA)
    server.seats.want_help(ADA, True)
    server.rooms.keep(TEACHER, room_id)
    before, seats = server.rooms.taught(TEACHER, room_id), server.rooms.seats(TEACHER, room_id)
    rooms, inks = server.rooms, np.ones((layout.ROWS, layout.COLUMNS, 28, 28), np.uint8)
    changes: list[tuple[Callable[..., object], tuple[object, ...]]] = [
        (rooms.change, (lambda lesson: lesson.at(Step.TRAIN),)),
        (rooms.free_seat, (1,)),
        (rooms.show, (1,)),
        (rooms.answer_help, (1,)),
        (rooms.keep, ()),
        (server.eyes_up.begin, (False,)),
        (server.eyes_up.end, ()),
        (server.handwriting.hide, (1, 0)),
        (server.paper.keep, (1, inks, range(layout.ROWS))),
        (server.paper.hide, (1, 0)),
        (server.guessing.train, (1,)),
        (server.guessing.go_on, ()),
        (server.guessing.vote_again, (1,)),
    ]
    for change, values in changes:
        with pytest.raises(RoomError, match="This lesson is over"):
            change(TEACHER, room_id, *values)
    assert rooms.taught(TEACHER, room_id) == before
    assert [seat.visitor for seat in rooms.seats(TEACHER, room_id)] == [seat.visitor for seat in seats]
    assert rooms.seats(TEACHER, room_id)[0].wants_help
    assert [drawing.is_hidden for drawing in server.handwriting.of_room(TEACHER, room_id)] == [False]
    rooms.delete(TEACHER, room_id)
    assert rooms.taught_by(TEACHER) == []


def test_the_desk_is_taken_elsewhere_by_the_pin_and_by_no_other(start: Start) -> None:
    server = start()
    room_id, pin = server.rooms.open(TEACHER, is_operator=True)
    code = server.rooms.taught(TEACHER, room_id).code
    assert server.rooms.take_desk(OTHER, code, f" {pin} ") == room_id
    assert server.rooms.taught(OTHER, room_id).code == code
    wrong = "000000" if pin != "000000" else "111111"
    for _ in range(10):
        with pytest.raises(CodeError, match="no room"):
            server.rooms.take_desk(EVE, code, wrong)
    with pytest.raises(CodeError, match="Too many"):
        server.rooms.take_desk(EVE, code, pin)
    with pytest.raises(RoomError):
        server.rooms.taught(EVE, room_id)
    assert server.rooms.take_desk(BOB, code, pin) == room_id, "who tries codes locks nobody else out"


def test_a_lost_pin_is_replaced_by_who_runs_the_server_and_the_lesson_is_still_there(start: Start) -> None:
    server = start()
    room_id, pin = server.rooms.open(TEACHER, is_operator=True)
    code = server.rooms.taught(TEACHER, room_id).code
    server.rooms.change(TEACHER, room_id, lambda lesson: lesson.at(Step.TRAIN))
    server = start()
    with pytest.raises(RoomError):
        server.rooms.recover(EVE, code, is_operator=False)
    assert server.rooms.recover(OTHER, code, is_operator=True)[0] == room_id
    assert server.rooms.taught(OTHER, room_id).lesson.step == Step.TRAIN
    with pytest.raises(CodeError):
        server.rooms.take_desk(EVE, code, pin)
    with pytest.raises(RoomError, match="Only the teacher"):
        server.rooms.taught(TEACHER, room_id)


def test_a_step_takes_everybody_along_and_can_be_undone(start: Start) -> None:
    server = start()
    room_id, code = _open(server)
    server.seats.join(ADA, code)
    server.rooms.change(TEACHER, room_id, lambda lesson: lesson.at(Step.TRAIN))
    assert server.seats.of(ADA).room.lesson.step == Step.TRAIN
    server.rooms.change(TEACHER, room_id, Lesson.undone)
    assert server.seats.of(ADA).room.lesson.step == Step.DRAW
    server.rooms.keep(TEACHER, room_id)
    assert server.seats.of(ADA) is None, "after the lesson the pages are free"
    with pytest.raises(RoomError, match="over"):
        server.seats.join(BOB, code)


def test_two_rooms_never_see_each_other(start: Start) -> None:
    server = start()
    first, code = _open(server)
    second, other_code = _open(server, OTHER)
    server.seats.join(ADA, code)
    server.seats.join(BOB, other_code)
    _draw(server, ADA)
    server.rooms.change(OTHER, second, lambda lesson: lesson.at(Step.OUR_HANDWRITING))
    assert server.handwriting.of_class(BOB) == []
    assert server.handwriting.of_room(OTHER, second) == []
    assert len(server.handwriting.of_room(TEACHER, first)) == 1
    server.rooms.free_seat(OTHER, second, 1)
    assert server.seats.of(ADA) is not None
    with pytest.raises(RoomError, match="another step"):
        server.handwriting.of_class(ADA)


def test_a_hidden_drawing_is_shown_to_no_pupil_and_can_be_shown_again(start: Start) -> None:
    server = start()
    room_id, code = _open(server)
    for visitor in (ADA, BOB):
        server.seats.join(visitor, code)
        _draw(server, visitor)
    server.rooms.change(TEACHER, room_id, lambda lesson: lesson.at(Step.OUR_HANDWRITING))
    server.handwriting.hide(TEACHER, room_id, 1, 0)
    assert [drawing.seat for drawing in server.handwriting.of_class(BOB)] == [2]
    assert [drawing.is_hidden for drawing in server.handwriting.of_room(TEACHER, room_id)] == [True, False]
    server = start()
    assert [drawing.seat for drawing in server.handwriting.of_class(BOB)] == [2]
    server.handwriting.hide(TEACHER, room_id, 1, 0, is_hidden=False)
    assert [drawing.seat for drawing in server.handwriting.of_class(BOB)] == [1, 2]


def test_a_look_at_the_wall_reads_the_database_as_often_for_a_class_as_for_two(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start()
    room_id, code = _open(server)
    server.rooms.change(TEACHER, room_id, lambda lesson: lesson.at(Step.OUR_HANDWRITING))
    reads: list[Any] = []
    read = server.runner.writer.read

    def counted(default: Any, query: Any, *args: Any) -> Any:
        reads.append(query)
        return read(default, query, *args)

    monkeypatch.setattr(server.runner.writer, "read", counted)
    needed = []
    for number in range(8):
        server.seats.join(pupil := visitor_id(f"pupil {number}"), code)
        _draw(server, pupil)
        seen = server.handwriting.of_class(pupil)
        assert [drawing.seat for drawing in seen] == list(range(1, number + 2))
        reads.clear()
        assert len(server.handwriting.of_class(pupil)) == number + 1
        needed.append(len(reads))
    assert len(set(needed)) == 1, "as many for eight writers as for one"


def test_the_desk_shows_one_state_a_seat(start: Start) -> None:
    server = start()
    room_id, code = _open(server)
    seat = server.seats.join(ADA, code)

    def tile() -> Any:
        return server.desk.tiles(TEACHER, room_id)[0]

    def age(**columns: float) -> None:
        with server.runner.writer.database.writing() as connection:
            connection.execute(update(SeatTable).values(**columns))

    assert (tile().state, tile().drawn, tile().run) == (SeatState.WORKING, 0, None)
    age(progress_at=1)
    assert tile().state == SeatState.STUCK
    server.seats.note_seen(seat, 1)
    server.runner.writer.backlog.flush(10)
    assert tile().state == SeatState.WORKING
    age(seen_at=1)
    assert tile().state == SeatState.OFFLINE
    server.seats.want_help(ADA, True)
    assert tile().state == SeatState.WANTS_HELP
    server.seats.want_help(ADA, False)
    _draw(server, ADA, 10)
    assert (tile().state, tile().drawn) == (SeatState.DONE, 10)
    server.rooms.change(TEACHER, room_id, lambda lesson: lesson.at(Step.TRAIN))
    assert tile().state == SeatState.WORKING
    over(server.runner, server.runner.submit(TINY, ADA))
    server.runner.writer.backlog.flush(10)
    assert (tile().state, tile().run.epochs) == (SeatState.DONE, 3)
    server.rooms.free_seat(TEACHER, room_id, 1)
    assert (tile().state, tile().drawn) == (SeatState.FREE, 0)


def test_help_that_was_given_is_no_longer_wanted(start: Start) -> None:
    server = start()
    room_id, code = _open(server)
    for visitor in (ADA, BOB):
        server.seats.join(visitor, code)
        server.seats.want_help(visitor, True)
    server.rooms.answer_help(TEACHER, room_id, 1)
    assert [seat.wants_help for seat in server.rooms.seats(TEACHER, room_id)] == [False, True]


def test_the_projector_shows_a_few_works_of_seats_that_are_taken(start: Start) -> None:
    server = start()
    room_id, code = _open(server)
    for number in range(5):
        server.seats.join(visitor_id(f"pupil {number}"), code)
    for number in (5, 2, 3, 1, 99):
        server.rooms.show(TEACHER, room_id, number)

    def shown() -> tuple[int, ...]:
        numbers: tuple[int, ...] = server.rooms.taught(TEACHER, room_id).lesson.shown
        return numbers

    assert shown() == (5, 2, 3, 1)
    with pytest.raises(RoomError, match="4 works"):
        server.rooms.show(TEACHER, room_id, 4)
    server.rooms.show(TEACHER, room_id, 2, is_shown=False)
    server.rooms.free_seat(TEACHER, room_id, 3)
    assert shown() == (5, 1)


def test_the_curves_of_a_class_are_those_of_its_newest_runs(start: Start) -> None:
    server = start()
    room_id, code = _open(server)
    for visitor in (ADA, BOB):
        server.seats.join(visitor, code)
    for seed in (0, 1):
        over(server.runner, server.runner.submit(TINY.with_changes(seed=seed), ADA))
    server.runner.writer.backlog.flush(10)
    newest = server.runner.runs_of(ADA)[0]
    accuracies = tuple(point.validation.accuracy for point in newest.history)
    assert server.desk.curves(TEACHER, room_id) == {1: accuracies}
    assert len(accuracies) == 4


def test_what_a_pupil_imports_in_class_was_not_made_there(start: Start) -> None:
    server = start()
    over(server.runner, server.runner.submit(TINY, BOB))
    _draw(server, BOB)
    content = export(server.runner, BOB)
    room_id, code = _open(server)
    server.seats.join(ADA, code)
    taken = import_archive(server.runner, ADA, content)
    assert (taken.runs, taken.drawings) == (1, 1)
    [tile] = server.desk.tiles(TEACHER, room_id)
    assert (tile.run, tile.drawn) == (None, 0)
    run_id = server.runner.submit(TINY, ADA)
    over(server.runner, run_id)
    assert server.runner.writer.backlog.flush(10)
    [tile] = server.desk.tiles(TEACHER, room_id)
    assert tile.run.run_id == run_id


def test_runs_rest_while_a_class_looks_up_and_go_on_afterwards(start: Start) -> None:
    server = start(HeldEngine())
    room_id, code = _open(server)
    for visitor in (ADA, BOB):
        server.seats.join(visitor, code)
    ids = {visitor: server.runner.submit(TINY, visitor) for visitor in (ADA, BOB, EVE)}
    server.runner.pause(ids[BOB])

    def states() -> list[RunState]:
        return [server.runner.snapshot(run_id).state for run_id in ids.values()]

    server.eyes_up.begin(TEACHER, room_id, runs_go_on=True)
    assert server.rooms.taught(TEACHER, room_id).lesson.eyes_up
    assert states() == [RunState.WAITING, RunState.PAUSED, RunState.WAITING]
    server.eyes_up.begin(TEACHER, room_id, runs_go_on=False)
    server.eyes_up.begin(TEACHER, room_id, runs_go_on=False)
    assert states() == [RunState.PAUSED, RunState.PAUSED, RunState.WAITING], "another's run goes on"
    server.eyes_up.end(TEACHER, room_id)
    assert not server.rooms.taught(TEACHER, room_id).lesson.eyes_up
    assert states() == [RunState.WAITING, RunState.PAUSED, RunState.WAITING], "who rested before still rests"


def test_a_run_that_cannot_be_paused_keeps_no_other_one_from_it(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start(HeldEngine())
    room_id, code = _open(server)
    for visitor in (ADA, BOB):
        server.seats.join(visitor, code)
    first, second = (server.runner.submit(TINY, visitor) for visitor in (ADA, BOB))
    pause = server.runner.pause

    def unreachable(run_id: str) -> None:
        if run_id == first:
            raise MessageError(Message("unreachable"))
        pause(run_id)

    monkeypatch.setattr(server.runner, "pause", unreachable)
    with pytest.raises(MessageError, match="unreachable"):
        server.eyes_up.begin(TEACHER, room_id, runs_go_on=False)
    assert server.runner.snapshot(second).state == RunState.PAUSED


def test_runs_that_another_desk_paused_meanwhile_go_on_too(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start(HeldEngine())
    room_id, code = _open(server)
    server.seats.join(ADA, code)
    run_id = server.runner.submit(TINY, ADA)
    change = server.rooms.change

    def other_desk_first(*args: Any) -> None:
        monkeypatch.undo()
        server.eyes_up.begin(TEACHER, room_id, runs_go_on=False)
        change(*args)

    monkeypatch.setattr(server.rooms, "change", other_desk_first)
    server.eyes_up.end(TEACHER, room_id)
    assert server.runner.snapshot(run_id).state == RunState.WAITING


@pytest.mark.parametrize("when", ["taught", "pause"])
def test_runs_go_on_that_are_paused_after_another_desk_has_let_the_class_go_on(
    start: Start, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    server = start(HeldEngine())
    room_id, code = _open(server)
    server.seats.join(ADA, code)
    run_id = server.runner.submit(TINY, ADA)
    owner = server.rooms if when == "taught" else server.runner
    asked = getattr(owner, when)

    def other_desk_first(*args: Any) -> Any:
        monkeypatch.undo()
        server.eyes_up.end(TEACHER, room_id)
        return asked(*args)

    monkeypatch.setattr(owner, when, other_desk_first)
    server.eyes_up.begin(TEACHER, room_id, runs_go_on=False)
    assert server.runner.snapshot(run_id).state == RunState.WAITING
    assert server.rooms.taught(TEACHER, room_id).lesson.resting == ()


def test_runs_that_rested_go_on_after_a_restart_in_between(start: Start) -> None:
    server = start(HeldEngine())
    room_id, code = _open(server)
    server.seats.join(ADA, code)
    run_id = server.runner.submit(TINY, ADA)
    server.eyes_up.begin(TEACHER, room_id, runs_go_on=False)
    server = start()
    assert server.runner.snapshot(run_id).state == RunState.PAUSED
    server.eyes_up.end(TEACHER, room_id)
    over(server.runner, run_id)


def test_a_run_from_before_the_lesson_is_no_part_of_it(start: Start) -> None:
    server = start()
    over(server.runner, server.runner.submit(TINY, ADA))
    server.runner.writer.backlog.flush(10)
    room_id, code = _open(server)
    server.seats.join(ADA, code)
    assert server.desk.tiles(TEACHER, room_id)[0].run is None


def test_a_class_sees_what_was_drawn_and_begun_in_it_and_nothing_from_before_or_after(start: Start) -> None:
    server = start()
    room_id, code = _open(server)

    def train() -> str:
        run_id: str = server.runner.submit(TINY, ADA)
        over(server.runner, run_id)
        server.runner.writer.backlog.flush(10)
        return run_id

    _draw(server, ADA, first=0)
    server.seats.join(ADA, code)
    _draw(server, ADA, first=1)
    in_class = train()
    other_id, other_code = _open(server, OTHER)
    server.seats.join(ADA, other_code)
    _draw(server, ADA, first=2)
    train()
    assert [drawing.index for drawing in server.handwriting.of_room(TEACHER, room_id)] == [1]
    assert [drawing.index for drawing in server.handwriting.of_room(OTHER, other_id)] == [2]
    [tile] = server.desk.tiles(TEACHER, room_id)
    assert (tile.drawn, tile.run.run_id) == (1, in_class)
    server.handwriting.hide(TEACHER, room_id, 1, 2)
    assert [drawing.is_hidden for drawing in server.handwriting.of_room(OTHER, other_id)] == [False]
    server.rooms.keep(OTHER, other_id)
    _draw(server, ADA, first=3)
    assert [drawing.index for drawing in server.handwriting.of_room(OTHER, other_id)] == [2], "at home"


def test_who_leaves_has_free_pages_and_finds_the_seat_again(start: Start) -> None:
    server = start()
    _room_id, code = _open(server)
    first = server.seats.join(ADA, code)
    server.seats.leave(ADA)
    assert server.seats.of(ADA) is None
    assert server.seats.join(ADA, code) == first


def test_the_code_that_is_typed_counts_whatever_rooms_nobody_has_ended(start: Start) -> None:
    server = start()
    first, code = _open(server)
    _second, other_code = _open(server)
    server.seats.join(ADA, code)
    server.seats.join(ADA, other_code)
    assert server.seats.join(ADA, code).room.id == first
    assert server.seats.of(ADA).room.id == first


def test_a_forgotten_end_holds_no_pupil_for_longer_than_a_school_day(start: Start) -> None:
    server = start()
    _room_id, code = _open(server)
    server.seats.join(ADA, code)
    with server.runner.writer.database.writing() as connection:
        connection.execute(update(SeatTable).values(entered_at=SeatTable.entered_at - 8 * 3600))
    assert server.seats.of(ADA) is None


def test_a_freed_seat_keeps_no_name_and_a_shown_number_is_not_given_again(start: Start) -> None:
    server = start()
    room_id, code = _open(server, free_names=True)
    server.seats.join(ADA, code, "Ada Real")
    server.rooms.free_seat(TEACHER, room_id, 1)
    assert server.rooms.seats(TEACHER, room_id)[0].name is None
    server.seats.join(BOB, code)
    server.rooms.change(TEACHER, room_id, lambda lesson: lesson.changed(shown=(2,)))
    forget(server.runner, ImportedNetworks(server.runner.writer), BOB)
    assert server.seats.join(EVE, code).number == 3


def test_a_seat_is_not_come_back_to_after_the_lesson(start: Start) -> None:
    server = start()
    room_id, code = _open(server)
    seat = server.seats.join(ADA, code)
    server.rooms.keep(TEACHER, room_id)
    with pytest.raises(RoomError, match="over"):
        server.seats.come_back(EVE, code, seat.code, EVE)


def test_a_deleted_room_leaves_pupils_their_work_and_who_is_forgotten_leaves_the_room(start: Start) -> None:
    server = start()
    room_id, code = _open(server)
    for visitor in (ADA, BOB):
        server.seats.join(visitor, code)
        _draw(server, visitor)
    forget(server.runner, ImportedNetworks(server.runner.writer), BOB)
    assert [seat.visitor for seat in server.rooms.seats(TEACHER, room_id)] == [ADA]
    server.rooms.delete(TEACHER, room_id)
    assert server.rooms.taught_by(TEACHER) == []
    assert server.seats.of(ADA) is None
    assert len(server.own.of(ADA).drawn) == 1
    with pytest.raises(RoomError):
        server.rooms.taught(TEACHER, room_id)


def test_a_room_has_its_time(start: Start) -> None:
    server = start()
    kept, _code = _open(server)
    gone, _code = _open(server)
    with server.runner.writer.database.writing() as connection:
        connection.execute(update(RoomTable).where(RoomTable.id == gone).values(delete_at=1))
    server = start()
    wait_until(lambda: [room.id for room in server.rooms.taught_by(TEACHER)] == [kept], 10, "the deletion")


def test_names_of_ones_own_are_cut_and_cleaned_and_only_where_they_are_allowed(start: Start) -> None:
    server = start()
    _room_id, code = _open(server)
    assert server.seats.join(ADA, code, "Ada").name is None
    _room_id, code = _open(server, free_names=True)
    turned = "\u202eevil\u202c\x00 <b>\U0001f469\u200d\U0001f680 " + "x" * 10_000
    name = server.seats.join(BOB, code, turned).name
    assert name is not None
    assert name.startswith("evil <b>")
    assert len(name) <= 20
    assert name.isprintable()


def test_without_a_database_there_is_no_room() -> None:
    with pytest.raises(RoomError, match="saves nothing"):
        Rooms(Writer()).open(TEACHER, is_operator=True)


def test_a_change_that_others_always_win_is_given_up_with_a_sentence(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start()
    room_id, _code = _open(server)
    before = server.rooms.taught(TEACHER, room_id)
    real = stored.change_lesson

    def too_late(connection: Connection, room: stored.RoomRecord, *values: Any) -> bool:
        return real(connection, replace(room, version=room.version - 1), *values)

    monkeypatch.setattr(stored, "change_lesson", too_late)
    with pytest.raises(RoomError, match="Try again"):
        server.rooms.change(TEACHER, room_id, Lesson.undone)
    with pytest.raises(RoomError, match="Try again"):
        server.rooms.keep(TEACHER, room_id)
    assert server.rooms.taught(TEACHER, room_id) == before


def test_a_room_that_was_deleted_meanwhile_is_called_so(start: Start) -> None:
    server = start()
    room_id, _code = _open(server)
    server.rooms.delete(TEACHER, room_id)
    for read in (server.rooms.taught, server.rooms.seats, server.desk.tiles, server.handwriting.of_room):
        with pytest.raises(RoomError, match="was deleted"):
            read(TEACHER, room_id)


def test_tries_of_many_visitors_are_counted_by_room_and_lock_no_other(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("classroom.rooms._MAX_WRONG_OF_ROOM", 3)
    monkeypatch.setattr("classroom.seats._MAX_WRONG_OF_ROOM", 3)
    server = start()
    room_id, pin = server.rooms.open(TEACHER, is_operator=True)
    code = server.rooms.taught(TEACHER, room_id).code
    other_id, other_pin = server.rooms.open(OTHER, is_operator=True)
    other_code = server.rooms.taught(OTHER, other_id).code
    seat = server.seats.join(ADA, code)
    other_seat = server.seats.join(BOB, other_code)
    for number in range(3):
        stranger = visitor_id(f"stranger {number}")
        with pytest.raises(CodeError, match="no room"):
            server.rooms.take_desk(stranger, code, "no PIN")
        with pytest.raises(CodeError, match="no seat"):
            server.seats.come_back(stranger, code, "AAAA", stranger)
    with pytest.raises(CodeError, match="Too many"):
        server.rooms.take_desk(EVE, code, pin)
    with pytest.raises(CodeError, match="Too many"):
        server.seats.come_back(EVE, code, seat.code, EVE)
    assert server.rooms.take_desk(EVE, other_code, other_pin) == other_id
    server.seats.come_back(EVE, other_code, other_seat.code, EVE)
    assert server.seats.join(visitor_id("late"), code).number == 2, "joining is not locked"
