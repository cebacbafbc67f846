"""Where everything lies on a sheet for handwriting, in millimetres of an A4 page from its upper left corner.

A row for each writer, a column for each digit, its boxes apart so that a digit may cross its own a little.
"""

import numpy as np
from numpy.typing import NDArray

from model.config import CLASSES

WIDTH, HEIGHT = 210.0, 297.0
ROWS, COLUMNS = 12, CLASSES
# Sheets that differ by their marks.
SHEETS = 5
# The side of a corner mark, and how far it is from the page's edge: printers leave up to 6 free.
MARK, EDGE = 14.0, 10.0
# Of a box, from each to the next, and of the first one's corner.
BOX_WIDTH, BOX_HEIGHT = 15.0, 16.0
STEP_X, STEP_Y = 17.6, 19.4
LEFT, TOP = 22.5, 36.0
# Between two boxes.
GAP_X, GAP_Y = STEP_X - BOX_WIDTH, STEP_Y - BOX_HEIGHT

Points = NDArray[np.float64]


def marks() -> Points:
    """The corners of the four marks, (4, 4, 2), each from the upper left one around clockwise, as are the
    marks."""
    right, bottom = WIDTH - EDGE - MARK, HEIGHT - EDGE - MARK
    corners = np.array([(EDGE, EDGE), (right, EDGE), (right, bottom), (EDGE, bottom)])
    square = MARK * np.array([(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)])
    return corners[:, None] + square


def box(row: int, column: int) -> tuple[float, float]:
    """The upper left corner of a box."""
    return LEFT + column * STEP_X, TOP + row * STEP_Y
