"""A teacher takes a lesson home: an archive with the projector's figures, and a report without names."""

import html
import io
import json
import zipfile
from dataclasses import asdict
from functools import partial
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import insert
from streamlit.testing.v1 import AppTest

from classroom import asking
from classroom.handwriting import digits_of
from classroom.lesson import Lesson, Step
from model.data import mnist
from model.evaluation import teaching
from model.evaluation.teaching import teach
from storage.room_tables import Answer, Finding
from testing import recompute
from testing.classes import Hand
from testing.pages import FILES, OpenPage, says
from testing.rooms import TEACHER, TaughtRoom, draw_digits
from ui.base import resources
from ui.teaching.gap import gap_of
from ui.teaching.report import lesson_report
from ui.teaching.saving import files
from visitors.identity import visitor_id

PUPILS = [visitor_id(f"pupil {number}") for number in range(6)]
NAME = "<script>alert(1)"
MNIST = str(mnist.FOLDER / "test.npz")


@pytest.fixture
def room(open_page_with_database: OpenPage) -> TaughtRoom:
    """Six writers, the first of whom has a name made of markup, and one digit that is hidden."""
    open_page_with_database("home")
    taught = TaughtRoom(free_names=True)
    rng = np.random.default_rng(0)
    for number, pupil in enumerate(PUPILS):
        taught.seat(pupil, "" if number else NAME)
        draw_digits(pupil, 10, Hand(rng))
    assert resources.runner().writer.backlog.flush(10)
    resources.handwriting().hide(TEACHER, taught.id, 2, 0)
    return taught


def _keep(room: TaughtRoom, kind: str, content: object) -> None:
    """Let the room have found something out."""
    database = resources.runner().writer.database
    assert database is not None
    found = {"room_id": room.id, "kind": kind, "content": json.dumps(content), "found_at": 1.0}
    with database.writing() as connection:
        connection.execute(insert(Finding), found)


def _answer(room: TaughtRoom, question: str, *contents: object) -> None:
    """Let the first pupils answer."""
    database = resources.runner().writer.database
    assert database is not None
    with database.writing() as connection:
        for seat, content in zip(resources.rooms().seats(TEACHER, room.id), contents, strict=False):
            said = {"seat_id": seat.id, "question": question, "content": json.dumps(content)}
            connection.execute(insert(Answer), {**said, "answered_at": 1.0})


def _problems(content: bytes, folder: Path, **changed: bytes) -> str | None:
    """What the independent script finds wrong in an archive with other contents in these files, by the first
    word of their names."""
    file = folder / "room.zip"
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(file, "w") as after:
        for name in before.namelist():
            after.writestr(name, changed.get(name.split(".")[0].replace("-", "_"), before.read(name)))
    return recompute.main([str(file), "--mnist", MNIST])


def _read(content: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(name)


def test_the_projectors_figures_follow_from_the_archive_and_from_nothing_else(
    room: TaughtRoom, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teaching, "_SPLITS", 3)
    _page, content = files(TEACHER, room.id)
    assert _problems(content, tmp_path) is None
    shown = json.loads(capsys.readouterr().out)["overall"]["drawn"]
    drawn = [one for one in resources.handwriting().of_room(TEACHER, room.id) if not one.is_hidden]
    gap = gap_of(drawn)
    assert gap is not None
    assert gap.overall.drawn is not None
    assert gap.overall.drawn.interval is not None
    assert shown["images"] == 59
    assert shown["share"] == pytest.approx(gap.overall.drawn.share)
    assert shown["interval"] == pytest.approx(gap.overall.drawn.interval)
    labels = bytearray(_read(content, "class-labels-idx1-ubyte"))
    labels[-1] = (labels[-1] + 1) % 10
    problems = _problems(content, tmp_path, class_labels_idx1_ubyte=bytes(labels))
    assert problems is not None
    assert "figures.digits" in problems
    assert "labels of drawings.npz" in problems
    # Taught by what changes nothing: whoever is tested was read as well before.
    network = resources.recording()
    recipe, weights, test = network.config, network.weights[-1], resources.test_images()
    taught = teach(recipe, weights, digits_of(drawn), test, lambda _config, same, _images: same, seed=3)
    digits = recompute.Archive(io.BytesIO(content)).checksums
    _keep(room, "teach_it", {"teaching": asdict(taught), "digits": digits, "seed": 3})
    page, content = files(TEACHER, room.id)
    assert "Teach it our handwriting" in page
    assert _problems(content, tmp_path) is None
    said = json.loads(_read(content, "findings.json"))
    said["teach_it"]["content"]["seed"] = 4
    problems = _problems(content, tmp_path, findings=json.dumps(said).encode())
    assert problems is not None
    assert "teach_it.gains[0].before" in problems


def test_an_archive_of_too_few_digits_for_figures_is_nothing_wrong(
    open_page_with_database: OpenPage, tmp_path: Path
) -> None:
    open_page_with_database("home")
    taught = TaughtRoom()
    assert _problems(files(TEACHER, taught.id)[1], tmp_path) is None
    taught.seat(PUPILS[0])
    draw_digits(PUPILS[0], 3, Hand(np.random.default_rng(0)))
    assert resources.runner().writer.backlog.flush(10)
    assert _problems(files(TEACHER, taught.id)[1], tmp_path) is None


class _Elements(HTMLParser):
    """The names of all elements, and where they would load something from."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.sources: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.sources |= {(value or "")[:5] for name, value in attrs if name in ("src", "href", "srcset")}


def _english(page: str) -> list[str]:
    """The texts without the angle brackets in which every text of ours stands in Esperanto."""
    lines = page.split("<body>")[1].replace("<strong>", "").replace("</strong>", "")
    texts = [html.unescape(part.rpartition(">")[2]).strip() for part in lines.split("<")]
    return [text for text in texts if text.isascii() and any(map(str.isalpha, text))]


def test_the_report_has_the_lesson_and_neither_a_name_nor_anything_from_elsewhere(
    room: TaughtRoom, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    for step in Step:
        room.teach(partial(Lesson.at, step=step))
    for number in (1, 2):
        room.teach(partial(asking.guessing, setting="learning_rate", value=0.1))
        _answer(room, f"guess_{number}_round_1", *({"guess": "higher", "why": NAME} for _ in PUPILS[:4]))
    for place, count in ((0, 3), (2, 2)):
        room.teach(partial(asking.counting_hands, question="guess_2_round_1", place=place, count=count))
    room.teach(partial(asking.training_both, number=2, visitor=TEACHER))
    accuracies = ((0.9, 0.9, 0.9), (0.92, 0.92, 0.92))
    room.teach(partial(asking.changing_guess, number=2, accuracies=accuracies))
    room.teach(partial(asking.asking_at_the_end, prepared="weights", text=""))
    room.teach(partial(asking.asking_at_the_end, prepared="", text="What was new & <i>odd</i>?"))
    _answer(room, "exit_1", {"option": 2, "text": ""}, {"option": 1, "text": ""}, "other")
    _answer(room, "exit_2", {"option": None, "text": "<b>because</b>"})
    page, content = files(TEACHER, room.id)
    assert page == _read(content, "report.html").decode()
    elements = _Elements(page)
    assert elements.names.isdisjoint({"script", "link", "iframe", "b", "object", "form"})
    assert elements.sources == {"data:"}
    assert "url(" not in page
    assert "@page" in page
    seats = resources.rooms().seats(TEACHER, room.id)
    private = ["alert", "because", *(seat.code for seat in seats), *(seat.animal for seat in seats)]
    assert [word for word in private if word in page] == []
    facts = ["6 pupils", "Draw · Guess", "<strong>59</strong> digits by 6 writers", "<td>94.9%</td>"]
    assert [said for said in (room.code, *facts) if said not in page] == []
    guessed, chosen, in_words = page.split("<h2>Guess together")[1].split("<h2>Exit question")
    assert "<td>Learning rate: 0.1 instead of 0.01</td><td>1</td><td>7</td><td>0</td><td>2</td>" in guessed
    assert guessed.count("instead of 0.01") == 2, "not the guess for which another one was asked"
    assert "<strong>B is higher</strong> by 2.00 percentage points." in guessed
    assert "<td>Its weights and biases (right)</td><td>1</td>" in chosen
    assert "<td>The number of its layers</td><td>1</td>" in chosen
    assert "What was new &amp; &lt;i&gt;odd" in in_words
    assert "1 answered in words." in in_words
    questions = json.loads(_read(content, "questions.json"))
    assert questions["guesses"][0]["hands"][0] == [3, 0, 2]
    assert questions["exit_questions"][0]["options"][questions["exit_questions"][0]["right"]] in page
    assert TEACHER not in json.dumps(questions), "nobody learns whose runs those were"
    assert _read(content, "data_card.md").startswith(b"# Data card")
    assert "made up" not in page
    room.teach(partial(Lesson.changed, is_rehearsal=True, exit_questions=()))
    page, content = files(TEACHER, room.id)
    made_up = (page, *(_read(content, name).decode() for name in ("README.txt", "data_card.md")))
    assert all("made up" in file for file in made_up)
    request.getfixturevalue("esperanto")
    page, content = files(TEACHER, room.id)
    assert _english(page) == []
    assert _read(content, "data_card.md").startswith("⟨# Data card".encode())
    monkeypatch.setattr(lesson_report, "step_name", lambda _step: NAME)
    assert "script" not in _Elements(files(TEACHER, room.id)[0]).names, "whatever gets in is escaped"


def test_a_teacher_saves_during_the_lesson_and_after_it_and_nobody_else_does(
    room: TaughtRoom, open_page_with_database: OpenPage
) -> None:
    def show(page: str, visitor: str) -> AppTest:
        app = open_page_with_database("home", visitor=visitor)
        app.query_params["room"] = room.code
        return app.switch_page(FILES[page]).run()

    def saves(app: AppTest) -> list[str]:
        return [button.proto.label.split(" (")[0] for button in app.get("download_button")]

    def links(app: AppTest) -> list[str]:
        return [link.proto.page for link in app.get("page_link")]

    app = show("desk", TEACHER).button(key="save_lesson").click().run()
    assert saves(app) == ["Save everything", "Save the report"]
    for visitor in (PUPILS[0], visitor_id("another teacher")):
        app = show("take_home", visitor)
        assert says(app, "This page is for the teacher of a room.")
        assert saves(app) == []
    resources.rooms().keep(TEACHER, room.id)
    assert "take_home" in links(show("teach", TEACHER))
    assert saves(show("take_home", TEACHER)) == ["Save everything", "Save the report"]
