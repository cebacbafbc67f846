"""What a server has for classes, as the app puts it together, without pages."""

from dataclasses import dataclass
from typing import Any

from classroom.answers import Answers
from classroom.archive.lesson_record import TakeHome
from classroom.desk import Desk
from classroom.eyes_up import EyesUp
from classroom.guessing import Guessing
from classroom.handwriting import Handwriting
from classroom.paper import Paper
from classroom.rehearsal.rehearsals import Rehearsals
from classroom.rooms import Rooms
from classroom.seats import Seats
from runs.runner import Runner
from storage.database import Database
from storage.writer import Writer
from testing.engines import InlineEngine, learn
from visitors.own_tests import OwnTests


@dataclass(frozen=True)
class ClassServer:
    """``runner`` has to be closed."""

    database: Database
    runner: Runner
    rooms: Rooms
    seats: Seats
    own: OwnTests
    handwriting: Handwriting
    desk: Desk
    eyes_up: EyesUp
    answers: Answers
    guessing: Guessing
    paper: Paper
    rehearsals: Rehearsals
    take_home: TakeHome


def class_server(database: Database, engine: Any = None) -> ClassServer:
    """A server over a ``database``, whose runs only pretend to learn; it is open when this returns."""
    runner = Runner(engine or InlineEngine(), learn, Writer(database))
    assert runner.writer.wait_until_open(20)
    rooms, seats, own = Rooms(runner.writer), Seats(runner.writer), OwnTests(runner.writer)
    handwriting = Handwriting(runner.writer, rooms, seats, own)
    answers = Answers(runner.writer, rooms)
    return ClassServer(
        database=database,
        runner=runner,
        rooms=rooms,
        seats=seats,
        own=own,
        handwriting=handwriting,
        desk=Desk(runner.writer, rooms),
        eyes_up=EyesUp(runner, rooms),
        answers=answers,
        guessing=Guessing(runner, rooms, answers),
        paper=Paper(runner.writer, rooms),
        rehearsals=Rehearsals(runner, rooms, seats, own, answers),
        take_home=TakeHome(runner.writer, rooms, handwriting),
    )
