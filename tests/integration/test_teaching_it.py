"""Teach it, on both databases: who may begin it and see it, and whatever ends before its end."""

from collections.abc import Callable, Iterator
from functools import cache, partial
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from classroom.handwriting import digits_of
from classroom.lesson import Step
from classroom.rules import RoomError
from classroom.teaching_it import TeachingIt, TeachingState
from model import worker
from model.data import mnist
from model.data.mnist import LabelledImages
from model.drawing.collection import submit
from model.evaluation import teaching
from model.slices import Arrays
from model.starter import recording
from runs.engine import EngineState, EngineStatus
from runs.problems import engine_shut_down
from storage import findings
from testing.class_server import ClassServer, class_server
from testing.engines import INSTANT, HeldEngine
from testing.storage import Open
from testing.waiting import wait_until
from visitors.identity import visitor_id

TEACHER, OTHER = visitor_id("the teacher"), visitor_id("another teacher")
ADA, BOB, EVE = visitor_id("ada"), visitor_id("bob"), visitor_id("eve")
LINE = [np.array([[10.0, 20.0], [30.5, 200.25], [31.0, 210.0]])]
# Fine-tunings of a class of two: each of them teaches and is tested on in each split.
SPLITS = ALL = 3

NETWORK = cache(recording.load)


@cache
def _test_images() -> LabelledImages:
    images = mnist.load("test")
    return LabelledImages(images.images[:50], images.labels[:50])


def _pretend(_config: object, weights: Arrays, _images: LabelledImages) -> Arrays:
    return weights


Start = Callable[..., Any]


@pytest.fixture
def start(open_database: Open, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """``start()`` is a server, after the former one has ended, over another engine if that is named."""
    monkeypatch.setattr(worker, "fine_tune", _pretend)
    monkeypatch.setattr(teaching, "_SPLITS", SPLITS)
    servers: list[ClassServer] = []

    def new(engine: Any = None) -> Any:
        if servers:
            servers[-1].runner.close(2)
        servers.append(server := class_server(open_database(), engine))
        of_class = (server.runner, server.rooms, server.seats, server.handwriting)
        teaching_it = TeachingIt(*of_class, NETWORK, _test_images)
        return SimpleNamespace(engine=engine, teaching=teaching_it, **vars(server))

    yield new
    servers[-1].runner.close(2)


def _open(server: Any, pupils: tuple[str, ...] = (ADA, BOB), teacher: str = TEACHER) -> str:
    """A room whose pupils have drawn a digit each and look at Teach it."""
    room_id, _pin = server.rooms.open(teacher, is_operator=True)
    code = server.rooms.taught(teacher, room_id).code
    for pupil in pupils:
        server.seats.join(pupil, code)
        _draw(server, pupil, 0)
    server.rooms.change(teacher, room_id, lambda lesson: lesson.at(Step.TEACH_IT))
    return str(room_id)


def _draw(server: Any, visitor: str, number: int) -> None:
    server.own.change(visitor, partial(submit, number=number, strokes=LINE))
    assert server.runner.writer.backlog.flush(10)


def _at_its_end(server: Any, room_id: str, teacher: str = TEACHER) -> TeachingState:
    """After whatever is computed there; an engine that holds its calls is let go."""
    engine = server.engine

    def ended() -> TeachingState | None:
        if isinstance(engine, HeldEngine) and engine.held:
            engine.release()
        state: TeachingState = server.teaching.of_room(teacher, room_id)
        return None if state.work else state

    return wait_until(ended, 10, "the end of the teaching")


def _problem(server: Any, room_id: str) -> str:
    """Why it has ended."""
    return str(_at_its_end(server, room_id).problem or "")


def test_the_teacher_begins_it_and_the_class_reads_what_came_of_it(start: Start) -> None:
    server = start()
    room_id = _open(server)
    assert server.teaching.of_class(ADA) == server.teaching.of_room(TEACHER, room_id) == TeachingState(None)
    server.teaching.begin(TEACHER, room_id)
    state = _at_its_end(server, room_id)
    assert state.finding is not None
    assert (state.finding.teaching.writers, state.finding.teaching.splits) == (2, SPLITS)
    assert state.finding.teaching.gains[-1].interval is None, "two writers cannot tell"
    assert server.teaching.of_class(ADA) == state
    server = start()
    assert server.teaching.of_class(BOB) == state
    server.runner.writer.change(findings.keep, room_id, "teach_it", '{"kept": "by another version"}')
    assert server.teaching.of_class(BOB) == TeachingState(None), "it can be computed again"


def test_hidden_drawings_do_not_count_and_what_was_drawn_or_hidden_since_is_counted(start: Start) -> None:
    server = start()
    room_id = _open(server)
    _draw(server, ADA, 1)
    server.handwriting.hide(TEACHER, room_id, 1, 1)
    server.teaching.begin(TEACHER, room_id)
    finding = _at_its_end(server, room_id).finding
    assert finding is not None
    assert len(finding.digits) == 2
    assert finding.changes(digits_of(server.handwriting.of_class(ADA))) == 0
    server.handwriting.hide(TEACHER, room_id, 1, 0)
    server.handwriting.hide(TEACHER, room_id, 1, 1, is_hidden=False)
    _draw(server, BOB, 1)
    assert finding.changes(digits_of(server.handwriting.of_class(ADA))) == 3
    server.handwriting.hide(TEACHER, room_id, 2, 0)
    server.handwriting.hide(TEACHER, room_id, 2, 1)
    with pytest.raises(RoomError, match="Two writers"):
        server.teaching.begin(TEACHER, room_id)
    assert server.teaching.of_room(TEACHER, room_id) == TeachingState(finding)


def test_a_room_computes_one_at_a_time_and_each_has_one_call_in_the_engine(start: Start) -> None:
    engine = HeldEngine()
    server = start(engine)
    room_id = _open(server)
    other_id = _open(server, (visitor_id("carl"), EVE), OTHER)
    for _ in range(3):
        server.teaching.begin(TEACHER, room_id)
    server.teaching.begin(OTHER, other_id)
    engine.wait_for(2)
    assert server.teaching.of_class(ADA).work.all == ALL
    for _ in range(2):
        engine.release()
        engine.wait_for(2)
    assert engine.most_in_flight == 2
    works = [server.teaching.of_room(*own).work for own in ((TEACHER, room_id), (OTHER, other_id))]
    assert sum(work.done for work in works) == 2
    assert _at_its_end(server, room_id).finding is not None
    assert _at_its_end(server, other_id, OTHER).finding is not None
    assert len(engine.submitted) == 2 * ALL


def test_a_worker_that_dies_costs_a_call_and_one_that_always_dies_is_said(start: Start) -> None:
    engine = HeldEngine()
    server = start(engine)
    room_id = _open(server)
    server.teaching.begin(TEACHER, room_id)
    engine.release(INSTANT)
    finding = _at_its_end(server, room_id).finding
    assert finding is not None
    assert len(engine.submitted) == ALL + 1
    server.teaching.begin(TEACHER, room_id)
    for _ in range(3):
        engine.release(INSTANT)
    assert "ended 3 times" in _problem(server, room_id)
    assert server.teaching.of_room(TEACHER, room_id).finding == finding, "the former result stays"
    assert server.teaching.of_class(ADA) == TeachingState(finding)
    server.teaching.begin(TEACHER, room_id)
    assert _at_its_end(server, room_id) == TeachingState(finding)


@pytest.mark.parametrize("error", [MemoryError(), ZeroDivisionError("by {0}")])
def test_any_other_error_is_a_sentence_and_the_teacher_can_begin_again(
    start: Start, error: Exception
) -> None:
    engine = HeldEngine()
    server = start(engine)
    room_id = _open(server)
    server.teaching.begin(TEACHER, room_id)
    engine.release(ZeroDivisionError("by {0}"))
    assert "by {0}" in _problem(server, room_id)
    server.teaching.begin(TEACHER, room_id)
    assert _at_its_end(server, room_id).finding is not None


def test_an_engine_that_failed_is_started_again(start: Start) -> None:
    class Failed(HeldEngine):
        def status(self) -> EngineStatus:
            problem = None if self.state == EngineState.READY else engine_shut_down()
            return EngineStatus(self.state, 1.0, problem)

    engine = Failed(state=EngineState.FAILED)
    server = start(engine)
    room_id = _open(server)
    server.teaching.begin(TEACHER, room_id)
    assert "was shut down" in _problem(server, room_id)
    wait_until(lambda: engine.starts == 2, 5, "another start of the engine")
    assert engine.submitted == []
    engine.become(EngineState.READY)
    server.teaching.begin(TEACHER, room_id)
    assert _at_its_end(server, room_id).finding is not None


def test_after_a_killed_server_the_teacher_begins_again(start: Start) -> None:
    engine = HeldEngine()
    former = start(engine)
    room_id = _open(former)
    former.teaching.begin(TEACHER, room_id)
    engine.wait_for(1)
    server = start()
    assert server.teaching.of_room(TEACHER, room_id) == TeachingState(None)
    submitted = len(engine.submitted)
    engine.break_worker()
    wait_until(lambda: former.teaching._problems.get(room_id), 5, "the end of the former server's thread")
    assert len(engine.submitted) == submitted, "a server that ends begins nothing"
    server.teaching.begin(TEACHER, room_id)
    assert _at_its_end(server, room_id).finding is not None


def test_of_a_room_that_is_deleted_meanwhile_nothing_is_kept(start: Start) -> None:
    engine = HeldEngine()
    server = start(engine)
    room_id = _open(server)
    server.teaching.begin(TEACHER, room_id)
    server.rooms.delete(TEACHER, room_id)

    def ended() -> bool:
        if engine.held:
            engine.release()
        return room_id not in server.teaching._work

    wait_until(ended, 10, "the end of the teaching")
    assert server.teaching._state(room_id) == TeachingState(None)


def test_only_the_teacher_begins_it_and_only_at_its_step(start: Start) -> None:
    server = start()
    room_id = _open(server)
    _open(server, (EVE,), OTHER)
    for visitor in (OTHER, ADA, EVE):
        for attempt in (server.teaching.begin, server.teaching.of_room):
            with pytest.raises(RoomError, match="Only the teacher"):
                attempt(visitor, room_id)
    server.rooms.change(TEACHER, room_id, lambda lesson: lesson.at(Step.OUR_HANDWRITING))
    with pytest.raises(RoomError, match="at the step Teach it"):
        server.teaching.begin(TEACHER, room_id)
    server.rooms.change(TEACHER, room_id, lambda lesson: lesson.at(Step.TEACH_IT))
    server.rooms.keep(TEACHER, room_id)
    with pytest.raises(RoomError, match="over"):
        server.teaching.begin(TEACHER, room_id)
    assert server.teaching.of_room(TEACHER, room_id) == TeachingState(None)


def test_the_class_alone_reads_it_and_only_while_it_may(start: Start) -> None:
    server = start()
    room_id = _open(server)
    _open(server, (EVE,), OTHER)
    server.teaching.begin(TEACHER, room_id)
    finding = _at_its_end(server, room_id).finding
    assert server.teaching.of_class(EVE) == TeachingState(None), "of another class"
    with pytest.raises(RoomError, match="not in a class"):
        server.teaching.of_class(visitor_id("a stranger"))

    def change(**fields: object) -> None:
        server.rooms.change(TEACHER, room_id, lambda lesson: lesson.changed(**fields))

    change(step=Step.OUR_HANDWRITING)
    with pytest.raises(RoomError, match="another step"):
        server.teaching.of_class(ADA)
    change(is_everything_open=True)
    assert server.teaching.of_class(ADA).finding == finding
    change(step=Step.TEACH_IT, eyes_up=True)
    with pytest.raises(RoomError, match="Eyes up"):
        server.teaching.of_class(ADA)
    change(eyes_up=False, is_everything_open=False)
    assert len(server.handwriting.of_class(ADA)) == 2, "the class's digits are open beside it"
    server.rooms.keep(TEACHER, room_id)
    with pytest.raises(RoomError, match="not in a class"):
        server.teaching.of_class(ADA)
