"""The corner marks of a sheet in a photo: which sheet it is, and how it lies."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from model.drawing.paper import layout
from model.drawing.paper.sheet import dictionary
from model.drawing.picture import PhotoError, Picture
from model.messages import N_, Message

# Pixels of a photo for a millimetre of the sheet; with fewer, the line of a pen is lost.
_MIN_SCALE = 2.5
_ALL = 4


@dataclass(frozen=True, eq=False)
class Found:
    """Sheet ``number``, from 1, and the ``projection`` of its millimetres to pixels of the photo, (3, 3)."""

    number: int
    projection: NDArray[np.float64]


def find_sheet(picture: Picture) -> Found:
    """The one sheet in ``picture``, uint8 (H, W, 3).

    Raises:
        PhotoError: its marks are not all there, it is too small, or there are two sheets.
    """
    grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)
    found = _marks(grey)
    if _most(found) < _ALL:
        # Marks in a shadow, and those that a blurred photo shows larger than they are sharp.
        even = cv2.createCLAHE(3, (8, 8)).apply(grey)
        small = cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        for other, factor in ((even, 1.0), (small, 2.0)):
            for mark, corners in _marks(np.asarray(other, np.uint8)).items():
                found.setdefault(mark, factor * corners)
    whole = [sheet for sheet in range(layout.SHEETS) if _count(found, sheet) == _ALL]
    if not whole:
        raise _incomplete(_most(found))
    if len(whole) > 1:
        raise PhotoError(Message(N_("There are two sheets in this photo. Photograph one at a time.")))
    corners = np.stack([found[4 * whole[0] + corner] for corner in range(_ALL)])
    _check_shape(corners)
    projection, _used = cv2.findHomography(layout.marks().reshape(-1, 2), corners.reshape(-1, 2))
    if projection is None:
        raise _incomplete(0)
    return Found(whole[0] + 1, np.asarray(projection, np.float64))


def _marks(grey: NDArray[np.uint8]) -> dict[int, NDArray[np.float64]]:
    """The corners, (4, 2), of every mark of a sheet that is found, by its number among all marks."""
    parameters = cv2.aruco.DetectorParameters()
    parameters.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_SUBPIX
    corners, numbers, _rejected = cv2.aruco.ArucoDetector(dictionary(), parameters).detectMarkers(grey)
    marks: list[int] = [] if numbers is None else np.asarray(numbers, np.int64).ravel().tolist()
    return {
        mark: np.asarray(place, np.float64).reshape(4, 2)
        for mark, place in zip(marks, corners, strict=True)
        if mark < 4 * layout.SHEETS
    }


def _count(found: dict[int, NDArray[np.float64]], sheet: int) -> int:
    return sum(mark // 4 == sheet for mark in found)


def _most(found: dict[int, NDArray[np.float64]]) -> int:
    return max(_count(found, sheet) for sheet in range(layout.SHEETS))


def _check_shape(corners: NDArray[np.float64]) -> None:
    """Raises PhotoError where the marks are not those of one sheet, or too small."""
    middles = corners.mean(axis=1).astype(np.float32)
    if not cv2.isContourConvex(middles):
        raise PhotoError(
            Message(N_("These corner marks belong to different sheets. Photograph one at a time."))
        )
    true = layout.marks().mean(axis=1).astype(np.float32)
    scale = float(np.sqrt(cv2.contourArea(middles) / cv2.contourArea(true)))
    if scale < _MIN_SCALE:
        too_small = N_(
            "The sheet is too small in this photo: it is about {width} pixels wide, and {least} are needed. "
            "Go nearer, until the sheet fills the photo."
        )
        least = round(_MIN_SCALE * layout.WIDTH)
        raise PhotoError(Message(too_small, {"width": round(scale * layout.WIDTH), "least": least}))


def _incomplete(found: int) -> PhotoError:
    text = N_(
        "The four corner marks were not all found ({found} of 4). Photograph the whole sheet from above, in "
        "even light."
    )
    return PhotoError(Message(text, {"found": found}))
