"""Pixels as the second way in: all that could be a digit, or a number, in a picture that people bring.

A sheet or the whole picture, dark ink or light, paper that is evenly lit or not: each gives a candidate.
``model.photo_reader`` chooses between them. OpenCV does the work.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

import cv2
import numpy as np

from model.drawing.boxes import without_boxes
from model.drawing.digits import digits_in, pen_width, with_mnists_pen
from model.drawing.ink import PATCHES, Inked, Mask, inked
from model.drawing.picture import Picture
from model.drawing.sheets import sheets
from model.drawing.strokes import Ink

# The cores are for those who train.
cv2.setNumThreads(1)

_OUTLINE, _HALO = (230, 70, 20), (255, 255, 255)
# Ink is darker, or lighter, than the median of what is around it, so many of its longer side away, by such a
# share of the contrast that it has beside its paper.
_AROUND, _STANDS_OUT = 0.5, 0.3
# Ink that shares so much with ink that was found before, of all of both, is the same.
_ALIKE = 0.9
# What is fainter than this and broader, beside its longer side, is where the light falls, no pen.
_FAINT, _BROAD = 0.3, 0.2


@dataclass(frozen=True)
class Candidate:
    """What may have been written.

    ``digits``: from left to right, float32 (H, W) each, 1 is ink, none of them blank, for ``prepare_pixels``.
    ``sheet``: the picture of what they stand on, upright, uint8 (H, W, 3); ``mask``, bool (H, W): where their
    ink is on it.
    ``contrast``: of the ink, 0-1. ``height``: of the tallest digit, as a share of the sheet. ``is_cut``: ink
    touches the edge of the sheet.
    """

    digits: tuple[Ink, ...]
    sheet: Picture
    mask: Mask
    contrast: float
    height: float
    is_cut: bool

    def outlined(self) -> Picture:
        """The sheet with the ink that was found outlined, in two colours: one is seen on any ink."""
        outlines, _ = cv2.findContours(self.mask.astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
        width = max(2, max(self.mask.shape) // 100)
        shown = cv2.drawContours(self.sheet.copy(), outlines, -1, _HALO, 2 * width)
        return np.asarray(cv2.drawContours(shown, outlines, -1, _OUTLINE, width), np.uint8)


def candidates(picture: Picture) -> Iterator[Candidate]:
    """All that could be a digit or a number in ``picture``."""
    for sheet in sheets(np.ascontiguousarray(picture)):
        seen: list[Mask] = []
        for is_light, patch in product((False, True), PATCHES):
            for ink in _with_and_without_boxes(inked(sheet, is_light, patch)):
                for index, masks in enumerate(digits_in(ink.mask, sheet)):
                    candidate = _candidate(masks, sheet, ink, is_light)
                    # Where what touches the edge is no part of the digits, they come a second time.
                    if candidate is None or (index > 0 and not candidate.is_cut):
                        continue
                    if not any(_alike(candidate.mask, one) for one in seen):
                        seen.append(candidate.mask)
                        yield candidate


def _with_and_without_boxes(found: list[Inked]) -> Iterator[Inked]:
    """Each of ``found``, and once more without the boxes that its digits cross."""
    for ink in found:
        yield ink
        cleared = without_boxes(ink.mask)
        if cleared is not None:
            yield replace(ink, mask=cleared)


def _candidate(masks: list[Mask], sheet: Picture, ink: Inked, is_light: bool) -> Candidate | None:
    if not masks:
        return None
    mask = np.any(masks, axis=0)
    contrast = float(np.median(ink.contrast[mask]))
    if contrast < _FAINT and max(map(pen_width, masks)) > _BROAD:
        return None
    if not _stands_out(mask, sheet, contrast if is_light else -contrast):
        return None
    digits = [with_mnists_pen(one) for one in masks]
    if not all(digit.any() for digit in digits):
        return None
    heights = [1 + int(np.ptp(np.flatnonzero(one.any(axis=1)))) for one in masks]
    edges = (mask[0], mask[-1], mask[:, 0], mask[:, -1])
    is_cut = any(bool(edge.any()) for edge in edges)
    return Candidate(tuple(digits), sheet, mask, contrast, max(heights) / len(sheet), is_cut)


def _alike(one: Mask, other: Mask) -> bool:
    return bool((one & other).sum() > _ALIKE * (one | other).sum())


def _stands_out(mask: Mask, sheet: Picture, contrast: float) -> bool:
    """Whether the ink is lighter than what is around it, or darker where ``contrast`` is negative: the paper
    in a loop of a digit is lighter than the loop, but no lighter than the rest of the paper."""
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    room = round(_AROUND * max(np.ptp(rows), np.ptp(columns)))
    part = tuple(slice(max(0, ends[0] - room), ends[-1] + room) for ends in (rows, columns))
    # Every fourth pixel of the paper will do.
    inked, around = sheet[part][mask[part]], sheet[part][::4, ::4][~mask[part][::4, ::4]]
    difference = np.median(inked, axis=0) - np.median(around, axis=0)
    return bool((np.sign(contrast) * difference).max() > _STANDS_OUT * abs(contrast) * np.median(around))
