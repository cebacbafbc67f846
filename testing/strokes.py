"""Digits as strokes of a pen, and what the app gets of them: from its canvas, and as a photo."""

import json
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image

from model.drawing.strokes import Stroke, as_path, prepare

# Each digit by hand, in shares of the canvas' side.
DIGITS = {
    0: [
        [
            (0.5, 0.2),
            (0.33, 0.3),
            (0.28, 0.5),
            (0.33, 0.72),
            (0.5, 0.82),
            (0.67, 0.72),
            (0.72, 0.5),
            (0.67, 0.3),
            (0.5, 0.2),
        ]
    ],
    1: [[(0.52, 0.2), (0.5, 0.5), (0.48, 0.82)]],
    2: [
        [
            (0.3, 0.32),
            (0.42, 0.2),
            (0.6, 0.22),
            (0.68, 0.36),
            (0.55, 0.56),
            (0.3, 0.8),
            (0.5, 0.78),
            (0.74, 0.8),
        ]
    ],
    3: [
        [
            (0.32, 0.24),
            (0.52, 0.18),
            (0.66, 0.3),
            (0.58, 0.44),
            (0.46, 0.49),
            (0.62, 0.54),
            (0.68, 0.68),
            (0.54, 0.82),
            (0.32, 0.78),
        ]
    ],
    4: [[(0.38, 0.2), (0.3, 0.52), (0.7, 0.52)], [(0.64, 0.22), (0.62, 0.5), (0.58, 0.84)]],
    5: [
        [(0.38, 0.2), (0.35, 0.46), (0.52, 0.44), (0.66, 0.56), (0.64, 0.72), (0.5, 0.82), (0.32, 0.78)],
        [(0.38, 0.2), (0.68, 0.19)],
    ],
    6: [
        [
            (0.6, 0.18),
            (0.44, 0.36),
            (0.35, 0.6),
            (0.4, 0.78),
            (0.55, 0.82),
            (0.66, 0.7),
            (0.6, 0.57),
            (0.46, 0.58),
            (0.37, 0.68),
        ]
    ],
    7: [[(0.28, 0.24), (0.7, 0.22), (0.58, 0.5), (0.46, 0.84)]],
    8: [
        [
            (0.6, 0.26),
            (0.48, 0.19),
            (0.37, 0.28),
            (0.42, 0.42),
            (0.58, 0.55),
            (0.64, 0.7),
            (0.52, 0.82),
            (0.38, 0.72),
            (0.42, 0.57),
            (0.58, 0.42),
            (0.64, 0.3),
            (0.6, 0.26),
        ]
    ],
    9: [
        [
            (0.64, 0.32),
            (0.52, 0.2),
            (0.37, 0.28),
            (0.36, 0.44),
            (0.5, 0.5),
            (0.62, 0.42),
            (0.64, 0.3),
            (0.62, 0.56),
            (0.56, 0.84),
        ]
    ],
}

# A 7 with a bar, in pixels of the canvas.
SEVEN = [np.array([[60.0, 60.0], [200.0, 60.0], [120.0, 230.0]]), np.array([[100.0, 140.0], [190.0, 140.0]])]


def seven(key: str = "canvas_1") -> dict[str, Any]:
    """What the canvas under ``key`` has sent after somebody drew a 7, as session state."""
    path = [["M", 70, 70], ["L", 200, 65], ["Q", 170, 130, 140, 230]]
    drawing = {"raw": {"objects": [{"type": "Path", "path": path}]}, "data": None}
    return {key: json.loads(json.dumps({"drawing": drawing, "backgroundFit": None}))}


def side_by_side(number: str, height: float = 150.0, gap: float = 20.0) -> list[list[Stroke]]:
    """The strokes of each digit of ``number``, in pixels: two thirds of ``height`` high, ``gap`` apart."""
    digits, right = [], gap
    for digit in map(int, number):
        strokes = [np.array(stroke) * height for stroke in DIGITS[digit]]
        across = np.concatenate(strokes)[:, 0]
        digits.append([stroke + np.array([right - across.min(), 0]) for stroke in strokes])
        right += float(np.ptp(across)) + gap
    return digits


def sent(strokes: list[Stroke], key: str = "canvas_1") -> dict[str, Any]:
    """What the canvas under ``key`` has sent after somebody drew ``strokes``, as session state."""
    objects = [as_path(stroke.tolist(), "#ffffff", 18) for stroke in strokes]
    return {key: {"drawing": {"raw": {"objects": objects}, "data": None}, "backgroundFit": None}}


def photo(paper: int = 230) -> bytes:
    """A PNG of ``SEVEN``, dark on paper of that grey."""
    ink = prepare(SEVEN)
    assert ink is not None
    large = np.kron(np.pad(ink, 14), np.ones((8, 8), np.float32))
    file = BytesIO()
    Image.fromarray((paper - large * 180).clip(0, 255).astype(np.uint8)).save(file, "PNG")
    return file.getvalue()
