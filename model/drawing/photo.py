"""Pixels as the second way in: all that could be a digit, or a number, in a picture that people bring.

A sheet or the whole picture, dark ink or light, paper that is evenly lit or not: each gives a candidate.
``model.photo_reader`` chooses between them. OpenCV does the work.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np

from model.drawing.digits import digits_in, pen_width, with_mnists_pen
from model.drawing.ink import PATCHES, Mask, inked
from model.drawing.picture import Picture
from model.drawing.sheets import sheets
from model.drawing.strokes import Ink

# The cores are for those who train.
cv2.setNumThreads(1)

_OUTLINE = (230, 70, 20)
# What is fainter than this and broader, beside its longer side, is where the light falls, no pen.
_FAINT, _BROAD = 0.3, 0.2


@dataclass(frozen=True)
class Candidate:
    """What may have been written.

    ``digits``: from left to right, float32 (H, W) each, 1 is ink, for ``prepare_pixels``. ``sheet``: the
    picture of what they stand on, upright; ``masks``: where they stand on it. ``contrast``: of the ink, 0-1.
    ``height``: of the tallest digit, as a share of the sheet. ``is_cut``: ink touches the edge.
    """

    digits: tuple[Ink, ...]
    sheet: Picture
    masks: tuple[Mask, ...]
    contrast: float
    height: float
    is_cut: bool

    def outlined(self) -> Picture:
        """The sheet with the ink that was found outlined."""
        ink = np.any(self.masks, axis=0).astype(np.uint8)
        outlines, _ = cv2.findContours(ink, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
        shown = cv2.drawContours(self.sheet.copy(), outlines, -1, _OUTLINE, 2)
        return np.asarray(shown, np.uint8)


def candidates(picture: Picture) -> Iterator[Candidate]:
    """All that could be a digit or a number in ``picture``."""
    for sheet in sheets(np.ascontiguousarray(picture)):
        for is_light, patch in product((False, True), PATCHES):
            ink = inked(sheet, is_light, patch)
            if ink is None:
                continue
            for is_cut in (False, True):
                masks = digits_in(ink.mask, sheet, with_edge=is_cut)
                if not masks:
                    continue
                contrast = float(np.median(ink.contrast[np.any(masks, axis=0)]))
                if contrast < _FAINT and max(map(pen_width, masks)) > _BROAD:
                    continue
                heights = [np.ptp(np.flatnonzero(mask.any(axis=1))) for mask in masks]
                yield Candidate(
                    tuple(map(with_mnists_pen, masks)),
                    sheet,
                    tuple(masks),
                    contrast,
                    height=float(max(heights)) / len(sheet),
                    is_cut=is_cut,
                )
