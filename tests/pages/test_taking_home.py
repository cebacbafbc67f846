"""A teacher takes a lesson home: an archive whose figures are those of the projector, and a report to print."""

import io
import json
import zipfile
from functools import partial
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import insert

from classroom.lesson import Lesson, Step
from classroom.rules import RoomError
from model.data import mnist
from storage.room_tables import Answer, Finding
from testing import recompute
from testing.classes import Hand
from testing.pages import FILES, OpenPage
from testing.rooms import TEACHER, TaughtRoom, draw_digits
from ui.base import resources
from ui.teaching.gap import gap_of
from ui.teaching.saving import archive, report_page
from visitors.identity import visitor_id

ADA, OTHER = visitor_id("ada"), visitor_id("another teacher")
NAME = "<script>alert(1)"
MNIST = mnist.FOLDER / "test.npz"


@pytest.fixture
def room(open_page_with_database: OpenPage) -> TaughtRoom:
    """Six writers, the first of whom has a name made of markup, and one digit that is hidden."""
    open_page_with_database("home")
    taught = TaughtRoom(free_names=True)
    rng = np.random.default_rng(0)
    for number in range(6):
        pupil = visitor_id(f"pupil {number}")
        taught.seat(pupil, "" if number else NAME)
        draw_digits(pupil, 10, Hand(rng))
    assert resources.runner().writer.backlog.flush(10)
    resources.handwriting().hide(TEACHER, taught.id, 2, 0)
    return taught


def _changed(content: bytes, **files: bytes) -> io.BytesIO:
    """The archive with other contents in files, by name with ``_`` in place of ``-`` and ``.``."""
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(changed, "w") as after:
        for name in before.namelist():
            plain = name.replace("-", "_").replace(".", "_")
            after.writestr(name, files.get(plain, before.read(name)))
    return changed


def test_the_projectors_figures_follow_from_the_archive_and_from_nothing_else(
    room: TaughtRoom, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = archive(TEACHER, room.id, "en")
    file = tmp_path / "room.zip"
    file.write_bytes(content)
    assert recompute.main([str(file), "--mnist", str(MNIST)]) is None
    found = json.loads(capsys.readouterr().out)
    drawings = resources.handwriting().of_room(TEACHER, room.id)
    gap = gap_of([drawing for drawing in drawings if not drawing.is_hidden])
    assert gap is not None
    assert gap.overall.drawn is not None
    assert gap.overall.drawn.interval is not None
    shown = found["overall"]["drawn"]
    assert shown["images"] == 59
    assert shown["share"] == pytest.approx(gap.overall.drawn.share)
    assert shown["interval"] == pytest.approx(gap.overall.drawn.interval)
    labels = bytearray(zipfile.ZipFile(file).read("class-labels-idx1-ubyte"))
    labels[-1] = (labels[-1] + 1) % 10
    file.write_bytes(_changed(content, class_labels_idx1_ubyte=bytes(labels)).getvalue())
    problems = recompute.main([str(file), "--mnist", str(MNIST)])
    assert problems is not None
    assert "figures.digits" in problems
    assert "labels of drawings.npz" in problems
