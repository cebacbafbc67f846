"""My work: everything is exported as one file, and imported again."""

from functools import partial
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from classroom.lesson import Lesson, Step
from model.drawing.collection import submit
from testing.engines import TINY
from testing.pages import OpenPage, says
from testing.rooms import TaughtRoom
from testing.waiting import over
from ui.base import resources
from visitors.archive.writing import export

ADA, BOB = "a" * 64, "b" * 64
LINE = [np.array([[10.0, 20.0], [30.0, 200.0]])]


@pytest.fixture
def open_work(open_page_with_database: OpenPage) -> Any:
    """``open_work(visitor)`` opens My work over a database, with the archive unfolded."""
    return lambda visitor: open_page_with_database("my_work", visitor=visitor, archive_open=True)


def _archive() -> bytes:
    runner = resources.runner()
    run_id = runner.submit(TINY, ADA)
    over(runner, run_id)
    resources.own_tests().change(ADA, partial(submit, number=0, strokes=LINE))
    resources.desks().keep(ADA, recipe=TINY.with_changes(epochs=7).to_json())
    assert runner.writer.backlog.flush(10)
    return export(runner, ADA)


def _bring(app: AppTest, content: bytes) -> AppTest:
    return app.file_uploader[0].upload("digit-lab.zip", content, "application/zip").run()


def test_the_page_says_what_an_archive_is_and_offers_both_ways(open_work: Any) -> None:
    app = open_work(ADA)
    assert says(app, "All your runs, drawings, hypotheses and imported networks in one ZIP file.")
    [button] = app.get("download_button")
    assert button.proto.label.startswith("Export (about ")


def test_what_is_imported_is_on_the_page_and_on_the_desk(open_work: Any) -> None:
    app = open_work(BOB)
    app = _bring(app, content := _archive())
    assert says(app, "Imported:")
    assert says(app, "1 run\n- 1 digit of your handwriting\n- the last recipe and drawing")
    assert list(app.dataframe[0].value["epochs"]) == [3]
    assert '"epochs":7' in app.run().session_state["config"]
    assert not says(app, "Imported:"), "it is said once"
    app = _bring(app, content)
    assert says(app, "There was nothing new in the archive.")
    assert says(app, "1 run, hypothesis or network was already here")
    assert says(app, "The digits of your handwriting that are here stay")
    assert len(app.dataframe[0].value) == 1


def test_another_file_is_refused_in_a_sentence_and_nothing_changes(open_work: Any) -> None:
    app = open_work(BOB)
    app = _bring(app, _archive()[:-1])
    assert says(app, "cannot be read as an archive of Digit Lab")
    assert not says(app, "Imported:")
    assert says(app, "No run yet.")


def test_the_page_says_of_how_many_runs_the_weights_do_not_fit(
    open_work: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_work(ADA)
    _archive()
    monkeypatch.setattr("visitors.archive.format.WRITTEN_BYTES", 1)
    app.run()
    assert says(app, "the oldest run comes with its curves, but without weights")


def test_who_has_a_seat_imports_digits_only_while_the_class_draws(open_work: Any) -> None:
    open_work(BOB)
    content = _archive()
    room = TaughtRoom()
    room.seat(BOB)
    room.teach(lambda lesson: lesson.at(Step.TRAIN))
    app = _bring(open_work(BOB), content)
    assert says(app, "closed while your class is at another step")
    assert resources.runner().runs_of(BOB) == []
    room.teach(Lesson.undone)
    assert says(_bring(open_work(BOB), content), "Imported:")
