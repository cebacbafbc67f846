"""Rehearsals: rooms in which recorded pupils act by the ways of real ones, as a lesson goes on."""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import assert_never

from classroom import rules
from classroom.answers import Answers
from classroom.lesson import Lesson, Step
from classroom.questions import ClassGuess, ExitQuestion
from classroom.rehearsal.acting import Action, Done, answer_of, guess_of, next_actions
from classroom.rehearsal.recording import Pupil, pupils
from classroom.rooms import Rooms
from classroom.seats import Seat, Seats
from model.config import FEW_EPOCHS, TrainingConfig
from model.drawing.collection import OwnTest, submit
from model.messages import MessageError
from runs.runner import Runner
from storage import rehearsals as stored
from storage import rooms as stored_rooms
from storage.problems import StorageError
from storage.rooms import RoomRecord, SeatRecord
from visitors.own_tests import OwnTests

_log = logging.getLogger(__name__)

# Seconds between two looks at the room, and after which everybody has gone home.
_LOOK, _LASTS = 1.0, 60 * 60.0
# A page tells every few looks that it is open.
_LOOKS_A_NOTE = 5
# All runs together cost about as much as two of a class, so that nobody real waits long for them.
_SHARE = 0.2


@dataclass
class _Actor:
    """A recorded pupil at work."""

    visitor: str
    pupil: Pupil
    done: Done = field(default_factory=Done)
    seat: Seat | None = None


class Rehearsal:
    """The pupils of one room, for one thread. ``clock`` gives seconds and never goes back."""

    def __init__(
        self,
        runner: Runner,
        seats: Seats,
        own_tests: OwnTests,
        answers: Answers,
        room_id: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._runner, self._seats, self._own_tests, self._answers = runner, seats, own_tests, answers
        self._writer = runner.writer
        self._room_id = room_id
        self._clock = clock
        self._task = (Step.DRAW, "")
        self._opened_at = self._task_began_at = clock()
        self._looks = 0
        self._actors = [_Actor(stored.new_pupil(room_id), pupil) for pupil in pupils()]

    def act(self) -> bool:
        """Let every pupil do what is due now; whether the rehearsal goes on.

        Raises:
            StorageError: the database does not answer.
        """
        none: RoomRecord | None = None
        room = self._writer.read(none, stored_rooms.room, self._room_id)
        if room is None:
            self._clear_up()
            return False
        lesson = Lesson.model_validate_json(room.lesson)
        if lesson.is_over or self._clock() - self._opened_at > _LASTS:
            return False
        self._follow(lesson)
        no_seats: list[SeatRecord] = []
        seats = self._writer.read(no_seats, stored_rooms.seats, self._room_id)
        wants_help = {seat.visitor: seat.wants_help for seat in seats if seat.visitor}
        self._looks += 1
        for actor in self._actors:
            if actor.seat is None or actor.visitor in wants_help:
                actor.done = replace(actor.done, wants_help=wants_help.get(actor.visitor, False))
                # What cannot be done now is tried again.
                with suppress(MessageError):
                    self._let(actor, lesson, room.code)
        return True

    def _follow(self, lesson: Lesson) -> None:
        """Begin anew with each step, and with each question in it."""
        task = (lesson.step, lesson.asked.question if lesson.asked else "")
        if task != self._task:
            self._task, self._task_began_at = task, self._clock()
            for actor in self._actors:
                actor.done = replace(actor.done, acted_at=0.0)

    def _let(self, actor: _Actor, lesson: Lesson, code: str) -> None:
        seconds = self._clock() - self._task_began_at
        for action in next_actions(actor.pupil.plan, lesson, seconds, actor.done):
            done = replace(actor.done, acted_at=seconds)
            match action:
                case Action.JOIN:
                    actor.seat = self._seats.join(actor.visitor, code)
                    actor.done = replace(done, has_seat=True)
                case Action.LOOK:
                    self._look(actor)
                case Action.DRAW:
                    self._draw(actor, lesson)
                    actor.done = replace(done, drawn=done.drawn + 1)
                case Action.ASK_FOR_HELP:
                    self._seats.want_help(actor.visitor, True)
                    actor.done = replace(done, has_asked=True)
                case Action.TRAIN:
                    self._train(actor, lesson)
                    actor.done = replace(done, has_trained=True)
                case Action.ANSWER:
                    actor.done = replace(done, answered=self._answer(actor, lesson))
                case _:
                    assert_never(action)

    def _look(self, actor: _Actor) -> None:
        if actor.seat and (self._looks + actor.seat.number) % _LOOKS_A_NOTE == 0:
            runs = self._runner.runs_of(actor.visitor) if actor.done.has_trained else []
            self._seats.note_seen(actor.seat, actor.done.drawn + sum(run.epoch for run in runs))

    def _draw(self, actor: _Actor, lesson: Lesson) -> None:
        rules.check_draws(lesson)
        pupil = actor.pupil

        def drawn(test: OwnTest) -> OwnTest:
            return submit(test, len(test.trials), pupil.digits[test.asked], pupil.pointer)

        self._own_tests.change(actor.visitor, drawn)

    def _train(self, actor: _Actor, lesson: Lesson) -> None:
        rules.check_trains(lesson)
        rate = actor.pupil.plan.learning_rate
        recipe = TrainingConfig().with_changes(epochs=FEW_EPOCHS, train_share=_SHARE, learning_rate=rate)
        self._runner.submit(recipe, actor.visitor)

    def _answer(self, actor: _Actor, lesson: Lesson) -> str:
        """Answer what the class is asked; the name of the question."""
        plan, asked = actor.pupil.plan, lesson.asked
        match asked:
            case ClassGuess():
                guess = guess_of(plan, asked)
                self._answers.guess(actor.visitor, asked.question, guess.guess, guess.why)
            case ExitQuestion():
                answer = answer_of(plan, asked)
                self._answers.answer(actor.visitor, asked.question, answer.option, answer.text)
        return asked.question if asked else ""

    def _clear_up(self) -> None:
        """Leave nothing of what was done while the room was deleted."""
        visitors = {actor.visitor for actor in self._actors}
        self._runner.delete([run.id for visitor in visitors for run in self._runner.runs_of(visitor)])
        # Keys of what is a visitor's begin with who that is.
        keys = [key for key in self._writer.backlog.waiting_keys() if key.id.partition("/")[0] in visitors]
        self._writer.delete(keys, stored.delete_leftover)


class Rehearsals:
    """Those that go on in this process; after a restart their rooms stand still. Every method may be called
    from any thread; errors are as those of ``Rooms``."""

    def __init__(
        self, runner: Runner, rooms: Rooms, seats: Seats, own_tests: OwnTests, answers: Answers
    ) -> None:
        self._runner, self._rooms, self._seats = runner, rooms, seats
        self._own_tests, self._answers = own_tests, answers
        self._lock = threading.Lock()
        self._going_on: set[str] = set()

    def open(self, visitor: str, is_operator: bool) -> tuple[str, str]:
        """A new room, and pupils who come into it: its id, and its PIN.

        Raises:
            RoomError: this visitor may not open one, or as many rehearsals as may go on do.
        """
        with self._lock:
            rules.check_rehearses(len(self._going_on))
            room_id, pin = self._rooms.open(visitor, is_operator, is_rehearsal=True)
            self._going_on.add(room_id)
        rehearsal = Rehearsal(self._runner, self._seats, self._own_tests, self._answers, room_id)
        threading.Thread(target=self._lead, args=(rehearsal, room_id), name="rehearsal", daemon=True).start()
        return room_id, pin

    def goes_on(self, room_id: str) -> bool:
        """Whether the pupils of a rehearsal still act."""
        with self._lock:
            return room_id in self._going_on

    def _lead(self, rehearsal: Rehearsal, room_id: str) -> None:
        backlog = self._runner.writer.backlog
        try:
            while not backlog.is_closed and self._acts(rehearsal):
                backlog.wait(_LOOK)
        except Exception:
            _log.exception("a rehearsal ends after an error")
        finally:
            with self._lock:
                self._going_on.discard(room_id)

    @staticmethod
    def _acts(rehearsal: Rehearsal) -> bool:
        try:
            return rehearsal.act()
        except StorageError:
            return True
