"""Does it read the handwriting of strangers?

    python -m benchmarks.drawn FILE.npz --json

Replays the strokes in ``FILE.npz`` through the app's own preparation. The file is only measured on.
Its arrays: ``points`` float (N, 2), ``stroke_offsets``, ``sample_offsets``, ``labels``, ``writers``.

starter      the starter
seed_recipe  the lesson's network, trained anew with each of five seeds: the one of median accuracy
shrink       the same network, if the canvas is shrunk to 28x28 as most demos do

``interval`` holds 95 % of the accuracies when the writers are drawn anew (bootstrap), since digits of one
hand belong together; of fewer than twenty writers it lists their own accuracies instead.
``calibration_error`` counts the calibrated probabilities where there are any, else the plain softmax.
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
from model.config import TrainingConfig
from model.drawing.strokes import SIDE, Ink, Stroke, prepare
from model.evaluation.calibration import calibrated, calibration_error
from model.inference import logits, probabilities
from model.starter import starter

_CANVAS = 280
_PEN = 18
# People draw a digit so large, as a share of the canvas, and so far from its middle at most.
_DRAWN_SHARE = (0.45, 0.80)
_OFF_CENTRE = 0.08
_RESAMPLES = 2_000
_MIN_WRITERS = 20
_SEEDS = range(5)
_BLANK = np.zeros((SIDE, SIDE), np.float32)


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


def summary(likely: NDArray[np.float32], drawings: Drawings) -> dict[str, Any]:
    """Accuracies, each 0-1, of the probabilities ``likely`` (N, 10)."""
    correct = likely.argmax(axis=1) == drawings.labels
    per_writer = _shares(correct, drawings.writers)
    return {
        "accuracy": float(correct.mean()),
        "n": len(correct),
        "writers": len(per_writer),
        "interval": interval(correct, drawings.writers),
        "per_digit": _shares(correct, drawings.labels),
        "per_writer": per_writer,
        "calibration_error": calibration_error(likely, drawings.labels),
    }


def interval(correct: NDArray[np.bool_], writers: NDArray[np.str_]) -> list[float]:
    """The bootstrapped 95 % interval, or the accuracies of a few writers in ascending order."""
    names, of_digit = np.unique(writers, return_inverse=True)
    right, count = np.bincount(of_digit, weights=correct), np.bincount(of_digit)
    if len(names) < _MIN_WRITERS:
        return sorted((right / count).tolist())
    chosen = np.random.default_rng(0).integers(len(names), size=(_RESAMPLES, len(names)))
    accuracies = right[chosen].sum(axis=1) / count[chosen].sum(axis=1)
    return [float(bound) for bound in np.percentile(accuracies, [2.5, 97.5])]


def _shares(correct: NDArray[np.bool_], groups: NDArray[Any]) -> dict[str, float]:
    return {str(group): float(correct[groups == group].mean()) for group in np.unique(groups)}


def measure(drawings: Drawings) -> dict[str, Any]:
    # It imports TensorFlow, which nobody needs who only reads drawings.
    from model.training.make_recording import record

    ready = starter.load()
    rng = np.random.default_rng(0)
    canvases = [on_canvas(strokes, rng) for strokes in drawings.strokes]
    inks = np.stack([_BLANK if (ink := prepare(strokes)) is None else ink for strokes in canvases])
    shrunk = np.stack([shrink(strokes) for strokes in canvases])

    by_seed = []
    for seed in _SEEDS:
        network = record(TrainingConfig(seed=seed)).network
        by_seed.append((summary(probabilities(network, inks), drawings), network))
    by_seed.sort(key=lambda pair: pair[0]["accuracy"])
    median, network = by_seed[len(by_seed) // 2]
    return {
        "starter": summary(calibrated(logits(ready.network, inks), ready.temperature), drawings),
        "seed_recipe": {**median, "seeds": [result["accuracy"] for result, _ in by_seed]},
        "shrink": summary(probabilities(network, shrunk), drawings),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Accuracy on digits drawn by strangers.")
    parser.add_argument("file", type=Path, help="strokes as .npz")
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    arguments = parser.parse_args()
    result = measure(read(arguments.file))
    rows = [
        (
            name,
            f"{of['accuracy']:.3f}",
            " ".join(f"{bound:.3f}" for bound in of["interval"]),
            str(of["n"]),
            str(of["writers"]),
            f"{of['calibration_error']:.3f}",
        )
        for name, of in result.items()
    ]
    header = ("network", "accuracy", "95 % interval", "digits", "writers", "calibration error")
    report(header, rows, result, arguments.json)


if __name__ == "__main__":
    main()
