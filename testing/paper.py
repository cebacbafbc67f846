"""Sheets that a class has written on, and photos of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model.drawing.paper import layout
from model.drawing.paper.sheet import Texts, draw_sheet
from model.drawing.strokes import Stroke
from testing.photos.ink import drawn, hand

Random = np.random.Generator
# What is written where: row and column, from 0.
Written = Mapping[tuple[int, int], Sequence[Stroke]]
TEXTS = Texts(("One row for each person.", "Write each digit once, in its box, with a dark pen."), "Sheet")
_DPI = 200
_PIXELS = _DPI / 25.4


@dataclass(frozen=True)
class Taken:
    """How a photo was taken: its size in pixels, by how many quarters the camera was turned, how far the
    sheet's corners are from a rectangle's as a share, how high it curls in millimetres, how deep the shadow
    is, how sharp the picture is in pixels, the noise in grey levels, and the quality of its JPEG."""

    size: tuple[int, int] = (1500, 2000)
    turns: int = 0
    slant: float = 0.06
    curl: float = 0.0
    shadow: float = 0.0
    blur: float = 0.8
    noise: float = 3.0
    quality: int = 85
    paper: tuple[int, int, int] = (232, 228, 220)
    table: tuple[int, int, int] = (96, 74, 58)


def filled(
    number: int, written: Written, pen: float = 0.6, darkness: float = 0.85, toner: float = 1.0
) -> NDArray[np.float64]:
    """Sheet ``number`` as shares of light, 1 for paper: ``written`` holds strokes in millimetres of their
    boxes, drawn with a pen ``pen`` millimetres wide. With more ``toner`` what is grey is printed darker."""
    page = (np.asarray(draw_sheet(number, TEXTS, _DPI), np.float64) / 255) ** toner
    side = round(_PIXELS * 30)
    for (row, column), strokes in written.items():
        left, top = layout.box(row, column)
        x, y = round(_PIXELS * (left - 7)), round(_PIXELS * (top - 7))
        moved = [(stroke + 7) * _PIXELS for stroke in strokes]
        ink = darkness * drawn((side, side), moved, pen * _PIXELS)
        part = page[y : y + side, x : x + side]
        part *= 1 - ink[: part.shape[0], : part.shape[1]]
    return page


def in_box(digit: int, rng: Random, height: tuple[float, float] = (8.0, 12.5)) -> list[Stroke]:
    """A digit as somebody writes it into a box, in millimetres of it."""
    return fitted(hand(digit, rng), rng, height)


def fitted(strokes: Sequence[Stroke], rng: Random, height: tuple[float, float] = (8.0, 12.5)) -> list[Stroke]:
    """``strokes`` of any size somewhere in a box, a little over its lines at times."""
    points = np.concatenate(list(strokes))
    low, high = points.min(axis=0), points.max(axis=0)
    extent = np.maximum(high - low, 1e-6)
    scale = min(rng.uniform(*height) / extent.max(), 13.0 / extent[0])
    room = np.array([layout.BOX_WIDTH, layout.BOX_HEIGHT]) - scale * extent
    corner = room / 2 + rng.uniform(-1, 1, 2) * (room / 2 - 0.5)
    return [(stroke - low) * scale + corner for stroke in strokes]


def photographed(page: NDArray[np.float64], rng: Random, how: Taken) -> Image.Image:
    """``page`` on a table, as a camera sees it."""
    width, height = how.size
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    # Where the corners of the page are in the photo.
    room = np.array([width, height]) * rng.uniform(0.03, 0.08, 2)
    fit = min((width - 2 * room[0]) / layout.WIDTH, (height - 2 * room[1]) / layout.HEIGHT)
    size = fit * np.array([layout.WIDTH, layout.HEIGHT])
    start = (np.array([width, height]) - size) / 2
    corners = start + size * np.array([(0, 0), (1, 0), (1, 1), (0, 1)])
    corners += rng.uniform(-how.slant, how.slant, (4, 2)) * size * np.array([1, 0.7])
    corners = np.clip(corners, 4, np.array([width - 4, height - 4]))
    shape = page.shape[1], page.shape[0]
    flat = np.array([(0, 0), (shape[0], 0), shape, (0, shape[1])], np.float32)
    back = cv2.getPerspectiveTransform(corners.astype(np.float32), flat)
    seen = cv2.perspectiveTransform(np.stack([x, y], axis=-1).reshape(1, -1, 2), back).reshape(
        height, width, 2
    )
    # A curl is a bow along the page, seen from its middle: what is higher is farther from there.
    along, across = seen[..., 1] / shape[1], seen[..., 0] / shape[0]
    bow = how.curl * _PIXELS * np.sin(np.pi * along) / 3
    from_x = (seen[..., 0] - bow * (across - 0.5) * 2).astype(np.float32)
    from_y = (seen[..., 1] - bow * np.cos(np.pi * along)).astype(np.float32)
    inside = (along >= 0) & (along <= 1) & (across >= 0) & (across <= 1)
    ink = cv2.remap(page.astype(np.float32), from_x, from_y, cv2.INTER_AREA, borderValue=1)
    picture = np.where(inside[..., None], ink[..., None] * np.array(how.paper), np.array(how.table))
    picture = picture * _light(height, width, rng, how.shadow)[..., None]
    blurred = cv2.GaussianBlur(picture.astype(np.float32), (0, 0), how.blur) if how.blur else picture
    noisy = blurred + rng.normal(0, how.noise, picture.shape)
    return Image.fromarray(np.rot90(noisy.clip(0, 255).astype(np.uint8), how.turns))


def _light(height: int, width: int, rng: Random, shadow: float) -> NDArray[np.float64]:
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    turn = rng.uniform(0, 2 * np.pi)
    light = 1 - rng.uniform(0, 0.25) * (1 + x * np.cos(turn) + y * np.sin(turn)) / 2
    if shadow:
        along = x * np.cos(turn + 1) + y * np.sin(turn + 1) - rng.uniform(-0.4, 0.4)
        light *= 1 - shadow / (1 + np.exp(-along * rng.uniform(8, 80)))
    return np.asarray(light)


def jpeg(picture: Image.Image, quality: int = 85) -> bytes:
    file = BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return file.getvalue()
