"""Photos of digits on paper, made up from test images and from strokes, and files that are none."""

import json
import struct
import zlib
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy import ndimage

from model.data import mnist
from model.drawing.photo import candidates
from model.drawing.picture import PhotoError, open_picture
from model.photo_reader import read_picture
from model.starter import starter
from testing.photos.files import FORMATS, encoded
from testing.photos.reading import read_photo
from testing.photos.scenes import SCENES, Scene
from testing.strokes import DIGITS

Grey = NDArray[np.float64]
STARTER = starter.load()


def _file(grey: Grey, kind: str = "JPEG", **options: Any) -> bytes:
    written = BytesIO()
    Image.fromarray((255 * np.clip(grey, 0, 1)).astype(np.uint8)).save(written, kind, **options)
    return written.getvalue()


def _light(shape: tuple[int, ...], rng: np.random.Generator) -> Grey:
    """A lamp from one side, darker corners, the edge of a shadow, and the noise of a camera."""
    y, x = np.mgrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j]
    turn = rng.uniform(0, 2 * np.pi)
    along = x * np.cos(turn) + y * np.sin(turn)
    shadow = 1 - 0.3 / (1 + np.exp(-(along - rng.uniform(-0.5, 0.5)) * 12))
    return np.asarray((0.75 + 0.15 * along) * (1 - 0.15 * (x**2 + y**2)) * shadow)


def _photo_of(ink: Grey, rng: np.random.Generator, blackboard: bool = False) -> Grey:
    """``ink`` of 140x140 pixels somewhere on a larger page, in bad light."""
    page = np.zeros((300, 400))
    top, left = rng.integers(20, 300 - 160), rng.integers(20, 400 - 160)
    page[top : top + 140, left : left + 140] = ink
    page = ndimage.rotate(page, rng.uniform(-6, 6), reshape=False, order=1)
    light = _light(page.shape, rng)
    grey = light * (0.25 + 0.6 * page) if blackboard else light * (1 - 0.75 * page)
    return np.asarray(grey + rng.normal(0, 0.02, page.shape))


def _drawn(digit: int, pen: int) -> Grey:
    image = Image.new("L", (280, 280))
    draw = ImageDraw.Draw(image)
    for stroke in DIGITS[digit]:
        points = [(280 * x, 280 * y) for x, y in stroke]
        draw.line(points, fill=255, width=pen)
        for x, y in points:
            draw.ellipse((x - pen / 2, y - pen / 2, x + pen / 2, y + pen / 2), fill=255)
    return np.asarray(image, np.float64) / 255


def _halved(grey: Grey) -> Grey:
    return np.asarray(grey.reshape(len(grey) // 2, 2, -1, 2).mean(axis=(1, 3)))


def _answer(file: bytes) -> int:
    return int(read_photo(file, STARTER).number)


@pytest.mark.parametrize(
    ("pen", "blackboard"),
    [(5, False), (12, True), (30, False)],
    ids=["ballpoint", "chalk", "marker"],
)
@pytest.mark.parametrize("digit", DIGITS)
def test_a_photo_of_a_digit_is_read_whatever_the_pen_and_the_light(
    digit: int, pen: int, blackboard: bool
) -> None:
    photo = _photo_of(_halved(_drawn(digit, pen)), np.random.default_rng(digit), blackboard)
    assert _answer(_file(photo, quality=60)) == digit


def test_photos_of_test_images_are_read_nearly_as_well_as_the_images() -> None:
    test, rng = mnist.load("test"), np.random.default_rng(1)
    chosen = rng.choice(10_000, 24, replace=False)
    right = 0
    for number in chosen:
        image = Image.fromarray(test.images[number].reshape(28, 28))
        ink = np.asarray(image.resize((140, 140), Image.Resampling.BICUBIC), np.float64) / 255
        right += _answer(_file(_photo_of(ink, rng), quality=70)) == test.labels[number]
    assert right / len(chosen) >= 0.95


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_is_turned_as_the_camera_says(orientation: int) -> None:
    upright = Image.fromarray((255 * (1 - 0.8 * np.pad(_drawn(7, 14), 60))).astype(np.uint8))
    turns = Image.Transpose
    # What undoes each orientation of EXIF 2.3, tag 274.
    back = {
        2: turns.FLIP_LEFT_RIGHT,
        3: turns.ROTATE_180,
        4: turns.FLIP_TOP_BOTTOM,
        5: turns.TRANSPOSE,
        6: turns.ROTATE_90,
        7: turns.TRANSVERSE,
        8: turns.ROTATE_270,
    }
    stored = upright.transpose(back[orientation]) if orientation in back else upright
    exif = Image.Exif()
    exif[274] = orientation
    written, as_it_is = BytesIO(), BytesIO()
    stored.save(written, "JPEG", exif=exif)
    upright.save(as_it_is, "JPEG")
    turned, wanted = (open_picture(file.getvalue()).astype(int) for file in (written, as_it_is))
    # JPEG rounds in blocks, which are others in a picture that is turned.
    assert np.abs(turned - wanted).mean() < 1


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_is_read(mode: str) -> None:
    grey = Image.fromarray((255 * (1 - np.pad(_drawn(3, 16), 40))).astype(np.uint8))
    if mode == "I;16":
        picture = Image.fromarray(np.asarray(grey, np.uint16) * 257)
    else:
        picture = grey.convert("RGB").convert(mode) if mode in {"P", "RGBA"} else grey.convert(mode)
    written = BytesIO()
    picture.save(written, "PNG")
    assert _answer(written.getvalue()) == 3


def test_what_is_transparent_is_paper() -> None:
    ink = Image.new("RGBA", (360, 360), (0, 0, 0, 0))
    ink.putalpha(Image.fromarray((255 * np.pad(_drawn(5, 16), 40)).astype(np.uint8)))
    written = BytesIO()
    ink.save(written, "PNG")
    assert _answer(written.getvalue()) == 5


def test_a_cmyk_photo_is_read() -> None:
    picture = Image.fromarray((255 * (1 - np.pad(_drawn(2, 16), 40))).astype(np.uint8)).convert("CMYK")
    written = BytesIO()
    picture.save(written, "JPEG")
    assert _answer(written.getvalue()) == 2


CASES = Path(__file__).parent / "photos"
LABELS: dict[str, int | str] = json.loads((CASES / "labels.json").read_text("utf-8"))


@pytest.mark.parametrize("name", LABELS)
def test_a_photo_of_a_kind_that_once_failed_is_read(name: str) -> None:
    assert read_photo((CASES / name).read_bytes(), STARTER).number == str(LABELS[name])


def _smaller_photo_of(scene: Scene, name: str, rng: np.random.Generator) -> bytes:
    """As a file of the format ``name``, not longer than is needed to see a pen's line."""
    picture = scene.picture.copy()
    picture.thumbnail((480, 480))
    return encoded(picture, name, rng)[0]


def test_photos_as_people_take_them_are_read_but_for_a_few() -> None:
    """One of each scene; ``benchmarks.photos`` counts many, of full size."""
    wrong = []
    for number, (kind, make) in enumerate(SCENES.items()):
        rng = np.random.default_rng([7, number])
        scene = make(rng)
        if _number_in(_smaller_photo_of(scene, scene.format, rng)) != scene.label:
            wrong.append(kind)
    assert len(wrong) <= 1, wrong


@pytest.mark.parametrize("name", FORMATS)
def test_a_photo_is_read_in_every_format(name: str) -> None:
    rng = np.random.default_rng(7)
    scene = SCENES["plain"](rng)
    assert _number_in(_smaller_photo_of(scene, name, rng)) == scene.label


def _touching(number: str) -> Grey:
    """Two digits, the second as far to the right as their lines still meet."""
    first, second = (_drawn(int(digit), 14) for digit in number)
    for away in range(280, 0, -4):
        left, right = np.pad(first, ((0, 0), (0, away))), np.pad(second, ((0, 0), (away, 0)))
        if (left * right).sum() > 60:
            break
    return np.pad(np.maximum(left, right), 60)


@pytest.mark.parametrize("number", ["14", "36", "71"])
def test_two_digits_that_touch_are_a_doubtful_number(number: str) -> None:
    reading = read_photo(_file(1 - 0.8 * _halved(_touching(number)), "PNG"), STARTER)
    assert reading.number == number
    assert reading.is_doubtful


def test_the_paper_within_digits_that_touch_is_no_digit() -> None:
    """Between two 3 that meet there is paper in the shape of a digit, lighter than the ink around it."""
    image = Image.new("L", (640, 480), 225)
    draw = ImageDraw.Draw(image)
    draw.line([(70, 170), (110, 150), (130, 180), (100, 220), (140, 270), (110, 320), (70, 280)], 30, 12)
    draw.line([(130, 180), (200, 160), (260, 200), (200, 240), (270, 290), (220, 330), (110, 320)], 30, 12)
    for candidate in candidates(np.asarray(image.convert("RGB"))):
        grey = candidate.sheet[candidate.mask].mean()
        assert grey < 128, "ink is dark here"


@pytest.mark.parametrize("digit", [2, 4, 5, 9])
def test_a_digit_that_crosses_the_box_around_it_is_read(digit: int) -> None:
    """The boxes of every other one are tilted."""
    image = Image.fromarray((255 * np.pad(_drawn(digit, 14), 60)).astype(np.uint8))
    ink = np.asarray(image.getbbox())
    frame = Image.new("L", image.size)
    ImageDraw.Draw(frame).rectangle((ink[0] - 40, ink[1] + 6, ink[2] + 40, ink[3] + 30), outline=255, width=6)
    frame = frame.rotate(1.5 * (digit % 2), Image.Resampling.BICUBIC)
    both = np.maximum(np.asarray(image), np.asarray(frame)) / 255
    assert _number_in(_file(1 - 0.8 * _halved(both))) == str(digit)


def _number_in(file: bytes) -> str:
    """What is read in a photo; nothing where there is no digit."""
    with suppress(PhotoError):
        return read_photo(file, STARTER).number
    return ""


def test_heic_is_read() -> None:
    file = BytesIO()
    pillow_heif.from_pillow(Image.open(CASES / "plain-good-7.jpg")).save(file, quality=80)
    assert read_photo(file.getvalue(), STARTER).number == "7"


def test_a_photo_is_turned_by_quarters_to_the_left() -> None:
    lying = Image.open(CASES / "plain-good-7.jpg").transpose(Image.Transpose.ROTATE_270)
    assert _answer_of(lying, quarter_turns=1) == "7"


def test_what_was_found_is_outlined_on_the_sheet_that_it_stands_on() -> None:
    found = read_photo((CASES / "04-note-on-table--320--260.jpg").read_bytes(), STARTER).found
    assert found.sheet.shape < (480, 640)
    changed = (found.outlined() != found.sheet).any(axis=2)
    assert changed.any()
    assert not (changed & ~ndimage.binary_dilation(found.mask, iterations=10)).any()


def _answer_of(picture: Image.Image, quarter_turns: int) -> str:
    file = BytesIO()
    picture.save(file, "PNG")
    upright = np.rot90(open_picture(file.getvalue()), quarter_turns)
    return read_picture(upright, STARTER).number


def test_specks_and_the_edge_of_the_table_are_no_part_of_the_digit() -> None:
    page = np.pad(_drawn(4, 16), 200)
    page[:, :30] = 1
    page[60:64, 400:404] = 1
    page[600:603, 90:94] = 1
    assert _answer(_file(1 - 0.8 * page)) == 4


def _png(width: int, height: int) -> bytes:
    """The head of a file that says that it holds so many pixels; what else it holds is never asked."""
    written = BytesIO()
    Image.new("L", (1, 1)).save(written, "PNG")
    file = written.getvalue()
    chunk = b"IHDR" + struct.pack(">II", width, height) + file[24:29]
    return file[:12] + chunk + struct.pack(">I", zlib.crc32(chunk)) + file[33:]


def _cut(file: bytes) -> bytes:
    return file[: len(file) // 2]


BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "cannot be read"),
    "a text": (lambda: b"seven", "cannot be read"),
    "a gif": (lambda: b"GIF89a\x01\x00\x01\x00\x00\x00\x00;", "cannot be read"),
    "a picture of a few pixels": (lambda: _png(7, 7), "at least 8×8"),
    "a strip": (lambda: _png(8, 16_000), "too narrow"),
    "scans without end": (lambda: _file(1 - np.pad(_drawn(7, 14), 60)) + 301 * b"\xff\xda", "damaged"),
    "half a photo": (lambda: _cut(_file(1 - np.pad(_drawn(7, 14), 60), "PNG")), "damaged"),
    "an empty page": (lambda: _file(np.full((400, 300), 0.9)), "No digit"),
    "an empty page in bad light": (lambda: _file(_light((400, 300), np.random.default_rng(0))), "No digit"),
    "only a table edge": (lambda: _file(np.pad(np.full((400, 200), 0.9), ((0, 0), (100, 0)))), "No digit"),
    "sixty million pixels": (lambda: _png(10_000, 6_000), "more than 50 million pixels"),
    "far more than Pillow opens": (lambda: _png(20_000, 10_000), "more than 50 million pixels"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_is_no_photo_of_a_digit_is_a_sentence(name: str) -> None:
    file, sentence = BAD[name]
    with pytest.raises(PhotoError, match=sentence):
        read_photo(file(), STARTER)


def _lined(width: int, height: int, box: tuple[int, int, int, int], hollow: bool = False) -> bytes:
    """A white picture with a black rectangle, or a thin ellipse."""
    image = Image.new("L", (width, height), 255)
    draw = ImageDraw.Draw(image)
    draw.ellipse(box, outline=0) if hollow else draw.rectangle(box, fill=0)
    written = BytesIO()
    image.save(written, "PNG")
    return written.getvalue()


ODD = {
    "a hairline across a screen": lambda: _lined(640, 480, (100, 200, 410, 200)),
    "a hairline oval": lambda: _lined(640, 640, (60, 40, 520, 600), hollow=True),
    "a narrow strip": lambda: _lined(40, 700, (10, 200, 14, 500)),
    "print": lambda: _file(np.random.default_rng(0).random((60, 80)).round().repeat(4, 0).repeat(4, 1)),
    "a float TIFF without numbers": lambda: _saved(Image.fromarray(np.full((40, 40), np.nan, np.float32))),
}


def _saved(image: Image.Image) -> bytes:
    written = BytesIO()
    image.save(written, "TIFF")
    return written.getvalue()


@pytest.mark.parametrize("name", ODD)
def test_an_odd_picture_is_a_sentence_or_an_answer(name: str) -> None:
    with suppress(PhotoError):
        assert read_photo(ODD[name](), STARTER).number.isdigit()


@pytest.mark.parametrize("pen", [1, 2, 9, 30])
@pytest.mark.parametrize("digit", [1, 7])
def test_a_straight_digit_that_fills_the_photo_is_no_rule(digit: int, pen: int) -> None:
    image = Image.new("L", (640, 480), 240)
    points = {1: [(320, 50), (318, 420)], 7: [(100, 60), (540, 60), (330, 420)]}[digit]
    ImageDraw.Draw(image).line(points, fill=20, width=pen)
    assert _answer_of(image, quarter_turns=0) == str(digit)


def _damaged(seed: int) -> bytes:
    rng = np.random.default_rng(seed)
    exif = Image.Exif()
    exif[274], exif[271] = 6, "a camera"
    options = {"exif": exif} if seed % 2 else {}
    file = bytearray(_file(1 - _halved(np.pad(_drawn(7, 14), 60)), ["PNG", "JPEG"][seed % 2], **options))
    for place in rng.integers(0, len(file), 20):
        file[place] = rng.integers(256)
    return bytes(file)


@pytest.mark.parametrize("seed", range(30))
def test_a_damaged_file_is_a_sentence_or_a_picture(seed: int) -> None:
    with suppress(PhotoError):
        picture = open_picture(_damaged(seed))
        assert picture.dtype == np.uint8
        assert picture.shape[2] == 3


def test_what_is_left_of_a_damaged_photo_is_a_sentence_or_a_digit() -> None:
    for seed in (1, 3, 5):
        with suppress(PhotoError):
            for ink in read_photo(_damaged(seed), STARTER).found.digits:
                assert ink.max() == 1
                assert ink.min() == 0
