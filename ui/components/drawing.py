"""What is on a pad, and what pads there are."""

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from model.drawing.strokes import Stroke

# CSS pixels; fits a phone of 320 px. A larger pad is shown smaller there (``frame.css``).
SIDE = 280


class Tool(StrEnum):
    """What is in the hand."""

    PEN = "pen"
    ERASER = "eraser"
    KEYBOARD = "keyboard"


class Size(StrEnum):
    """How much room there is to draw."""

    NORMAL = "normal"
    LARGE = "large"
    WIDE = "wide"

    @property
    def pixels(self) -> tuple[int, int]:
        """Width and height, in pixels of the canvas."""
        return {Size.NORMAL: (SIDE, SIDE), Size.LARGE: (420, 420), Size.WIDE: (560, SIDE)}[self]


class Pen(StrEnum):
    """How thick the lines are shown; what the network reads is drawn anew."""

    THIN = "thin"
    MEDIUM = "medium"
    THICK = "thick"

    @property
    def pixels(self) -> int:
        """The width of a line, in pixels of the canvas."""
        return {Pen.THIN: 8, Pen.MEDIUM: 18, Pen.THICK: 30}[self]


@dataclass(frozen=True)
class Drawing:
    """``strokes``, and how wide a line each was drawn with, in pixels of a pad of ``size``, width and height.
    ``tool``: what is in the hand."""

    strokes: list[Stroke]
    widths: list[float]
    size: tuple[int, int]
    tool: Tool

    def alone(self, strokes: list[Stroke]) -> "Drawing":
        """Some of its ``strokes`` as if they had been drawn alone: on a pad as wide as it is high, in its
        middle where it was wider."""
        # Who divides a drawing may hand back copies, in any order.
        width_of = {stroke.tobytes(): width for stroke, width in zip(self.strokes, self.widths, strict=True)}
        widths = [width_of[stroke.tobytes()] for stroke in strokes]
        width, height = self.size
        if width != height:
            across = np.concatenate(strokes)[:, 0]
            shift = np.array([height / 2 - (across.min() + across.max()) / 2, 0])
            strokes = [stroke + shift for stroke in strokes]
        return replace(self, strokes=strokes, widths=widths, size=(height, height))

    def followed(self, digits: int) -> "Drawing | None":
        """What the lens follows the pen on: nothing where it erases, or among several ``digits``."""
        return None if digits > 1 or self.tool == Tool.ERASER else self
