"""A room over two servers and one PostgreSQL: the teacher at one of them, the pupils at the other."""

import threading
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import update

from classroom import asking, guessing
from classroom.lesson import Lesson, Step
from classroom.questions import CHANGES
from classroom.rules import RoomError
from classroom.teaching_it import TeachingIt, TeachingState
from model import worker
from model.config import TrainingConfig
from model.data import mnist
from model.data.mnist import LabelledImages
from model.drawing.collection import submit
from model.evaluation import teaching
from model.evaluation.hypothesis import Guess
from model.export.weights_file import to_npz
from model.inference import Network
from model.slices import Arrays, initial_state
from model.starter import recording
from runs.records import RunState
from storage import writer as storage_writer
from storage.backlog import Key
from storage.database import at_address
from storage.tables import Server
from storage.visitors import DeskChange
from testing import postgresql as postgres
from testing.class_server import ClassServer, class_server
from testing.engines import TINY, HeldEngine, InlineEngine
from testing.waiting import wait_until
from visitors.identity import visitor_id
from visitors.imported_networks import ImportedNetworks

TEACHER, ADA, BOB = visitor_id("the teacher"), visitor_id("ada"), visitor_id("bob")
LINE = [np.array([[10.0, 20.0], [30.5, 200.25], [31.0, 210.0]])]
LONG = TINY.with_changes(epochs=50)

Serve = Callable[..., ClassServer]


@pytest.fixture
def serve(postgresql: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """``serve(engine)`` is one more server over the same database."""
    monkeypatch.setattr(storage_writer, "_LOOKS_AFTER", 0.1)
    address = postgres.new_database(postgresql)
    servers: list[ClassServer] = []

    def new(engine: Any = None) -> ClassServer:
        servers.append(class_server(at_address(address, tmp_path), engine))
        return servers[-1]

    yield new
    for server in servers:
        server.runner.close(0.1)


def _open(server: ClassServer) -> tuple[str, str]:
    room_id, _pin = server.rooms.open(TEACHER, is_operator=True)
    return room_id, server.rooms.taught(TEACHER, room_id).code


def _draw(server: ClassServer, visitor: str) -> None:
    server.own.change(visitor, partial(submit, number=0, strokes=LINE))
    assert server.runner.writer.backlog.flush(10)


def test_pupils_join_draw_follow_and_leave_at_another_server(serve: Serve) -> None:
    desk, pupils = serve(), serve()
    room_id, code = _open(desk)
    assert [pupils.seats.join(pupil, code).number for pupil in (ADA, BOB)] == [1, 2]
    for pupil in (ADA, BOB):
        _draw(pupils, pupil)
    assert [tile.drawn for tile in desk.desk.tiles(TEACHER, room_id)] == [1, 1]
    desk.rooms.change(TEACHER, room_id, lambda lesson: lesson.at(Step.OUR_HANDWRITING))
    assert len(pupils.handwriting.of_class(ADA)) == 2
    desk.handwriting.hide(TEACHER, room_id, 1, 0)
    assert [drawing.seat for drawing in pupils.handwriting.of_class(ADA)] == [2]
    pupils.seats.want_help(BOB, True)
    assert [tile.seat.wants_help for tile in desk.desk.tiles(TEACHER, room_id)] == [False, True]
    desk.rooms.free_seat(TEACHER, room_id, 1)
    assert pupils.seats.of(ADA) is None
    with pytest.raises(RoomError):
        pupils.handwriting.of_class(ADA)
    desk.rooms.keep(TEACHER, room_id)
    assert pupils.seats.of(BOB) is None


def test_eyes_up_closes_the_pages_and_pauses_the_runs_of_another_server(serve: Serve) -> None:
    engine = HeldEngine()
    desk, pupils = serve(), serve(engine)
    room_id, code = _open(desk)
    desk.rooms.change(TEACHER, room_id, lambda lesson: lesson.at(Step.TRAIN))
    for pupil in (ADA, BOB):
        pupils.seats.join(pupil, code)
        pupils.runner.submit(LONG, pupil)
    assert pupils.runner.writer.backlog.flush(10)
    desk.eyes_up.begin(TEACHER, room_id, runs_go_on=False)
    with pytest.raises(RoomError):
        pupils.seats.on_page(ADA, "train")

    def states() -> set[RunState]:
        return {run.state for pupil in (ADA, BOB) for run in pupils.runner.runs_of(pupil)}

    wait_until(lambda: states() == {RunState.PAUSED}, 2, "the runs' rest")
    desk.eyes_up.end(TEACHER, room_id)
    wait_until(lambda: states() == {RunState.WAITING}, 2, "their going on")
    assert pupils.seats.on_page(ADA, "train").number == 1


def test_a_class_guesses_and_both_are_trained_once_whichever_server_is_asked(serve: Serve) -> None:
    engine = HeldEngine()
    desk, wall = serve(engine), serve(InlineEngine())
    room_id, code = _open(desk)
    wall.seats.join(ADA, code)

    def asks(lesson: Lesson) -> Lesson:
        return asking.guessing(lesson, *CHANGES[0]).at(Step.GUESS)

    desk.rooms.change(TEACHER, room_id, asks)
    guess = desk.rooms.taught(TEACHER, room_id).lesson.guess
    assert guess is not None
    wall.answers.guess(ADA, guess.question, Guess.HIGHER)
    [votes] = desk.guessing.votes(TEACHER, room_id, guess)
    assert votes[Guess.HIGHER] == 1
    desk.guessing.train(TEACHER, room_id, guess.number)
    # The projector looks at runs of which its server knows from the database alone.
    progress = wall.guessing.go_on(TEACHER, room_id)
    assert progress is not None
    assert (progress.done, progress.count) == (0, 6)

    def result() -> Any:
        if engine.held:
            engine.release()
        for server in (desk, wall):
            server.guessing.go_on(TEACHER, room_id)
        guess = wall.rooms.taught(TEACHER, room_id).lesson.guess
        assert guess is not None
        assert not guess.is_lost
        return guess.accuracies

    assert wait_until(result, 20, "the result") == ((0.05,) * 3, (0.05,) * 3)
    assert len(desk.runner.runs_of(TEACHER)) == 6, "no run was begun twice"


def test_no_server_takes_runs_of_a_guess_for_deleted_that_are_not_written_yet(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guessing, "_PATIENCE", 0.1)
    desk, wall = serve(HeldEngine()), serve()
    room_id, _code = _open(desk)
    desk.rooms.change(TEACHER, room_id, lambda lesson: asking.guessing(lesson, *CHANGES[0]).at(Step.GUESS))
    writes = threading.Event()
    take = desk.runner.writer.backlog.take

    def take_later(most: int, seconds: float) -> Any:
        writes.wait(10)
        return take(most, seconds)

    desk.runner.writer.backlog.take = take_later  # type: ignore[method-assign]
    # What the writer is at just now it still takes.
    desk.runner.writer.backlog.put(Key("desk", TEACHER), DeskChange(TEACHER, None, None))
    desk.guessing.train(TEACHER, room_id, 1)
    wall.guessing.go_on(TEACHER, room_id)
    guess = wall.rooms.taught(TEACHER, room_id).lesson.guess
    assert guess is not None
    assert not guess.is_lost
    writes.set()


def test_teaching_it_is_seen_at_another_server_and_not_begun_twice(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "fine_tune", _pretend)
    monkeypatch.setattr(teaching, "_SPLITS", 3)
    engine = HeldEngine()
    desk, other = serve(engine), serve(InlineEngine())
    room_id, code = _open(desk)
    for pupil in (ADA, BOB):
        other.seats.join(pupil, code)
        _draw(other, pupil)
    desk.rooms.change(TEACHER, room_id, lambda lesson: lesson.at(Step.TEACH_IT))
    here, there = _teaching_it(desk), _teaching_it(other)
    here.begin(TEACHER, room_id)
    engine.wait_for(1)
    assert there.of_class(ADA) == TeachingState(None, here.of_room(TEACHER, room_id).work)
    there.begin(TEACHER, room_id)
    assert there._work == {}, "the other server computes nothing"

    def ended() -> bool:
        if engine.held:
            engine.release()
        return there.of_room(TEACHER, room_id).work is None

    wait_until(ended, 10, "the end of the teaching")
    assert there.of_class(ADA).finding is not None
    assert there.of_class(ADA) == here.of_class(ADA)
    here.begin(TEACHER, room_id)
    assert there.of_room(TEACHER, room_id).work
    with other.runner.writer.database.writing() as connection:  # type: ignore[union-attr]
        connection.execute(update(Server).where(Server.id == desk.runner.writer.server).values(lease_until=0))
    assert there.of_room(TEACHER, room_id).work is None, "a dead server is at nothing"


def test_a_network_that_was_deleted_at_one_server_is_gone_at_the_other(serve: Serve) -> None:
    one, other = serve(), serve()
    config = TrainingConfig(hidden_layers=(8,))
    network = Network.from_arrays(initial_state(config).weights, config.activation)
    name = ImportedNetworks(one.runner.writer).add(ADA, to_npz(network, config, 3))
    assert one.runner.writer.backlog.flush(10)
    elsewhere = ImportedNetworks(other.runner.writer)
    assert elsewhere.of(ADA) == [name]
    assert elsewhere.named(name) is not None
    ImportedNetworks(one.runner.writer).delete(ADA, [name])
    wait_until(lambda: elsewhere.named(name) is None, 2, "its being gone")
    assert elsewhere.summary(name) is None


def _pretend(_config: object, weights: Arrays, _images: LabelledImages) -> Arrays:
    return weights


@cache
def _few_test_images() -> LabelledImages:
    images = mnist.load("test")
    return LabelledImages(images.images[:50], images.labels[:50])


def _teaching_it(server: ClassServer) -> TeachingIt:
    of_class = (server.runner, server.rooms, server.seats, server.handwriting)
    return TeachingIt(*of_class, cache(recording.load), _few_test_images)
