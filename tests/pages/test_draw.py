"""Draw beside the drawing: photos, test images, and the steps from the drawing to the ink."""

from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from model.drawing.strokes import as_path, strokes_of_paths
from testing.pages import OpenPage, says, texts
from testing.strokes import photo, sent, seven, side_by_side
from ui.components.drawing import Pen, Size, Tool
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
    assert app.number_input(key="test_image").value != 1


def test_a_photo_is_read(open_page: OpenPage) -> None:
    app = open_page("draw", source=Source.PHOTO)
    assert says(app, "No photo yet. Choose one.")
    app.file_uploader(key="photo").upload("seven.png", photo(), "image/png").run()
    assert says(app, "Read as 7")


def test_a_photo_of_a_number_says_so_and_lets_a_visitor_choose_the_digit(open_page: OpenPage) -> None:
    app = open_page("draw", source=Source.PHOTO)
    twelve = (PHOTOS / "07-two-digits-12.jpg").read_bytes()
    app.file_uploader(key="photo").upload("twelve.jpg", twelve, "image/jpeg").run()
    assert says(app, "Number: 12")
    assert says(app, "Read as 1")
    app.session_state["digit_of_number"] = 1
    app.run()
    assert says(app, "Read as 2")


def test_a_number_on_the_pad_is_read_and_each_of_its_digits_opens(open_page: OpenPage) -> None:
    app = open_page("draw", steps_open=True, **sent(list(chain(*side_by_side("27")))))
    assert says(app, "Number: 27")
    assert says(app, "Click a digit")
    assert says(app, "Read as 2")
    app.session_state["digit_of_number"] = 1
    app.run()
    assert says(app, "Read as 7")
    assert _steps_of(app), "the steps are those of the digit"
    app.button(key="undo").click().run()
    assert not says(app, "Number: 27")
    assert says(app, "Read as 2"), "there is no second digit to look at any more"


def test_what_looks_like_no_digit_in_a_number_is_a_question_mark(open_page: OpenPage) -> None:
    two, seven = side_by_side("27", gap=140)
    plus = [np.array([[226.0, 75.0], [286.0, 75.0]]), np.array([[256.0, 45.0], [256.0, 105.0]])]
    app = open_page("draw", **sent([0.6 * stroke for stroke in (*two, *plus, *seven)]))
    assert says(app, "Number: 2?7")


def test_home_reads_a_number_too(open_page: OpenPage) -> None:
    assert says(open_page("home", **sent(list(chain(*side_by_side("27"))))), "Number: 27")


def test_a_drawing_grows_and_shrinks_with_its_pad(open_page: OpenPage) -> None:
    app = open_page("draw", **seven())
    before = next(text for text in texts(app) if text.startswith("Read as 7"))
    for size in (Size.LARGE, Size.WIDE, Size.NORMAL):
        app.segmented_control(key="pad_size").set_value(size).run()
        assert app.session_state["pad"]["size"] == size
        assert says(app, before)


def test_the_eraser_takes_a_stroke(open_page: OpenPage) -> None:
    strokes = list(chain(*side_by_side("27")))
    app = open_page("draw", **sent(strokes))
    eraser = as_path((strokes[-1][:2]).tolist(), "#f0975a", 18)
    state = sent(strokes)
    state["canvas_1"]["drawing"]["raw"]["objects"].append(eraser)
    app.session_state["canvas_1"] = state["canvas_1"]
    app.run()
    assert len(app.session_state["pad"]["objects"]) == len(strokes) - 1
    assert says(app, "Read as 2")
    app.session_state["canvas_1"] = sent(strokes[:-1])["canvas_1"]
    app.button(key="undo").click().run()
    assert says(app, "Number: 27"), "what it took comes back"


@pytest.mark.parametrize("size", Size)
def test_a_blank_pad_of_any_size_asks_for_a_digit(open_page: OpenPage, size: Size) -> None:
    app = open_page("draw", **seven())
    app.segmented_control(key="pad_size").set_value(size).run()
    app.button(key="clear").click().run()
    assert not app.error
    assert says(app, "The canvas is blank")


def test_sizes_there_and_back_leave_a_drawing_as_large_as_it_was(open_page: OpenPage) -> None:
    app = open_page("draw", **seven())
    for size in (Size.WIDE, Size.NORMAL, Size.LARGE, Size.WIDE, Size.NORMAL):
        app.segmented_control(key="pad_size").set_value(size).run()
    (drawn,) = strokes_of_paths(app.session_state["pad"]["objects"])
    assert np.ptp(drawn[:, 1]) == pytest.approx(165, abs=1)


def test_a_drawing_is_still_there_after_the_keyboard_was_in_the_hand(open_page: OpenPage) -> None:
    app = open_page("draw", **seven())
    for tool in (Tool.KEYBOARD, Tool.PEN):
        app.segmented_control(key="tool").set_value(tool).run()
        assert says(app, "Read as 7")


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
    assert any(sentence in error.value for error in app.error)
    assert says(app, "There is no digit to read.")
    assert not says(app, "No photo yet"), "there is one, though it cannot be read"
    components = [element.proto.component_name for element in app.get("bidi_component")]
    assert "digitlab_lens" in components, "the next stroke is answered"
    assert app.button(key="undo")
    assert app.button(key="next")


def test_a_photo_is_read_once(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_page("draw", source=Source.PHOTO)
    app.file_uploader(key="photo").upload("seven.png", photo(), "image/png").run()
    monkeypatch.setattr("model.photo_reader.read_picture", lambda *_: pytest.fail("read again"))
    monkeypatch.setattr("ui.reading.source.decode", lambda *_: pytest.fail("decoded again"))
    app.run()
    assert says(app, "Read as 7")


def test_a_photo_that_lies_on_its_side_is_hinted_at(open_page: OpenPage) -> None:
    lying = BytesIO()
    Image.open(PHOTOS / "plain-good-7.jpg").transpose(Image.Transpose.ROTATE_270).save(lying, "PNG")
    hint = "Is the photo on its side?"
    app = open_page("draw", source=Source.PHOTO)
    app.file_uploader(key="photo").upload("lying.png", lying.getvalue(), "image/png").run()
    assert says(app, hint)
    app.button(key="turn_photo").click().run()
    assert says(app, "Read as 7")
    assert not says(app, hint)


def test_the_camera_is_offered_where_the_page_may_use_it(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sources(address: str) -> list[str]:
        monkeypatch.setattr("ui.reading.source.page_address", lambda: address)
        group: Any = next(group for group in open_page("draw").get("button_group") if group.key == "source")
        return list(group.options)

    assert "Camera" in sources("https://school.example/draw")
    assert "Camera" in sources("http://localhost:8501/draw")
    assert "Camera" not in sources("http://192.168.1.20:8501/draw")


def test_the_camera_asks_for_a_photo_to_be_taken(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.reading.source.page_address", lambda: "https://school.example/draw")
    assert says(open_page("draw", source=Source.CAMERA), "No photo yet. Take one.")


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
    assert len(set(_steps_of(app))) == 1, "without any step, all pictures are the canvas"


def test_the_drawn_step_shows_lines_as_they_were_drawn_whatever_pen_is_set_now(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[Any] = []
    app = open_page("draw", **sent(list(chain(*side_by_side("27")))))
    assert app.segmented_control(key="pen_width").value == Pen.MEDIUM
    monkeypatch.setattr("ui.draw.page.show_steps", lambda _image, drawing: shown.append(drawing.widths))
    app.session_state["steps_open"] = True
    for pen in (Pen.THIN, Pen.THICK):
        app.segmented_control(key="pen_width").set_value(pen).run()
        assert shown.pop() == [18], "of the stroke of the 2"


def test_a_picture_has_no_strokes_to_draw_anew(open_page: OpenPage) -> None:
    app = open_page("draw", steps_open=True, source=Source.TEST, test_image=1)
    assert app.toggle(key="step_inked_True").disabled
    assert len(_steps_of(app)) == len(STEPS)


@pytest.mark.parametrize("panel", ["steps_open", "depends_open"])
def test_a_panel_of_a_blank_says_what_to_do(open_page: OpenPage, panel: str) -> None:
    app = open_page("draw", **{panel: True})
    assert says(app, "Draw a digit first.")


def test_what_is_folded_is_not_computed(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise AssertionError("computed though it is folded")

    monkeypatch.setattr("ui.draw.page.show_steps", refuse)
    monkeypatch.setattr("ui.draw.page.show_dependence", refuse)
    assert not open_page("draw", **seven()).exception
