"""What a class is asked, on both databases: guesses that the room tries once, and the question at the end."""

import threading
from collections.abc import Callable, Iterator
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import func, select

from classroom import asking
from classroom.answers import ExitAnswer, GuessAnswer
from classroom.desk import SeatState
from classroom.guessing import Guessing
from classroom.lesson import Lesson, Step
from classroom.questions import CHANGES
from classroom.rules import RoomError
from model.evaluation.hypothesis import Guess
from runs.records import RunState
from storage.problems import backlog_full
from storage.room_tables import Answer
from storage.rooms import add_teacher
from testing.class_server import ClassServer, class_server
from testing.engines import TINY, HeldEngine
from testing.storage import Open
from testing.waiting import wait_until
from visitors.forgetting import forget
from visitors.identity import visitor_id
from visitors.imported_networks import ImportedNetworks

TEACHER, OTHER = visitor_id("the teacher"), visitor_id("another teacher")
ADA, BOB, EVE = visitor_id("ada"), visitor_id("bob"), visitor_id("eve")
FIRST, AGAIN = "guess_1_round_1", "guess_1_round_2"
HIGHER, SAME, LOWER = Guess.HIGHER, Guess.SAME, Guess.LOWER

Start = Callable[..., Any]


@pytest.fixture
def start(open_database: Open) -> Iterator[Start]:
    """``start()`` is a server with a room, after the former server has ended: Ada and Bob sit there, and are
    asked to guess."""
    servers: list[ClassServer] = []
    room: list[str] = []

    def new(engine: Any = None) -> Any:
        if servers:
            servers[-1].runner.close(0.5)
        servers.append(server := class_server(open_database(), engine))
        rooms = server.rooms
        if not room:
            room.append(rooms.open(TEACHER, is_operator=True)[0])
            for visitor in (ADA, BOB):
                server.seats.join(visitor, rooms.taught(TEACHER, room[0]).code)
            rooms.change(TEACHER, room[0], guessing_at(*CHANGES[0]))
        return SimpleNamespace(
            room=room[0],
            change=partial(rooms.change, TEACHER, room[0]),
            lesson=lambda: rooms.taught(TEACHER, room[0]).lesson,
            **vars(server),
        )

    yield new
    servers[-1].runner.close(0.5)


def guessing_at(setting: str, value: object) -> Callable[[Lesson], Lesson]:
    return lambda lesson: asking.guessing(lesson.at(Step.GUESS), setting, value)


def asked_at_the_end(prepared: str, text: str = "") -> Callable[[Lesson], Lesson]:
    return lambda lesson: asking.asking_at_the_end(lesson.at(Step.EXIT_QUESTION), prepared, text)


def train(server: Any, number: int = 1) -> None:
    """Let the room train both, and wait for the result."""
    server.guessing.train(TEACHER, server.room, number)
    wait_until(lambda: server.guessing.go_on(TEACHER, server.room) and not server.lesson().guess.is_training)


def answers_kept(server: Any) -> int:
    with server.runner.writer.database.writing() as connection:
        return int(connection.scalar(select(func.count()).select_from(Answer)) or 0)


def test_a_class_guesses_and_the_room_trains_both_once_from_three_seeds(start: Start) -> None:
    server = start()
    server.answers.guess(ADA, FIRST, LOWER)
    server.answers.guess(ADA, FIRST, HIGHER, "bigger \u202esteps\n")
    server.answers.guess(BOB, FIRST, SAME)
    for place, count in ((0, 9), (2, 1), (0, 2)):
        # Each from a desk that has not seen what the others count.
        server.change(partial(asking.counting_hands, question=FIRST, place=place, count=count))
    [votes] = server.guessing.votes(TEACHER, server.room, server.lesson().guess)
    assert votes == {HIGHER: 3, SAME: 1, LOWER: 1}
    answers = server.answers.guesses(TEACHER, server.room, FIRST)
    assert answers[1] == GuessAnswer(guess=HIGHER, why="bigger steps"), "the last one counts"
    train(server)
    runs = server.runner.runs_of(TEACHER)
    assert [run.config.learning_rate for run in reversed(runs)] == [0.01, 0.1] * 3
    assert sorted(run.config.seed for run in runs) == [0, 0, 1, 1, 2, 2]
    assert {run.config.epochs for run in runs} == {5}
    guess = server.lesson().guess
    assert guess.runs == tuple(run.id for run in reversed(runs))
    assert guess.accuracies == ((0.05,) * 3, (0.05,) * 3), "the validation accuracies of the last epoch"
    assert server.seats.of(ADA).room.lesson.guess.seen.difference == 0
    server.guessing.train(TEACHER, server.room, 1)
    server.guessing.go_on(TEACHER, server.room)
    assert len(server.runner.runs_of(TEACHER)) == 6, "only once"


def test_guesses_are_closed_while_the_room_trains_and_open_again_after_the_result(start: Start) -> None:
    server = start(HeldEngine())
    server.answers.guess(ADA, FIRST, HIGHER)
    server.guessing.train(TEACHER, server.room, 1)
    for attempt in (
        partial(server.answers.guess, BOB, FIRST, LOWER),
        partial(server.guessing.vote_again, TEACHER, server.room, 1),
        partial(server.change, partial(asking.counting_hands, question=FIRST, place=0, count=9)),
        partial(server.change, guessing_at(*CHANGES[1])),
    ):
        with pytest.raises(RoomError):
            attempt()
    assert server.guessing.votes(TEACHER, server.room, server.lesson().guess) == (
        {HIGHER: 1, SAME: 0, LOWER: 0},
    )
    server = start()
    wait_until(lambda: server.guessing.go_on(TEACHER, server.room) and server.lesson().guess.accuracies)
    server.guessing.vote_again(TEACHER, server.room, 1)
    with pytest.raises(RoomError):
        server.answers.guess(BOB, FIRST, LOWER)
    server.answers.guess(ADA, AGAIN, SAME)
    server.answers.guess(BOB, AGAIN, SAME)
    before, after = server.guessing.votes(TEACHER, server.room, server.lesson().guess)
    assert (before[HIGHER], after[HIGHER], after[SAME]) == (1, 0, 2)


def test_nobody_answers_what_the_class_is_not_asked(start: Start) -> None:
    server = start()
    guess = partial(server.answers.guess, ADA, FIRST, HIGHER)
    other_room, _pin = server.rooms.open(OTHER, is_operator=True)
    server.seats.join(EVE, server.rooms.taught(OTHER, other_room).code)

    def refused(attempt: Callable[[], object], match: str) -> None:
        with pytest.raises(RoomError, match=match):
            attempt()

    refused(partial(server.answers.guess, EVE, FIRST, HIGHER), "does not answer")
    refused(partial(server.answers.guess, TEACHER, FIRST, HIGHER), "not in a class")
    for question in (AGAIN, "guess_2_round_1", "exit_1", ""):
        refused(partial(server.answers.guess, ADA, question, HIGHER), "does not answer")
    refused(partial(server.answers.answer, ADA, FIRST, text="an answer of the other kind"), "does not answer")
    server.change(lambda lesson: lesson.changed(eyes_up=True, is_everything_open=True))
    refused(guess, "Eyes up")
    server.change(lambda lesson: lesson.changed(eyes_up=False).at(Step.TRAIN))
    refused(guess, "does not answer")
    server.change(asked_at_the_end("weights"))
    refused(guess, "does not answer")
    refused(partial(server.answers.guess, ADA, "exit_1", HIGHER), "does not answer")
    server.rooms.keep(TEACHER, server.room)
    refused(guess, "not in a class")
    assert answers_kept(server) == 0


def test_a_lesson_has_three_guesses_and_one_without_a_result_makes_room(start: Start) -> None:
    server = start()
    for setting, value in CHANGES[1:4]:
        server.change(guessing_at(setting, value))
    assert [guess.number for guess in server.lesson().guesses] == [4], "nothing was trained for the others"
    with pytest.raises(RoomError, match="something else"):
        server.guessing.train(TEACHER, server.room, 3)
    for number in (4, 5, 6):
        train(server, number)
        if number < 6:
            server.change(guessing_at(*CHANGES[number]))
    assert [guess.number for guess in server.lesson().guesses] == [4, 5, 6]
    with pytest.raises(RoomError, match="3 guesses"):
        server.change(guessing_at(*CHANGES[0]))
    with pytest.raises(RoomError, match="listed"):
        server.change(guessing_at("epochs", 100))


def test_the_runs_begin_as_the_teachers_other_runs_allow(start: Start) -> None:
    engine = HeldEngine()
    server = start(engine)
    own = [server.runner.submit(TINY, TEACHER) for _ in range(5)]
    server.guessing.train(TEACHER, server.room, 1)
    trained = server.guessing.go_on(TEACHER, server.room)
    assert "too many unfinished runs" in str(trained.problem)
    assert (trained.done, server.lesson().guess.runs) == (0, ())
    for run_id in own:
        server.runner.stop(run_id)
    server.runner.writer.change(add_teacher, server.room, OTHER)
    trained = server.guessing.go_on(OTHER, server.room)
    assert trained.problem is None
    runs = [server.runner.snapshot(run_id) for run_id in server.lesson().guess.runs]
    assert len(runs) == 5
    assert {run.id for run in runs} <= {run.id for run in server.runner.runs_of(TEACHER)}, "whoever looks"


def test_runs_that_cannot_be_kept_do_not_begin_and_the_desk_is_told_why(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start(HeldEngine())

    def full(*args: Any) -> str:
        raise backlog_full()

    monkeypatch.setattr(server.runner, "submit", full)
    server.guessing.train(TEACHER, server.room, 1)
    trained = server.guessing.go_on(TEACHER, server.room)
    assert trained.problem == backlog_full().message
    monkeypatch.undo()
    monkeypatch.setattr(server.runner, "wait_until_saved", lambda runs, seconds: not runs)
    trained = server.guessing.go_on(TEACHER, server.room)
    assert "nothing can be saved" in str(trained.problem)
    assert server.runner.runs_of(TEACHER) == []
    monkeypatch.undo()
    assert server.guessing.go_on(TEACHER, server.room).problem is None
    assert len(server.lesson().guess.runs) == 5


def test_a_room_that_waits_until_its_runs_are_kept_keeps_no_other_room_waiting(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start()
    other_room, _pin = server.rooms.open(OTHER, is_operator=True)
    server.rooms.change(OTHER, other_room, guessing_at(*CHANGES[0]))
    waits, is_kept = threading.Event(), threading.Event()

    def wait_until_saved(runs: list[str], _seconds: float) -> bool:
        if runs and threading.current_thread() is first:
            waits.set()
            return is_kept.wait(20)
        return True

    monkeypatch.setattr(server.runner, "wait_until_saved", wait_until_saved)
    first = threading.Thread(target=server.guessing.train, args=(TEACHER, server.room, 1))
    second = threading.Thread(target=server.guessing.train, args=(OTHER, other_room, 1))
    first.start()
    assert waits.wait(20)
    second.start()
    second.join(10)
    goes_on = not second.is_alive()
    is_kept.set()
    for thread in (first, second):
        thread.join()
    assert goes_on


def test_runs_that_rest_go_on_but_not_while_the_class_looks_up(start: Start) -> None:
    server = start(HeldEngine())
    server.guessing.train(TEACHER, server.room, 1)
    [first, *_others] = server.lesson().guess.runs
    server.runner.pause(first)
    server.change(lambda lesson: lesson.changed(eyes_up=True))
    server.guessing.go_on(TEACHER, server.room)
    assert server.runner.snapshot(first).state == RunState.PAUSED
    server.change(lambda lesson: lesson.changed(eyes_up=False))
    server.guessing.go_on(TEACHER, server.room)
    assert server.runner.snapshot(first).state.is_active


def test_what_is_trained_for_all_is_no_run_of_a_teacher_who_sits_in_the_class(start: Start) -> None:
    server = start()
    server.seats.join(TEACHER, server.rooms.taught(TEACHER, server.room).code)
    train(server)
    assert server.desk.tiles(TEACHER, server.room)[2].run is None
    assert server.desk.curves(TEACHER, server.room) == {}
    assert server.take_home.record(TEACHER, server.room).runs == ()
    own = server.runner.submit(TINY, TEACHER)
    wait_until(lambda: server.desk.curves(TEACHER, server.room))
    assert [run.id for _seat, run in server.take_home.record(TEACHER, server.room).runs] == [own]


def test_what_the_room_trains_for_its_guess_rests_while_the_class_looks_up(start: Start) -> None:
    server = start(HeldEngine())
    server.guessing.train(TEACHER, server.room, 1)
    runs = server.lesson().guess.runs

    def resting() -> set[bool]:
        server.guessing.go_on(TEACHER, server.room)
        return {server.runner.snapshot(run_id).state == RunState.PAUSED for run_id in runs}

    server.eyes_up.begin(TEACHER, server.room, runs_go_on=False)
    assert resting() == {True}
    server.eyes_up.end(TEACHER, server.room)
    assert resting() == {False}


def test_nothing_more_is_begun_for_a_teacher_who_is_forgotten(start: Start) -> None:
    server = start(HeldEngine())
    for _ in range(5):
        server.runner.submit(TINY, TEACHER)
    server.guessing.train(TEACHER, server.room, 1)
    assert server.lesson().guess.runs == (), "they wait"
    server.runner.writer.change(add_teacher, server.room, OTHER)
    forget(server.runner, ImportedNetworks(server.runner.writer), TEACHER)
    server.guessing.go_on(OTHER, server.room)
    assert server.runner.runs_of(TEACHER) == []
    assert server.rooms.taught(OTHER, server.room).lesson.guess.is_lost


def test_a_guess_whose_runs_tell_nothing_is_lost_and_another_one_is_asked(start: Start) -> None:
    server = start(HeldEngine())
    ways: list[Callable[[str], object]] = [
        server.runner.stop,
        lambda run_id: server.runner.delete([run_id]),
        lambda run_id: server.runner.set_learning_rate(run_id, 0.5),
    ]
    for number, end in enumerate(ways, start=1):
        server.guessing.train(TEACHER, server.room, number)
        end(server.lesson().guess.runs[0])
        server.guessing.go_on(TEACHER, server.room)
        assert server.lesson().guess.is_lost
        server.guessing.go_on(TEACHER, server.room)
        server.change(guessing_at(*CHANGES[1]))
        assert [guess.number for guess in server.lesson().guesses] == [number + 1]
        for run in server.runner.runs_of(TEACHER):
            server.runner.stop(run.id)


def test_a_room_that_is_deleted_while_it_trains_says_so(start: Start) -> None:
    server = start(HeldEngine())
    server.guessing.train(TEACHER, server.room, 1)
    server.rooms.delete(TEACHER, server.room)
    with pytest.raises(RoomError, match="deleted"):
        server.guessing.go_on(TEACHER, server.room)
    with pytest.raises(RoomError, match="not in a class"):
        server.answers.guess(ADA, FIRST, HIGHER)


def test_the_question_at_the_end_is_answered_once_by_each_and_anew(start: Start) -> None:
    server = start()
    server.change(asked_at_the_end("softmax"))
    for option in (None, -1, 4):
        with pytest.raises(RoomError, match="Choose an answer"):
            server.answers.answer(ADA, "exit_1", option)
    for visitor, option in ((ADA, 0), (ADA, 3), (BOB, 1)):
        server.answers.answer(visitor, "exit_1", option, "and a text")
    read = server.answers.at_the_end(TEACHER, server.room, "exit_1")
    assert read == {1: ExitAnswer(option=3), 2: ExitAnswer(option=1)}
    assert server.answers.answer_of(server.seats.of(ADA), "exit_1") == ExitAnswer(option=3)
    server.change(partial(asking.showing_answers, number=1, are_shown=True))
    with pytest.raises(RoomError, match="does not answer"):
        server.answers.answer(BOB, "exit_1", 3)
    server.change(partial(asking.showing_answers, number=1, are_shown=False))
    server.answers.answer(BOB, "exit_1", 3)


def test_a_question_of_the_teachers_own_is_answered_in_a_few_words(start: Start) -> None:
    server = start()
    for text in ("", " \u202e\n"):
        with pytest.raises(RoomError, match="type one"):
            server.change(asked_at_the_end("", text))
    server.change(asked_at_the_end("", "What\u202e was\nnew? " + "x" * 300))
    assert server.lesson().exit_question.text == ("What was new? " + "x" * 300)[:200]
    with pytest.raises(RoomError, match="Type an answer"):
        server.answers.answer(ADA, "exit_1", 0, "\u200f ")
    server.answers.answer(ADA, "exit_1", text="<b>\u2067 all\tof\x00 it " + "y" * 300)
    text = server.answers.at_the_end(TEACHER, server.room, "exit_1")[1].text
    assert text == ("<b> all of it " + "y" * 300)[:200]
    for _ in range(4):
        server.change(asked_at_the_end("weights"))
    with pytest.raises(RoomError, match="5 questions"):
        server.change(asked_at_the_end("weights"))
    assert server.answers.at_the_end(TEACHER, server.room, "exit_5") == {}, "those are of another question"


def test_the_desk_shows_who_has_not_answered(start: Start) -> None:
    server = start()

    def states() -> list[tuple[SeatState, bool]]:
        return [(tile.state, tile.has_answered) for tile in server.desk.tiles(TEACHER, server.room)]

    assert states() == [(SeatState.WORKING, False)] * 2
    server.answers.guess(ADA, FIRST, HIGHER)
    assert states() == [(SeatState.DONE, True), (SeatState.WORKING, False)]
    server.change(asked_at_the_end("weights"))
    assert states() == [(SeatState.WORKING, False)] * 2
    server.answers.answer(BOB, "exit_1", 1)
    assert states() == [(SeatState.WORKING, False), (SeatState.DONE, True)]


def test_answers_go_with_their_seat_their_visitor_and_their_room(start: Start) -> None:
    server = start()
    code = server.rooms.taught(TEACHER, server.room).code
    server.seats.join(EVE, code)
    for visitor in (ADA, BOB, EVE):
        server.answers.guess(visitor, FIRST, HIGHER)
    assert answers_kept(server) == 3
    forget(server.runner, ImportedNetworks(server.runner.writer), ADA)
    assert list(server.answers.guesses(TEACHER, server.room, FIRST)) == [2, 3]
    server.rooms.free_seat(TEACHER, server.room, 2)
    assert list(server.answers.guesses(TEACHER, server.room, FIRST)) == [3]
    assert answers_kept(server) == 1
    server.rooms.delete(TEACHER, server.room)
    assert answers_kept(server) == 0


def test_a_lesson_that_another_version_has_kept_is_there() -> None:
    assert Lesson.model_validate_json('{"step": "train", "before": ["draw"]}').guesses == ()


@pytest.mark.parametrize(("setting", "value"), CHANGES)
def test_a_guess_is_kept_as_it_was_asked(setting: str, value: object) -> None:
    lesson = asking.guessing(Lesson(), setting, value)
    assert Lesson.model_validate_json(lesson.model_dump_json()) == lesson
    guess = lesson.guess
    assert guess is not None
    assert (guess.setting, guess.value) == (setting, value)


def test_two_servers_that_go_on_at_once_leave_the_runs_of_one(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start()
    other = Guessing(server.runner, server.rooms, server.answers)
    server.change(partial(asking.training_both, number=1, visitor=TEACHER))
    begin = server.runner.submit

    def others_first(*args: Any) -> str:
        monkeypatch.undo()
        assert other.go_on(TEACHER, server.room)
        return str(begin(*args))

    monkeypatch.setattr(server.runner, "submit", others_first)
    server.guessing.go_on(TEACHER, server.room)
    assert {run.id for run in server.runner.runs_of(TEACHER)} == set(server.lesson().guess.runs)
    wait_until(lambda: server.guessing.go_on(TEACHER, server.room) and server.lesson().guess.accuracies)
    assert len(server.runner.runs_of(TEACHER)) == 6


def test_runs_that_the_lesson_cannot_note_are_not_left_behind(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start(HeldEngine())
    server.change(partial(asking.training_both, number=1, visitor=TEACHER))
    begin = server.runner.submit

    def deleted_first(*args: Any) -> str:
        monkeypatch.undo()
        server.rooms.delete(TEACHER, server.room)
        return str(begin(*args))

    monkeypatch.setattr(server.runner, "submit", deleted_first)
    with pytest.raises(RoomError, match="deleted"):
        server.guessing.go_on(TEACHER, server.room)
    assert server.runner.runs_of(TEACHER) == []
