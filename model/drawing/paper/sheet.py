"""Sheets to print: corner marks that say which sheet it is and how it lies, and a box for each digit."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO

import cv2
from PIL import Image, ImageDraw, ImageFont

from model.drawing.paper import layout

# Pixels an inch, and millimetres of one.
_DPI, _INCH = 300, 25.4
# Lighter than any pen, so that it can be told from one; and of what is only to be read.
_LINE, _TEXT = 200, 90
# In millimetres.
_LINE_WIDTH, _HEAD, _SMALL = 0.3, 5.0, 3.4
# How far the middle of a column's head is from its boxes.
_TO_HEAD = 4.8
# Room for texts between the marks.
_TEXT_LEFT = layout.EDGE + layout.MARK + 4


@dataclass(frozen=True)
class Texts:
    """What a sheet says in the language of its class: what to do, a line each, and which sheet it is."""

    instruction: Sequence[str]
    name: str


@cache
def dictionary() -> cv2.aruco.Dictionary:
    """The marks of all sheets: four each, in the order of ``layout.marks``."""
    return cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_5X5_50)


def draw_sheet(number: int, texts: Texts, dpi: int = _DPI) -> Image.Image:
    """Sheet ``number``, from 1, in grey."""
    scale = dpi / _INCH
    page = Image.new("L", (round(scale * layout.WIDTH), round(scale * layout.HEIGHT)), 255)
    pen = ImageDraw.Draw(page)
    for corner, mark in enumerate(layout.marks()):
        (left, top), side = (round(scale * place) for place in mark[0]), round(scale * layout.MARK)
        picture = cv2.aruco.generateImageMarker(dictionary(), 4 * (number - 1) + corner, side)
        page.paste(Image.fromarray(picture), (left, top))

    def write(x: float, y: float, text: str, size: float, anchor: str = "mm") -> None:
        font = ImageFont.load_default(scale * size)
        pen.text((scale * x, scale * y), text, _TEXT, font, anchor=anchor)

    for line, text in enumerate(texts.instruction):
        write(_TEXT_LEFT, layout.EDGE + 1 + 5 * line, text, _SMALL + 0.4, "lt")
    write(_TEXT_LEFT, layout.HEIGHT - layout.EDGE - 2, texts.name, _SMALL, "ls")
    for column in range(layout.COLUMNS):
        x = layout.box(0, column)[0] + layout.BOX_WIDTH / 2
        bottom = layout.box(layout.ROWS - 1, 0)[1] + layout.BOX_HEIGHT
        for y in (layout.TOP - _TO_HEAD, bottom + _TO_HEAD):
            write(x, y, str(column), _HEAD)
    for row in range(layout.ROWS):
        y = layout.box(row, 0)[1] + layout.BOX_HEIGHT / 2
        write(layout.LEFT - 3, y, str(row + 1), _SMALL, "rm")
        for column in range(layout.COLUMNS):
            x, y = layout.box(row, column)
            sides = (x, y, x + layout.BOX_WIDTH, y + layout.BOX_HEIGHT)
            width = max(1, round(scale * _LINE_WIDTH))
            pen.rectangle([round(scale * side) for side in sides], outline=_LINE, width=width)
    return page


def pdf(sheets: Sequence[Texts]) -> bytes:
    """As many sheets as there are texts, from number 1 on, a page each."""
    first, *others = (draw_sheet(number, texts) for number, texts in enumerate(sheets, 1))
    file = BytesIO()
    first.save(file, "PDF", resolution=_DPI, save_all=True, append_images=others)
    return file.getvalue()
