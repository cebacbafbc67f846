"""Digits as pictures: white ink on black, crisp, of one polarity wherever they appear."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

# Read on light and dark pages.
_GREY = (128, 128, 128)


def picture(ink: NDArray[np.float32] | NDArray[np.uint8] | None, side: int = 280) -> Image.Image:
    """A digit of 784 values as a square of ``side`` pixels, a multiple of 28, without smoothing.

    ``ink`` is uint8 0-255, or float in [0, 1]; ``None`` is a blank.
    """
    if ink is None:
        return Image.new("L", (side, side))
    full_ink = 1 if ink.dtype == np.uint8 else 255
    grey = np.clip(np.round(ink.reshape(28, 28) * full_ink), 0, 255).astype(np.uint8)
    return Image.fromarray(grey).resize((side, side), Image.Resampling.NEAREST)


def as_bytes(ink: NDArray[np.float32]) -> bytes:
    """A digit of 784 values in [0, 1] as one of a data set: a byte each, 0-255."""
    return np.clip(np.round(ink * 255), 0, 255).astype(np.uint8).tobytes()


def wall(inks: Sequence[NDArray[np.float32]], columns: int, side: int = 56) -> Image.Image:
    """Digits beside and below each other, each a square of ``side`` pixels with a gap around it."""
    cell = side + side // 14
    rows = -(-len(inks) // columns)
    whole = Image.new("L", (columns * cell, max(rows, 1) * cell))
    for index, ink in enumerate(inks):
        row, column = divmod(index, columns)
        whole.paste(picture(ink, side), (column * cell, row * cell))
    return whole


def written_row(inks: NDArray[np.uint8], side: int = 84) -> Image.Image:
    """The digits that somebody has written in a row, uint8 (10, 28, 28), each a square of ``side`` pixels
    above its label; nothing where one is blank."""
    cell, label_height = side + side // 7, side * 2 // 5
    row = Image.new("RGBA", (len(inks) * cell, side + label_height))
    pen, font = ImageDraw.Draw(row), ImageFont.load_default(side * 0.3)
    for label, ink in enumerate(inks):
        if ink.any():
            row.paste(picture(ink, side).convert("RGBA"), (label * cell, 0))
            pen.text((label * cell + side / 2, side + 6), str(label), _GREY, font, anchor="mt")
    return row
