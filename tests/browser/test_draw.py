"""Draw without a pen, and the visitor's own test, as a visitor works with them."""

import io
import re
from itertools import chain

import numpy as np
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import FilePayload, Page, expect

from testing.chromium import settle
from testing.hand import draw, strokes_on_screen, wait_for_blank
from testing.navigation import visit
from testing.strokes import photo, side_by_side


def test_with_the_keyboard_alone_a_test_image_is_picked_and_its_answer_heard(page: Page) -> None:
    page.goto("/draw")
    expect(page.get_by_role("heading", name="The canvas is blank")).to_be_visible()
    choice = page.get_by_role("radio", name="Drawing")
    expect(choice).to_be_visible()
    _tab_to(page, "Drawing")
    expect(choice).to_be_focused()
    # Past the photo and the camera, which a page from the machine itself may use.
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    number = page.get_by_role("spinbutton", name="Test image")
    expect(number).to_be_visible()
    _tab_to(page, "Test image")
    page.keyboard.press("Control+a")
    page.keyboard.type("2")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Read as 2")).to_be_visible()
    expect(page.locator(".st-key-lens [aria-live]")).to_contain_text("Read as 2")
    expect(page.get_by_role("heading", name="The canvas is blank")).to_have_count(0)


def test_with_the_keyboard_alone_a_photo_is_uploaded(page: Page) -> None:
    seven = FilePayload(name="seven.png", mimeType="image/png", buffer=photo())
    # Long before the key: Chromium needs a moment until it hands over what it would open.
    page.on("filechooser", lambda chooser: chooser.set_files(seven))
    page.goto("/draw")
    expect(page.get_by_role("radio", name="Drawing")).to_be_visible()
    _tab_to(page, "Drawing")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="No photo yet")).to_be_visible()
    _tab_to(page, "Upload")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Read as 7")).to_be_visible()


def _choose_tool(page: Page, name: str) -> None:
    page.locator(".st-key-tools button:visible").first.click()
    page.get_by_role("radio", name=name).click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("radio", name=name)).to_have_count(0)
    settle(page)


def test_a_canvas_that_comes_again_stands_where_it_shall_since_its_files_are_kept(page: Page) -> None:
    canvas = page.locator("canvas.upper-canvas")
    page.goto("/draw")
    expect(canvas).to_be_visible()
    page.reload()
    expect(canvas).to_be_visible()
    fetched = page.evaluate(
        "performance.getEntriesByType('resource').filter(({ name }) => name.includes('drawable-canvas'))"
        ".map(({ name, transferSize }) => [name.split('.').pop(), transferSize])"
    )
    assert sorted(fetched) == [["css", 0], ["js", 0]]


@pytest.mark.parametrize("page_name", ["", "own_test"])
def test_a_finger_finds_nothing_but_the_pad_at_its_upper_right(phone: Page, page_name: str) -> None:
    phone.goto(f"/{page_name}")
    canvas = phone.locator("canvas.upper-canvas")
    expect(canvas).to_be_visible()
    for x in (150, 200, 242, 265, 275):
        canvas.tap(position={"x": x, "y": 8}, trial=True)


def test_a_number_on_the_wide_pad_of_a_phone_is_read_digit_by_digit(phone: Page) -> None:
    phone.goto("/draw")
    _choose_tool(phone, "Wide, for numbers")
    canvas = phone.locator(".st-key-sheet_wide canvas.upper-canvas")
    canvas.hover(position={"x": 2, "y": 2})
    box = canvas.bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= 390
    shown = box["width"] / 560
    for stroke in chain(*side_by_side("27")):
        x, y = box["x"] + stroke[:, 0] * shown, box["y"] + stroke[:, 1] * shown
        phone.mouse.move(x[0], y[0])
        phone.mouse.down()
        for place in zip(x[1:], y[1:], strict=True):
            phone.mouse.move(*place, steps=5)
        phone.mouse.up()
    expect(phone.get_by_role("heading", name="Number: 27")).to_be_visible()
    expect(phone.get_by_role("heading", name="Read as 2")).to_be_visible()
    phone.locator(".st-key-digits_of_number").get_by_role("button").nth(1).click()
    expect(phone.get_by_role("heading", name="Read as 7")).to_be_visible()


def test_with_the_keyboard_alone_a_digit_is_drawn(page: Page) -> None:
    page.goto("/")
    _choose_tool(page, "Keyboard")
    pad = page.get_by_role("application", name="Drawing pad for the keyboard")
    pad.focus()
    page.keyboard.press("Space")
    for _ in range(14):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    expect(page.get_by_role("heading", name="Read as 1")).to_be_visible()
    expect(pad).to_be_focused()
    _choose_tool(page, "Pen")
    expect(page.locator("canvas.upper-canvas")).to_be_visible()
    expect(page.get_by_role("heading", name="Read as 1")).to_be_visible()


def test_the_eraser_takes_the_stroke_that_it_crosses_and_the_page_around_is_left_alone(page: Page) -> None:
    received: list[str | bytes] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: received.append(frame)))
    page.goto("/draw")
    draw(page, 7)
    expect(page.get_by_role("heading", name="Read as 7")).to_be_visible()
    _choose_tool(page, "Eraser")
    expect(page.locator(".st-key-tools button").first).to_contain_text("ink_eraser")
    settle(page)
    (stroke, *_others) = strokes_on_screen(page, 7)
    of_navigation = b"My handwriting"
    assert any(of_navigation in _bytes(message) for message in received)
    received.clear()
    page.mouse.move(stroke[1][0] - 20, stroke[1][1] - 20)
    page.mouse.down()
    page.mouse.move(stroke[1][0] + 20, stroke[1][1] + 20, steps=8)
    page.mouse.up()
    expect(page.get_by_role("heading", name="The canvas is blank")).to_be_visible()
    wait_for_blank(page)
    settle(page)
    assert received
    assert not any(of_navigation in _bytes(message) for message in received)


def _bytes(message: str | bytes) -> bytes:
    return message.encode() if isinstance(message, str) else message


def test_a_frame_says_which_digit_in_a_photo_is_meant(page: Page) -> None:
    image = Image.new("L", (640, 480), 230)
    for stroke in chain(*side_by_side("27", height=300, gap=80)):
        ImageDraw.Draw(image).line(
            [(x, y + 60) for x, y in stroke.tolist()], fill=30, width=12, joint="curve"
        )
    file = io.BytesIO()
    image.save(file, "PNG")
    page.goto("/draw")
    page.get_by_role("radio", name="Photo").click()
    page.locator("input[type=file]").set_input_files(
        FilePayload(name="number.png", mimeType="image/png", buffer=file.getvalue())
    )
    expect(page.get_by_role("heading", name="Number: 27")).to_be_visible()
    page.get_by_text("Draw a frame around the digit").click()
    canvas = page.locator("canvas.upper-canvas").nth(1)
    expect(canvas).to_be_visible()
    settle(page)
    canvas.hover(position={"x": 2, "y": 2})
    box = canvas.bounding_box()
    assert box is not None
    corners = ((0.35, 0.1), (0.75, 0.85))
    (left, top), (right, bottom) = [
        (box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in corners
    ]
    page.mouse.move(left, top)
    page.mouse.down()
    page.mouse.move(right, bottom, steps=8)
    page.mouse.up()
    expect(page.get_by_role("heading", name="Read as 7")).to_be_visible()
    expect(page.get_by_role("heading", name="Number: 27")).to_have_count(0)


def test_steps_and_reasons_unfold_under_a_drawing_and_stay_unfolded(page: Page) -> None:
    page.goto("/draw")
    draw(page, 4)
    expect(page.get_by_role("heading", name="Read as 4")).to_be_visible()
    page.get_by_text("Preprocessing").click()
    expect(page.get_by_text(re.compile(r"^4: "))).to_have_count(5)
    page.get_by_text("Explain this prediction").click()
    expect(page.get_by_text("integrated gradients")).to_be_visible()
    page.get_by_role("button", name="Clear", exact=True).click()
    expect(page.get_by_text("Draw a digit first.")).to_have_count(2)
    settle(page)
    wait_for_blank(page)
    draw(page, 7)
    expect(page.get_by_text(re.compile(r"^7: "))).to_have_count(5)
    expect(page.get_by_text("integrated gradients")).to_be_visible()


def test_in_the_own_test_the_bars_come_after_the_submit_and_the_digits_can_be_taken_home(page: Page) -> None:
    page.goto("/own_test")
    lens = page.locator(".st-key-lens")
    for drawn in range(2):
        asked = int(page.get_by_role("heading", name=re.compile("^Draw the digit")).inner_text()[-1])
        wait_for_blank(page)
        draw(page, asked)
        submit = page.get_by_role("button", name="Submit")
        expect(submit).to_be_enabled()
        expect(page.get_by_role("radio", name="mouse")).to_be_checked()
        if not drawn:
            expect(lens).to_have_count(0)
        submit.click()
        expect(page.get_by_text(f"Asked for {asked}, read as {asked}: correct.")).to_be_visible()
        expect(page.get_by_text(f"Drawn: {drawn + 1}, skipped: 0")).to_be_visible()
        expect(submit).to_be_disabled()
    page.get_by_role("button", name="Skip").click()
    expect(page.get_by_text("Drawn: 2, skipped: 1")).to_be_visible()
    settle(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Strokes (NPZ)").click()
    with np.load(io.BytesIO(download.value.path().read_bytes()), allow_pickle=False) as strokes:
        assert len(strokes["labels"]) == 2
    visit(page, "Evaluate")
    page.get_by_role("radio", name="Your digits").click()
    expect(page.locator(".st-key-confusion_own")).to_be_visible()


def _tab_to(page: Page, name: str) -> None:
    """Once the page stands still, press Tab until the name of what is focused has ``name`` in it."""
    settle(page)
    for _ in range(60):
        page.keyboard.press("Tab")
        label = page.evaluate(
            "(() => { const at = document.activeElement; return at.matches('button, input')"
            " ? at.ariaLabel || at.innerText || at.labels?.[0]?.innerText || at.value : '' })()"
        )
        if name in label:
            return
    raise AssertionError(f"Tab never reaches {name}")
