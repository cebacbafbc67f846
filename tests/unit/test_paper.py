"""A sheet that a class wrote on is read from a photo: every digit in its box, and nothing in empty ones."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from PIL import Image, ImageOps

from model.drawing.paper import layout
from model.drawing.paper.marks import find_sheet
from model.drawing.paper.reader import ReadSheet, read_sheet
from model.drawing.paper.sheet import pdf
from model.drawing.picture import PhotoError, Picture, open_picture
from model.drawing.strokes import Stroke, prepare
from model.inference import probabilities
from model.starter import starter
from testing.paper import TEXTS, Taken, filled, in_box, photographed

SMALL = Taken(size=(1050, 1400))
# Rows 4 and 9 are nobody's; of row 2 only three digits were written.
ROWS = tuple(row for row in range(layout.ROWS) if row not in (3, 8))
ONE = np.array([(0.0, 3.0), (0.0, 12.0)])


@cache
def _written() -> dict[tuple[int, int], list[Stroke]]:
    rng = np.random.default_rng(16)
    columns = range(layout.COLUMNS)
    written = {(row, column): in_box(column, rng) for row in ROWS for column in columns}
    for column in (2, 3, 4, 5, 6, 7, 8):
        del written[1, column]
    # A 1 exactly on the line of its box, beside it on either side, and across the lower line.
    moves = {0: (0.0, 0.0), 4: (0.4, 0.0), 5: (-0.4, 0.0), 6: (7.0, 5.5)}
    written |= {(row, 1): [np.add(ONE, move)] for row, move in moves.items()}
    return written


@cache
def _photo(how: Taken = SMALL, number: int = 2, darkness: float = 0.85, toner: float = 1.0) -> Picture:
    page = filled(number, _written(), darkness=darkness, toner=toner)
    return np.asarray(photographed(page, np.random.default_rng(5), how))


@cache
def _read() -> ReadSheet:
    """Printed with too much toner, and photographed from the side, in a shadow, on a sheet that curls."""
    return read_sheet(_photo(replace(SMALL, turns=2, curl=14.0, shadow=0.4), toner=2.0))


def _found(sheet: ReadSheet) -> set[tuple[int, int]]:
    return {(int(row), int(column)) for row, column in np.argwhere(sheet.written)}


def test_every_digit_is_read_in_its_box_and_nothing_in_empty_ones() -> None:
    assert _read().number == 2
    assert _found(_read()) == set(_written())


def test_a_faint_pencil_on_a_sheet_on_its_side_is_read_too() -> None:
    sheet = read_sheet(_photo(replace(SMALL, turns=1, slant=0.1), number=5, darkness=0.45))
    assert sheet.number == 5
    assert _found(sheet) == set(_written())


def test_a_digit_on_paper_is_prepared_as_one_that_was_drawn() -> None:
    places = sorted(_written())
    inks = np.stack([_read().inks[place] for place in places]).astype(np.float32) / np.float32(255)
    drawn = np.stack([ink for place in places if (ink := prepare(_written()[place])) is not None])
    network = starter.load().network
    answers = probabilities(network, inks).argmax(axis=1)
    assert np.mean(answers == [column for _row, column in places]) > 0.97
    assert np.mean(answers == probabilities(network, drawn).argmax(axis=1)) > 0.97
    # As wide a pen, and the same place.
    assert inks.mean() == pytest.approx(drawn.mean(), rel=0.1)
    for axis in (1, 2):
        centre = (inks.sum(axis=3 - axis) @ (np.arange(28) + 0.5)) / inks.sum(axis=(1, 2))
        assert np.abs(centre - 14.5).max() < 0.3


def test_a_covered_mark_is_missed_and_counted() -> None:
    covered = _photo().copy()
    covered[:300, :300] = 90
    with pytest.raises(PhotoError, match=r"not all found \(3 of 4\)\. Photograph the whole sheet"):
        read_sheet(covered)


def test_what_is_no_sheet_has_no_marks() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (700, 900, 3), dtype=np.uint8)
    for picture in (noise, np.zeros((320, 320, 3), np.uint8), np.full((10, 400, 3), 255, np.uint8)):
        with pytest.raises(PhotoError, match=r"0 of 4"):
            read_sheet(picture)


def test_an_empty_sheet_a_distant_one_and_two_at_once_are_told_apart() -> None:
    blank = np.asarray(photographed(filled(1, {}), np.random.default_rng(1), SMALL))
    with pytest.raises(PhotoError, match="Sheet 1 was found, and no digit on it"):
        read_sheet(blank)
    with pytest.raises(PhotoError, match="There are two sheets"):
        read_sheet(np.concatenate([blank, _photo()], axis=1))
    distant = ImageOps.expand(Image.fromarray(blank).reduce(3), 500)
    with pytest.raises(PhotoError, match=r"too small in this photo: it is about \d+ pixels wide, and 525"):
        read_sheet(np.asarray(distant))


def test_sheets_are_pages_of_one_file_to_print() -> None:
    file = pdf([TEXTS, TEXTS])
    assert file.startswith(b"%PDF")
    assert file.count(b"/Type /Page\n") == 2
    assert b"/MediaBox [ 0 0 595.2 841.92 ]" in file
    # A page is a JPEG.
    pages = [part.split(b"endstream")[0] for part in file.split(b"stream\n") if part.startswith(b"\xff\xd8")]
    assert [find_sheet(open_picture(page, 1200)).number for page in pages] == [1, 2]


def test_boxes_have_room_for_a_childs_hand_and_the_page_for_all_of_them() -> None:
    assert min(layout.BOX_WIDTH, layout.BOX_HEIGHT) >= 13
    left, top = layout.box(layout.ROWS - 1, layout.COLUMNS - 1)
    assert left + layout.BOX_WIDTH < layout.WIDTH - layout.EDGE
    assert top + layout.BOX_HEIGHT < layout.marks()[2, 0, 1]
