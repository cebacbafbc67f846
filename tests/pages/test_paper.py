"""The teacher's page of sheets: a photo is read, rows are chosen and kept, a digit is hidden."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from model.drawing.paper import layout
from model.drawing.picture import PhotoError
from model.messages import Message
from testing.pages import FILES, OpenPage, says
from testing.rooms import TEACHER, TaughtRoom
from ui.base import resources
from ui.teaching import paper
from visitors.identity import visitor_id

ADA = visitor_id("ada")
Show = Callable[..., AppTest]


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What a photo is read as: three rows of sheet 2, until ``inks`` is another."""
    inks = np.zeros((layout.ROWS, layout.COLUMNS, 28, 28), np.uint8)
    inks[:3, :9, 4:9] = 200
    answer: dict[str, Any] = {"number": 2, "inks": inks}

    def read_sheet(file: bytes) -> tuple[int, Any]:
        if file == b"no sheet":
            raise PhotoError(
                Message("The four corner marks were not all found ({found} of 4).", {"found": 3})
            )
        return answer["number"], answer["inks"]

    monkeypatch.setattr(paper, "read_sheet", read_sheet)
    return answer


@pytest.fixture
def show(open_page_with_database: OpenPage) -> Show:
    """``show(visitor)`` opens the page for a room that the teacher has."""
    open_page_with_database("home")
    room = TaughtRoom()

    def open_at(visitor: str) -> AppTest:
        app = open_page_with_database("home", visitor=visitor)
        app.query_params["room"] = room.code
        return app.switch_page(FILES["paper"]).run()

    return open_at


def _upload(app: AppTest, content: bytes = b"photo") -> AppTest:
    return app.file_uploader[0].upload("sheet.jpg", content, "image/jpeg").run()


def _kept(app: AppTest) -> list[int | None]:
    room = resources.rooms().taught_by(TEACHER)[0]
    drawings = resources.handwriting().on_paper(TEACHER, room.id)
    return list(dict.fromkeys(drawing.paper for drawing in drawings))


def test_after_the_lesson_no_sheet_is_read_any_more(show: Show) -> None:
    [room] = resources.rooms().taught_by(TEACHER)
    assert show(TEACHER).file_uploader
    resources.rooms().keep(TEACHER, room.id)
    app = show(TEACHER)
    assert says(app, "This lesson is over.")
    assert not app.file_uploader


def test_a_teacher_keeps_the_rows_that_were_read_well(show: Show, read: dict[str, Any]) -> None:
    app = _upload(show(TEACHER), b"no sheet")
    assert says(app, "not all found (3 of 4)")
    app = _upload(app)
    assert says(app, "Sheet 2: **27** digits by 3 writers.")
    assert [box.label for box in app.checkbox] == ["Row 1", "Row 2", "Row 3"]
    app.checkbox[1].uncheck().run()
    app.button(key="keep_sheet_new").click().run()
    assert _kept(app) == [13, 15]
    assert says(app, "2 writers on paper")
    assert not app.checkbox
    # The same sheet once more.
    app = _upload(app)
    assert says(app, "Sheet 2 was kept before.")
    app.button(key="discard_sheet").click().run()
    assert not app.checkbox
    app = _upload(app)
    app.button(key="keep_sheet_add").click().run()
    assert _kept(app) == [13, 15, 61, 62, 63]
    app = _upload(app)
    app.button(key="keep_sheet_replace").click().run()
    assert _kept(app) == [13, 14, 15, 61, 62, 63]
    app.button(key="delete_paper_now").click().run()
    assert _kept(app) == []


def test_whoever_has_no_desk_is_asked_for_the_pin(show: Show, read: dict[str, Any]) -> None:
    app = show(ADA)
    assert says(app, "This page is for the teacher of a room.")
    assert not app.file_uploader
