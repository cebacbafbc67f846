"""A lesson as one archive, on both databases: all that was made in class, once, and for its teacher alone."""

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from sqlalchemy import insert

from classroom.archive import lesson_record
from classroom.archive.lesson_record import LessonRecord, TakeHome
from classroom.archive.writing import write
from classroom.handwriting import Handwriting
from classroom.rooms import Rooms
from classroom.rules import RoomError
from classroom.seats import Seats
from model.data.idx import from_idx
from model.drawing.collection import Pointer, submit
from model.evaluation.hypothesis import Guess
from model.starter import recording
from runs.runner import Runner
from storage import rooms
from storage.room_tables import Answer, Finding
from storage.writer import Writer
from testing.engines import TINY, InlineEngine, learn
from testing.storage import Open
from testing.waiting import over
from visitors.hypotheses import Hypotheses, Hypothesis, trials
from visitors.identity import visitor_id
from visitors.own_tests import OwnTests

TEACHER, OTHER = visitor_id("the teacher"), visitor_id("another teacher")
ADA, BOB = visitor_id("ada"), visitor_id("bob")
NAME, WHY = "=cmd|'/c calc'!A0", "+1-2, because it takes <b>smaller</b> steps"


@pytest.fixture
def server(open_database: Open) -> Iterator[Any]:
    runner = Runner(InlineEngine(), learn, Writer(open_database()))
    assert runner.writer.wait_until_open(20)
    rooms, seats, own = Rooms(runner.writer), Seats(runner.writer), OwnTests(runner.writer)
    take_home = TakeHome(runner.writer, rooms, Handwriting(runner.writer, rooms, seats, own))
    yield SimpleNamespace(runner=runner, rooms=rooms, seats=seats, own=own, take_home=take_home)
    runner.close(2)


def _open(server: Any) -> tuple[str, str]:
    """The id and the code of a room in which names may be chosen."""
    room_id, _pin = server.rooms.open(TEACHER, is_operator=True, free_names=True)
    return room_id, server.rooms.taught(TEACHER, room_id).code


def _draw(server: Any, visitor: str, count: int, pointer: Pointer | None = None) -> None:
    """Let a visitor draw digits, every one in other strokes."""
    first = len(server.own.of(visitor).trials)
    for number in range(first, first + count):
        rng = np.random.default_rng([number, len(visitor), ord(visitor[0])])
        strokes = [rng.uniform(0, 280, (points, 2)) for points in rng.integers(2, 9, 2)]
        server.own.change(visitor, partial(submit, number=number, strokes=strokes, pointer=pointer))
    assert server.runner.writer.backlog.flush(10)


def _files(lesson: LessonRecord) -> dict[str, bytes]:
    content = write(lesson, recording.load(), None, {"report.html": "<p>"})
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def _table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def _drawn(content: bytes) -> dict[tuple[str, int], list[list[list[float]]]]:
    """By writer and number, the strokes of each digit; and none twice."""
    arrays = np.load(io.BytesIO(content))
    found = {}
    ends, digits = arrays["stroke_offsets"], arrays["sample_offsets"]
    for place, key in enumerate(zip(arrays["writers"].tolist(), arrays["numbers"].tolist(), strict=True)):
        assert key not in found
        own = range(digits[place], digits[place + 1])
        found[key] = [arrays["points"][ends[stroke] : ends[stroke + 1]].tolist() for stroke in own]
    return found


def test_every_drawing_is_in_the_archive_once_with_its_strokes_and_those_that_count_as_mnists_are(
    server: Any,
) -> None:
    room_id, code = _open(server)
    for visitor in (ADA, BOB):
        server.seats.join(visitor, code)
    _draw(server, ADA, 43, Pointer.PEN)
    _draw(server, BOB, 2)
    server.take_home._handwriting.hide(TEACHER, room_id, 2, 1)
    lesson = server.take_home.record(TEACHER, room_id)
    files = _files(lesson)
    submitted = {
        (writer, number): [stroke.tolist() for stroke in trial.strokes]
        for writer, visitor in (("1", ADA), ("2", BOB))
        for number, trial in enumerate(server.own.of(visitor).trials)
    }
    assert len(submitted) == 45
    assert _drawn(files["drawings.npz"]) == submitted
    arrays = np.load(io.BytesIO(files["drawings.npz"]))
    measured, hidden = arrays["measured"], arrays["hidden"]
    assert [measured.sum(), hidden.sum()] == [41, 1], "the newest 40 of Ada's, and one of Bob's"
    assert not measured[:3].any()
    assert not measured[hidden].any()
    assert np.array_equal(from_idx(files["class-images-idx3-ubyte"]), arrays["images"][measured])
    assert np.array_equal(from_idx(files["class-labels-idx1-ubyte"]), arrays["labels"][measured])
    written = [(row["writer"], row["pointer"]) for row in _table(files["class-writers.csv"])]
    assert written == [("1", "pen")] * 40 + [("2", "")]
    inks = [trial.ink for visitor in (ADA, BOB) for trial in server.own.of(visitor).trials]
    assert np.array_equal(arrays["images"], np.round(np.stack(inks) * 255))


def test_runs_hypotheses_answers_and_findings_are_tables_that_a_spreadsheet_does_not_compute(
    server: Any,
) -> None:
    room_id, code = _open(server)
    hypotheses = Hypotheses(server.runner.writer)
    guessed = Hypothesis(guess=Guess.HIGHER, why=WHY, trials=trials(TINY, TINY.with_changes(epochs=4), 2))
    hypotheses.keep(ADA, guessed.model_copy(update={"why": "before the lesson", "name": "a" * 16}))
    assert server.runner.writer.backlog.flush(10)
    server.seats.join(ADA, code, NAME)
    server.seats.join(BOB, code)
    hypotheses.keep(ADA, guessed)
    over(server.runner, server.runner.submit(TINY, ADA), 10)
    server.runner.join()
    with server.runner.writer.database.writing() as connection:
        seat = server.seats.of(ADA).id
        said = {"seat_id": seat, "question": "exit_1", "content": '"@SUM(1)"', "answered_at": 1.5}
        found = {"room_id": room_id, "kind": "teach_it", "content": '{"seed": 3}', "found_at": 2.5}
        connection.execute(insert(Answer), said)
        connection.execute(insert(Finding), found)
    files = _files(server.take_home.record(TEACHER, room_id))
    [run] = _table(files["runs.csv"])
    assert (run["seat"], run["name"], run["state"], run["epochs_done"]) == ("1", f"'{NAME}", "finished", "3")
    assert (run["hidden_layers"], run["batch_size"]) == ("8", "512")
    curve = _table(files["curves.csv"])
    assert [row["epoch"] for row in curve] == ["0", "1", "2", "3"]
    assert [row["validation_accuracy"] for row in curve] == ["0.0", "0.01", "0.02", "0.03"]
    [row] = _table(files["hypotheses.csv"])
    assert (row["setting"], row["a"], row["b"], row["guess"]) == ("epochs", "3", "4", "higher")
    assert row["why"] == f"'{WHY}"
    [answer] = _table(files["answers.csv"])
    assert (answer["question"], answer["content"], answer["seat"]) == ("exit_1", '"@SUM(1)"', "1")
    assert json.loads(files["findings.json"])["teach_it"] == {"found_at": 2.5, "content": {"seed": 3}}
    with np.load(io.BytesIO(files["network.npz"])) as network:
        assert np.array_equal(network["kernel_1"], recording.load().weights[-1][0])
    assert code in files["README.txt"].decode()


def test_nobody_but_its_teacher_takes_a_lesson_home(server: Any) -> None:
    room_id, code = _open(server)
    server.seats.join(ADA, code)
    server.rooms.open(OTHER, is_operator=True)
    for visitor in (ADA, OTHER, visitor_id("nobody")):
        with pytest.raises(RoomError, match="Only the teacher"):
            server.take_home.record(visitor, room_id)
    server.rooms.keep(TEACHER, room_id)
    assert len(server.take_home.record(TEACHER, room_id).seats) == 1, "also when it is over"
    server.rooms.delete(TEACHER, room_id)
    with pytest.raises(RoomError, match="deleted"):
        server.take_home.record(TEACHER, room_id)


def test_of_a_writer_without_end_the_newest_strokes_fit_and_all_images(
    server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    room_id, code = _open(server)
    for visitor in (ADA, BOB):
        server.seats.join(visitor, code)
    _draw(server, ADA, 50)
    _draw(server, BOB, 3)
    monkeypatch.setattr(lesson_record, "MAX_POINTS", 200)
    lesson = server.take_home.record(TEACHER, room_id)
    files = _files(lesson)
    strokes = _drawn(files["drawings.npz"])
    bare = [key for key, own in strokes.items() if not own]
    assert len(strokes) == 53
    assert 30 < len(bare) == lesson.without_strokes < 50
    assert all(writer == "1" for writer, _number in bare)
    assert strokes["1", 49]
    assert f"Of {len(bare)} digits" in files["README.txt"].decode()
    assert np.load(io.BytesIO(files["drawings.npz"]))["images"].any(axis=(1, 2)).all()


def test_an_archive_reads_what_each_seat_has_drawn_once(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    room_id, code = _open(server)
    for visitor in (ADA, BOB, OTHER):
        server.seats.join(visitor, code)
        _draw(server, visitor, 2)
    read: list[int] = []
    drawings = rooms.drawings

    def counted(*args: Any) -> Any:
        found = drawings(*args)
        read.append(len(found))
        return found

    monkeypatch.setattr(rooms, "drawings", counted)
    assert len(server.take_home.record(TEACHER, room_id).drawings) == 6
    assert sum(read) == 6, "not all of them for each seat"


def test_a_room_in_which_nothing_was_made_is_an_archive_too(server: Any) -> None:
    room_id, _code = _open(server)
    files = _files(server.take_home.record(TEACHER, room_id))
    assert from_idx(files["class-images-idx3-ubyte"]).shape == (0, 28, 28)
    assert not _table(files["runs.csv"])
    assert files["drawings.png"].startswith(b"\x89PNG")
