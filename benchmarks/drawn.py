"""Does it read the handwriting of strangers?

    python -m benchmarks.drawn FILE.npz --json

Replays the strokes in ``FILE.npz`` through the app's own preparation, and, for comparison,
shrinks the canvas to 28x28 as most demos do. The file is only measured on.
Its arrays: ``points`` float (N, 2), ``stroke_offsets``, ``sample_offsets``, ``labels``, ``writers``.
"""

import argparse
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from benchmarks.report import report
from model import starter
from model.drawing import Ink, Stroke, prepare
from model.inference import probabilities

_CANVAS = 280
_PEN = 18
# People draw a digit so large, as a share of the canvas, and so far from its middle at most.
_DRAWN_SHARE = (0.45, 0.80)
_OFF_CENTRE = 0.08
_RESAMPLES = 2_000
_FEWEST_WRITERS = 20


@dataclass(frozen=True)
class Drawings:
    """Digits as strokes, with the label and the writer of each."""

    strokes: list[list[Stroke]]
    labels: NDArray[np.uint8]
    writers: NDArray[np.str_]


def read(path: Path) -> Drawings:
    with np.load(path, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    points, ends = arrays["points"].astype(np.float64), arrays["stroke_offsets"]
    strokes = [points[a:b] for a, b in pairwise(ends)]
    digits = arrays["sample_offsets"]
    drawings = [strokes[a:b] for a, b in pairwise(digits)]
    return Drawings(drawings, arrays["labels"], arrays["writers"])


def on_canvas(strokes: list[Stroke], rng: np.random.Generator) -> list[Stroke]:
    """The strokes as somebody would have drawn them on the app's canvas, in its pixels."""
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = rng.uniform(*_DRAWN_SHARE) * _CANVAS / max(float((high - low).max()), 1e-9)
    middle = _CANVAS * (0.5 + rng.uniform(-_OFF_CENTRE, _OFF_CENTRE, 2))
    return [(stroke - (low + high) / 2) * scale + middle for stroke in strokes]


def shrink(strokes: list[Stroke]) -> Ink:
    """What most demos do: the canvas as it is, shrunk to 28x28."""
    image = Image.new("L", (_CANVAS, _CANVAS))
    pen = ImageDraw.Draw(image)
    for stroke in strokes:
        points = [(float(x), float(y)) for x, y in stroke]
        pen.line(points, fill=255, width=_PEN, joint="curve")
        for x, y in (points[0], points[-1]):
            pen.ellipse((x - _PEN / 2, y - _PEN / 2, x + _PEN / 2, y + _PEN / 2), fill=255)
    small = image.resize((28, 28), Image.Resampling.BILINEAR)
    return np.asarray(small, np.float32) / np.float32(255)


def summary(correct: NDArray[np.bool_], writers: NDArray[np.str_]) -> dict[str, Any]:
    """Accuracy with its 95 % interval, bootstrapped over writers: digits of one hand belong together."""
    names, of_digit = np.unique(writers, return_inverse=True)
    result = {"accuracy": float(correct.mean()), "n": len(correct), "writers": len(names), "interval": None}
    if len(names) >= _FEWEST_WRITERS:
        right = np.bincount(of_digit, weights=correct)
        count = np.bincount(of_digit)
        chosen = np.random.default_rng(0).integers(len(names), size=(_RESAMPLES, len(names)))
        accuracies = right[chosen].sum(axis=1) / count[chosen].sum(axis=1)
        result["interval"] = np.percentile(accuracies, [2.5, 97.5]).tolist()
    return result


def measure(drawings: Drawings) -> dict[str, Any]:
    network = starter.load().network
    rng = np.random.default_rng(0)
    canvases = [on_canvas(strokes, rng) for strokes in drawings.strokes]
    prepared = [prepare(strokes) for strokes in canvases]
    blank = np.zeros((28, 28), np.float32)
    inks = {
        "starter": np.stack([blank if ink is None else ink for ink in prepared]),
        "shrink": np.stack([shrink(strokes) for strokes in canvases]),
    }
    return {
        name: summary(probabilities(network, ink).argmax(axis=1) == drawings.labels, drawings.writers)
        for name, ink in inks.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Accuracy on digits drawn by strangers.")
    parser.add_argument("file", type=Path, help="strokes as .npz")
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    arguments = parser.parse_args()
    result = measure(read(arguments.file))
    rows = [
        (name, f"{r['accuracy']:.3f}", _interval(r["interval"]), str(r["n"]), str(r["writers"]))
        for name, r in result.items()
    ]
    report(("preparation", "accuracy", "95 % interval", "digits", "writers"), rows, result, arguments.json)


def _interval(bounds: list[float] | None) -> str:
    return "too few writers" if bounds is None else f"{bounds[0]:.3f}-{bounds[1]:.3f}"


if __name__ == "__main__":
    main()
