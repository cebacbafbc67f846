"""Rehearsals, on both databases: recorded pupils act as real ones do, and leave nothing behind."""

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import pytest
from sqlalchemy import func, select, update

from classroom import asking
from classroom.desk import SeatState
from classroom.lesson import Lesson, Step
from classroom.questions import PREPARED
from classroom.rehearsal.rehearsals import Rehearsal
from classroom.rules import RoomError
from model.config import FEW_EPOCHS
from model.drawing.collection import submit
from model.evaluation.hypothesis import Guess
from storage import rooms as stored
from storage.room_tables import Room, Seat
from storage.tables import Drawing, OwnTest, Run, Table, Visitor
from testing.class_server import ClassServer, class_server
from testing.engines import HeldEngine
from testing.storage import Open
from testing.waiting import wait_until
from visitors.identity import visitor_id

TEACHER, ADA = visitor_id("the teacher"), visitor_id("ada")
LINE = [np.array([[10.0, 20.0], [30.5, 200.25], [31.0, 210.0]])]
_LOOK = 6

Start = Callable[..., ClassServer]


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def start(open_database: Open) -> Iterator[Start]:
    """``start()`` is a server, over another engine if that is named."""
    servers: list[ClassServer] = []

    def new(engine: Any = None) -> ClassServer:
        servers.append(server := class_server(open_database(), engine))
        return server

    yield new
    servers[-1].runner.close(2)


def _rehearse(server: ClassServer, clock: Clock) -> tuple[str, Rehearsal]:
    """The id of a room, and its pupils, whom the test lets act."""
    room_id, _pin = server.rooms.open(TEACHER, is_operator=True, is_rehearsal=True)
    return room_id, Rehearsal(server.runner, server.seats, server.own, server.answers, room_id, clock)


def _pass(rehearsal: Rehearsal, clock: Clock, seconds: int) -> None:
    """Look only so often that everybody draws one digit between two looks."""
    for _ in range(seconds // _LOOK):
        clock.seconds += _LOOK
        assert rehearsal.act()


def _count(server: ClassServer, table: type[Table]) -> int:
    with server.database.reading() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0


def _change(server: ClassServer, room_id: str, **fields: object) -> None:
    server.rooms.change(TEACHER, room_id, lambda lesson: lesson.changed(**fields))


def _train(server: ClassServer, rehearsal: Rehearsal, clock: Clock, room_id: str) -> None:
    _change(server, room_id, step=Step.TRAIN)
    rehearsal.act()
    _pass(rehearsal, clock, 18)


def test_a_class_is_seen_that_joins_draws_trains_and_needs_a_teacher(start: Start) -> None:
    server, clock = start(), Clock()
    room_id, rehearsal = _rehearse(server, clock)
    _pass(rehearsal, clock, 30)
    assert server.runner.writer.backlog.flush(10)
    tiles = server.desk.tiles(TEACHER, room_id)
    assert len(tiles) == 11, "one is late"
    states = [tile.state for tile in tiles]
    assert (states.count(SeatState.WANTS_HELP), states.count(SeatState.OFFLINE)) == (1, 0)
    assert 11 < sum(tile.drawn for tile in tiles) < 90
    asking = next(tile for tile in tiles if tile.state == SeatState.WANTS_HELP)
    assert asking.drawn == 3
    server.rooms.answer_help(TEACHER, room_id, asking.seat.number)
    with server.database.writing() as connection:
        connection.execute(update(Seat).values(seen_at=1))
    _pass(rehearsal, clock, 42)
    assert server.runner.writer.backlog.flush(10)
    states = [tile.state for tile in server.desk.tiles(TEACHER, room_id)]
    assert (states.count(SeatState.WANTS_HELP), states.count(SeatState.OFFLINE)) == (0, 1)
    _pass(rehearsal, clock, 60)
    assert server.runner.writer.backlog.flush(10)
    tiles = server.desk.tiles(TEACHER, room_id)
    assert sorted(tile.drawn for tile in tiles) == [4, *[10] * 11]
    drawings = server.handwriting.of_room(TEACHER, room_id)
    assert {drawing.trial.label for drawing in drawings} == set(range(10))
    assert len({drawing.trial.pointer for drawing in drawings}) == 3
    _train(server, rehearsal, clock, room_id)
    assert server.runner.writer.backlog.flush(10)
    tiles = server.desk.tiles(TEACHER, room_id)
    epochs = [tile.run.epochs for tile in tiles if tile.run]
    assert epochs == [FEW_EPOCHS] * 9
    _change(server, room_id, step=Step.OUR_HANDWRITING)
    _pass(rehearsal, clock, 12)
    assert _count(server, Run) == 9


def test_nearly_all_guess_and_answer_where_the_class_is_asked_and_takes_answers(start: Start) -> None:
    server, clock = start(), Clock()
    room_id, rehearsal = _rehearse(server, clock)
    _pass(rehearsal, clock, 48)
    _change(server, room_id, step=Step.GUESS)
    _pass(rehearsal, clock, 18)
    server.rooms.change(TEACHER, room_id, partial(asking.guessing, setting="learning_rate", value=0.1))
    _pass(rehearsal, clock, 12)
    votes = server.answers.guesses(TEACHER, room_id, "guess_1_round_1")
    assert 3 <= len(votes) <= 8, "some take longer"
    _change(server, room_id, eyes_up=True)
    _pass(rehearsal, clock, 18)
    assert len(server.answers.guesses(TEACHER, room_id, "guess_1_round_1")) == len(votes)
    _change(server, room_id, eyes_up=False)
    _pass(rehearsal, clock, 6)
    votes = server.answers.guesses(TEACHER, room_id, "guess_1_round_1")
    assert len(votes) == 11, "one never does"
    assert Counter(answer.guess for answer in votes.values()).most_common(1)[0][0] == Guess.HIGHER
    ask = partial(asking.asking_at_the_end, prepared="weights", text="")
    server.rooms.change(TEACHER, room_id, lambda lesson: ask(lesson.at(Step.EXIT_QUESTION)))
    _pass(rehearsal, clock, 24)
    ends = server.answers.at_the_end(TEACHER, room_id, "exit_1")
    assert [answer.option == PREPARED["weights"].right for answer in ends.values()].count(True) == 9
    ask = partial(asking.asking_at_the_end, prepared="", text="What did you see?")
    server.rooms.change(TEACHER, room_id, ask)
    _pass(rehearsal, clock, 24)
    words = server.answers.at_the_end(TEACHER, room_id, "exit_2")
    assert len(words) == 11
    assert all(answer.text for answer in words.values())


def test_pupils_keep_to_the_step_and_look_up(start: Start) -> None:
    server, clock = start(), Clock()
    room_id, rehearsal = _rehearse(server, clock)
    _change(server, room_id, eyes_up=True)
    _pass(rehearsal, clock, 30)
    assert server.runner.writer.backlog.flush(10)
    assert len(server.rooms.seats(TEACHER, room_id)) == 11
    assert (_count(server, Drawing), _count(server, Run)) == (0, 0)


def test_a_seat_that_the_teacher_freed_stays_empty(start: Start) -> None:
    server, clock = start(), Clock()
    room_id, rehearsal = _rehearse(server, clock)
    _pass(rehearsal, clock, 12)
    server.rooms.free_seat(TEACHER, room_id, 1)
    _pass(rehearsal, clock, 30)
    seats = server.rooms.seats(TEACHER, room_id)
    assert [seat.visitor is None for seat in seats] == [True, *[False] * 11]


def test_with_the_room_goes_all_that_its_made_up_pupils_did_and_nothing_of_a_real_one(start: Start) -> None:
    engine, clock = HeldEngine(), Clock()
    server = start(engine)
    room_id, rehearsal = _rehearse(server, clock)
    _pass(rehearsal, clock, 18)
    server.seats.join(ADA, server.rooms.taught(TEACHER, room_id).code)
    server.own.change(ADA, partial(submit, number=0, strokes=LINE))
    _train(server, rehearsal, clock, room_id)
    assert server.runner.writer.backlog.flush(10)
    assert (_count(server, Visitor), _count(server, Run)) == (13, 9)
    server.rooms.delete(TEACHER, room_id)
    assert (_count(server, Visitor), _count(server, Run)) == (2, 0), "also where nobody acts any more"
    # What a pupil does in the moment of the deletion.
    server.own.change(rehearsal._actors[0].visitor, lambda test: test)
    assert not rehearsal.act(), "it ends with its room"
    while engine.held:
        engine.release()
        server.runner.join()
    assert server.runner.writer.backlog.flush(10)
    assert server.runner.runs_at_work() == 0
    assert [_count(server, table) for table in (Visitor, Run, OwnTest, Drawing, Seat)] == [2, 0, 1, 1, 0]


def test_after_its_time_a_room_goes_with_its_pupils_also_after_a_restart(start: Start) -> None:
    server, clock = start(), Clock()
    room_id, rehearsal = _rehearse(server, clock)
    kept_id, kept = _rehearse(server, clock)
    for one in (rehearsal, kept):
        _pass(one, clock, 18)
    assert server.runner.writer.backlog.flush(10)
    with server.database.writing() as connection:
        connection.execute(update(Room).where(Room.id == room_id).values(delete_at=1))
    before = _count(server, Drawing)
    server.runner.close(2)
    server = start()
    # A server that starts looks for what has had its time.
    wait_until(lambda: len(server.rooms.taught_by(TEACHER)) == 1, 10, "the deletion")
    pupils = len(server.rooms.seats(TEACHER, kept_id))
    assert _count(server, Visitor) == 1 + pupils
    assert 0 < _count(server, Drawing) < before
    assert not server.rehearsals.goes_on(kept_id), "who acted there stands still"
    with server.database.writing() as connection:
        connection.execute(update(Room).values(delete_at=1))
        assert stored.purge(connection) == 1
    assert _count(server, Visitor) == 1


def test_a_rehearsal_lasts_for_an_hour_and_its_room_for_a_day(start: Start) -> None:
    server, clock = start(), Clock()
    room_id, rehearsal = _rehearse(server, clock)
    _pass(rehearsal, clock, 6)
    clock.seconds += 3600
    assert not rehearsal.act()
    with server.database.reading() as connection:
        days = connection.scalar(select((Room.delete_at - Room.created_at) / 86_400))
    assert days == pytest.approx(1)
    assert server.rooms.taught(TEACHER, room_id).lesson == Lesson(is_rehearsal=True)


def test_a_rehearsal_ends_with_its_lesson(start: Start) -> None:
    server, clock = start(), Clock()
    room_id, rehearsal = _rehearse(server, clock)
    server.rooms.keep(TEACHER, room_id)
    assert not rehearsal.act()


def test_only_who_runs_the_server_rehearses_and_two_go_on_at_most(start: Start) -> None:
    server = start()
    with pytest.raises(RoomError, match="person who runs this server"):
        server.rehearsals.open(ADA, is_operator=False)
    first, _pin = server.rehearsals.open(TEACHER, is_operator=True)
    server.rehearsals.open(TEACHER, is_operator=True)
    with pytest.raises(RoomError, match="2 rehearsals are going on"):
        server.rehearsals.open(TEACHER, is_operator=True)
    assert len(server.rooms.taught_by(TEACHER)) == 2
    assert server.rehearsals.goes_on(first)
    server.rooms.delete(TEACHER, first)
    wait_until(lambda: not server.rehearsals.goes_on(first), 10, "the end of the rehearsal")
    server.rehearsals.open(TEACHER, is_operator=True)
