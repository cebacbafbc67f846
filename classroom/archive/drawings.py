"""A class's drawings as files: for NumPy, and as a sheet to look at."""

import io
from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import IO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from classroom.archive.lesson_record import KeptDrawing
from classroom.handwriting import ClassDrawing, digits_of
from model.drawing.strokes import SIDE

# The sheet, in pixels: a digit, the gap around it, and what a writer's number takes at the left.
_ZOOM, _GAP, _NUMBER = 2, 6, 90
_CELL = SIDE * _ZOOM + _GAP


def write_npz(file: IO[bytes], drawings: Sequence[KeptDrawing]) -> None:
    """``images`` uint8 (N, 28, 28) as networks are measured on them, ``labels`` uint8, ``writers`` and
    ``pointers`` str (empty where nobody noted it), ``numbers`` int32, a writer's drawing each, ``hidden`` and
    ``measured`` bool, all (N,).

    ``points`` float64 (P, 2) in pixels of the canvas; stroke i is the points from ``stroke_offsets[i]`` up to
    the next offset, drawing j the strokes from ``sample_offsets[j]`` up to the next.
    """
    class_drawings = [kept.drawing for kept in drawings]
    digits = digits_of(class_drawings)
    strokes = [stroke for drawing in class_drawings for stroke in drawing.trial.strokes]
    np.savez_compressed(
        file,
        images=digits.images.images.reshape(-1, SIDE, SIDE),
        labels=digits.images.labels,
        writers=digits.writers,
        pointers=np.array([str(pointer or "") for pointer in digits.pointers], np.str_),
        numbers=np.array([drawing.index for drawing in class_drawings], np.int32),
        hidden=np.array([drawing.is_hidden for drawing in class_drawings], np.bool_),
        measured=np.array([kept.is_measured for kept in drawings], np.bool_),
        points=np.concatenate([np.empty((0, 2)), *strokes]),
        stroke_offsets=_offsets([len(stroke) for stroke in strokes]),
        sample_offsets=_offsets([len(drawing.trial.strokes) for drawing in class_drawings]),
    )


def by_writer(drawings: Sequence[ClassDrawing]) -> list[list[ClassDrawing]]:
    """The drawings of each writer, in their order."""
    named = zip(digits_of(drawings).writers.tolist(), drawings, strict=True)
    return [[drawing for _name, drawing in own] for _name, own in groupby(named, key=itemgetter(0))]


def sheet(drawings: Sequence[ClassDrawing]) -> bytes:
    """All on one PNG, by digit, a row a writer, whose name stands in front of it."""
    rows = by_writer(drawings)
    longest = max(map(len, rows), default=0)
    page = Image.new("L", (_NUMBER + longest * _CELL + _GAP, max(len(rows), 1) * _CELL + _GAP))
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(20)
    for row, own in enumerate(rows):
        digits = digits_of(own)
        top = _GAP + row * _CELL
        name = str(digits.writers[0])
        pen.text((_NUMBER - 2 * _GAP, top + _CELL / 2), name, fill=255, font=font, anchor="rm")
        for column, place in enumerate(np.argsort(digits.images.labels, kind="stable")):
            small = digits.images.images[place].reshape(SIDE, SIDE)
            large = Image.fromarray(small.repeat(_ZOOM, axis=0).repeat(_ZOOM, axis=1))
            page.paste(large, (_NUMBER + column * _CELL, top))
    file = io.BytesIO()
    page.save(file, format="PNG")
    return file.getvalue()


def _offsets(lengths: Sequence[int]) -> NDArray[np.int64]:
    return np.cumsum([0, *lengths], dtype=np.int64)
