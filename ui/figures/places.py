"""Where the units of a network stand in its picture."""

from collections.abc import Sequence
from dataclasses import dataclass

from model.drawing.strokes import SIDE

# Sizes in CSS pixels: the drawing fits a phone, and is as large on every other screen.
WIDTH = 324
_GAP = 58
PIXEL = 5.0
_MAX_UNIT_SIDE, _MAX_LAYER_HEIGHT = 20.0, 56.0
_ANSWER = 30.0
LABEL = 22


@dataclass(frozen=True)
class Block:
    """Where a layer's units are: in ``rows`` of ``columns``, each ``cell`` wide and high."""

    units: int
    columns: int
    cell: float
    top: float

    @property
    def rows(self) -> int:
        return -(-self.units // self.columns)

    @property
    def left(self) -> float:
        return (WIDTH - self.columns * self.cell) / 2

    @property
    def bottom(self) -> float:
        return self.top + self.rows * self.cell

    def centre(self, unit: int) -> tuple[float, float]:
        row, column = divmod(unit, self.columns)
        return self.left + (column + 0.5) * self.cell, self.top + (row + 0.5) * self.cell


def blocks(sizes: Sequence[int]) -> list[Block]:
    """Where the layers of ``sizes`` units, pixels first and answers last, stand one below the other."""
    found = [Block(sizes[0], SIDE, PIXEL, LABEL)]
    for size in sizes[1:-1]:
        columns, cell = _grid(size)
        found.append(Block(size, columns, cell, found[-1].bottom + _GAP))
    return [*found, Block(sizes[-1], sizes[-1], _ANSWER, found[-1].bottom + _GAP)]


def _grid(size: int) -> tuple[int, float]:
    """How many columns let ``size`` units be largest, and how large they are then."""
    cells = [
        (min(WIDTH / columns, _MAX_LAYER_HEIGHT / -(-size // columns), _MAX_UNIT_SIDE), columns)
        for columns in range(1, size + 1)
    ]
    cell, columns = max(cells)
    return columns, cell
