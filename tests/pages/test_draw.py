"""Draw beside the drawing: photos, test images, and the steps from the drawing to the ink."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from testing.pages import OpenPage, says, texts
from testing.strokes import photo, seven
from ui.reading.source import Source

PHOTOS = Path(__file__).parents[1] / "unit/photos"
STEPS = ["drawn", "cropped", "scaled", "inked", "centred"]


def test_a_test_image_is_read_and_its_label_is_told(open_page: OpenPage) -> None:
    app = open_page("draw", source=Source.TEST, test_image=1)
    assert says(app, "Read as 7")
    assert says(app, "Label: 7")
    assert not says(app, "The canvas is blank")


def test_another_test_image_is_one_click_away(open_page: OpenPage) -> None:
    app = open_page("draw", source=Source.TEST, test_image=1)
    for _ in range(3):
        app.button(key="another_test_image").click().run()
    assert not app.exception
    assert app.number_input(key="test_image").value != 1


def test_a_photo_is_read(open_page: OpenPage) -> None:
    app = open_page("draw", source=Source.PHOTO)
    assert says(app, "No photo yet")
    app.file_uploader(key="photo").upload("seven.png", photo(), "image/png").run()
    assert says(app, "Read as 7")


def test_a_photo_of_a_number_says_so_and_lets_a_visitor_choose_the_digit(open_page: OpenPage) -> None:
    app = open_page("draw", source=Source.PHOTO)
    twelve = (PHOTOS / "07-two-digits-12.jpg").read_bytes()
    app.file_uploader(key="photo").upload("twelve.jpg", twelve, "image/jpeg").run()
    assert says(app, "Several digits: the starter reads **12**.")
    assert says(app, "Read as 1")
    digit: Any = next(group for group in app.get("button_group") if "photo_digit" in str(group.key))
    digit.set_value(1).run()
    assert not app.exception
    assert says(app, "Read as 2")


def test_a_photo_that_lies_on_its_side_is_turned_by_a_button(open_page: OpenPage) -> None:
    lying = BytesIO()
    Image.open(BytesIO(photo())).transpose(Image.Transpose.ROTATE_270).save(lying, "PNG")
    app = open_page("draw", source=Source.PHOTO)
    app.file_uploader(key="photo").upload("lying.png", lying.getvalue(), "image/png").run()
    app.button(key="turn_photo").click().run()
    assert says(app, "Read as 7")
    app.file_uploader(key="photo").upload("seven.png", photo(), "image/png").run()
    assert says(app, "Read as 7"), "another photo stands as it was taken"


@pytest.mark.parametrize(
    ("content", "sentence"), [(b"seven", "This file cannot be read"), (b"", "This file cannot be read")]
)
def test_a_file_that_is_no_photo_is_a_sentence_and_the_pad_stays(
    open_page: OpenPage, content: bytes, sentence: str
) -> None:
    app = open_page("draw", source=Source.PHOTO, **seven())
    app.file_uploader(key="photo").upload("seven.png", content, "image/png").run()
    assert not app.exception
    assert any(sentence in error.value for error in app.error)
    assert says(app, "No photo yet")
    components = [element.proto.component_name for element in app.get("bidi_component")]
    assert "digitlab_lens" in components, "the next stroke is answered"
    assert app.button(key="undo")
    assert app.button(key="next")


def test_a_photo_is_read_once(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_page("draw", source=Source.PHOTO)
    app.file_uploader(key="photo").upload("seven.png", photo(), "image/png").run()
    monkeypatch.setattr("model.photo_reader.read_photo", lambda *_: pytest.fail("read again"))
    app.run()
    assert says(app, "Read as 7")


def test_whoever_draws_is_back_at_the_drawing(open_page: OpenPage) -> None:
    app = open_page("draw", source=Source.TEST, test_image=2)
    assert says(app, "Read as 2")
    for key, value in seven().items():
        app.session_state[key] = value
    app.run()
    assert says(app, "Read as 7")
    assert app.session_state["source"] == Source.PAD


def _steps_of(app: AppTest) -> list[str]:
    """The probability under each of the five pictures."""
    return [shown for shown in texts(app) if shown.removeprefix("**").startswith("7: ")]


def test_the_steps_end_at_the_answer_of_the_page_and_each_can_be_switched_off(open_page: OpenPage) -> None:
    app = open_page("draw", steps_open=True, **seven())
    shown = _steps_of(app)
    assert len(shown) == len(STEPS)
    answer = next(text for text in texts(app) if text.startswith("Read as 7"))
    assert shown[-1].strip("*").split(": ")[1] == answer.split(": ")[1]
    for step in STEPS[1:]:
        app.toggle(key=f"step_{step}_False").set_value(False)
    app.run()
    assert not app.exception
    assert len(set(_steps_of(app))) == 1, "without any step, all pictures are the canvas"


def test_a_picture_has_no_strokes_to_draw_anew(open_page: OpenPage) -> None:
    app = open_page("draw", steps_open=True, source=Source.TEST, test_image=1)
    assert app.toggle(key="step_inked_True").disabled
    assert len(_steps_of(app)) == len(STEPS)


@pytest.mark.parametrize("panel", ["steps_open", "depends_open"])
def test_a_panel_of_a_blank_says_what_to_do(open_page: OpenPage, panel: str) -> None:
    app = open_page("draw", **{panel: True})
    assert not app.exception
    assert says(app, "Draw a digit first.")


def test_what_is_folded_is_not_computed(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise AssertionError("computed though it is folded")

    monkeypatch.setattr("ui.draw.page.show_steps", refuse)
    monkeypatch.setattr("ui.draw.page.show_dependence", refuse)
    assert not open_page("draw", **seven()).exception
