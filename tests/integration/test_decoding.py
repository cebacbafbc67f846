"""Pictures decoded in a process of their own: what comes back, what is refused, and what it may cost."""

import sys
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from model.drawing.picture import Frame, PhotoError, framed, open_picture
from runs.decoding import decode, read_sheet
from testing.paper import Taken, filled, in_box, jpeg, photographed
from testing.strokes import photo


def _saved(image: Image.Image, kind: str, **options: object) -> bytes:
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def _page(width: int, height: int) -> Image.Image:
    """White, with a black bar down its middle."""
    image = Image.new("L", (width, height), 240)
    image.paste(20, (width // 2 - width // 40, height // 4, width // 2 + width // 40, 3 * height // 4))
    return image


def test_a_picture_comes_back_as_it_is_decoded_here() -> None:
    np.testing.assert_array_equal(decode(photo()), open_picture(photo()))


def test_a_sheet_is_read_within_the_memory_that_a_decoder_gets() -> None:
    rng = np.random.default_rng(3)
    page = filled(3, {(row, row): in_box(row, rng) for row in range(10)})
    photo_of_sheet = photographed(page, rng, Taken(size=(1050, 1400))).resize((3000, 4000))
    number, inks = read_sheet(jpeg(photo_of_sheet))
    assert number == 3
    assert np.array_equal(inks.any(axis=(2, 3)), np.eye(12, 10, dtype=bool))


@pytest.mark.parametrize(
    ("content", "sentence"), [(b"seven", "cannot be read"), (photo()[:500], "damaged"), (photo(), "0 of 4")]
)
def test_what_is_no_photo_of_a_sheet_is_a_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(PhotoError, match=sentence):
        read_sheet(content)


@pytest.mark.parametrize(("content", "sentence"), [(b"seven", "cannot be read"), (photo()[:500], "damaged")])
def test_what_cannot_be_read_is_the_same_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(PhotoError, match=sentence):
        decode(content)


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux")
@pytest.mark.parametrize(
    ("kind", "width", "height", "options"),
    [("JPEG", 16_000, 12_000, {}), ("PNG", 8_000, 6_000, {"compress_level": 1})],
    ids=["a baseline JPEG of 192 megapixels", "a PNG of 48"],
)
def test_large_pictures_are_decoded_within_the_memory_that_a_decoder_gets(
    kind: str, width: int, height: int, options: dict[str, object]
) -> None:
    image = _page(width, height)
    picture = decode(_saved(image.convert("RGB") if kind == "PNG" else image, kind, **options))
    assert max(picture.shape) == 640
    middle, edge = picture[picture.shape[0] // 2, 320], picture[picture.shape[0] // 2, 20]
    assert middle.max() < 60
    assert edge.min() > 200


def test_a_file_that_needs_too_much_memory_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runs.decoding.MEMORY", 60_000_000)
    with pytest.raises(PhotoError, match="too large, or damaged"):
        decode(_saved(_page(4_000, 3_000).convert("RGB"), "PNG"))


def test_a_file_that_no_page_offers_to_send_is_not_even_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runs.decoding.subprocess.run", pytest.fail)
    with pytest.raises(PhotoError, match="it is too large"):
        decode(bytes(25 * 2**20 + 1))


def test_a_decoder_that_is_lost_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runs.decoding.DECODER", "model.drawing.no_such_module")
    with pytest.raises(PhotoError, match="cannot be opened"):
        decode(photo())


def test_a_frame_cuts_its_part_out_of_a_picture() -> None:
    picture = np.zeros((300, 400, 3), np.uint8)
    picture[150:, 200:] = 255
    assert framed(picture, Frame(0.5, 0.5, 1.0, 1.0)).min() == 255
    assert framed(picture, Frame(0.0, 0.0, 0.4, 0.4)).max() == 0
    assert max(framed(picture, Frame(0.2, 0.2, 0.2, 0.2)).shape) >= 320, "a click is a picture, too"
    assert framed(picture, Frame(1.0, 1.0, 1.0, 1.0)).min() == 255
