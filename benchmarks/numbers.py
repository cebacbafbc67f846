"""Are numbers divided into their digits, and read?

    python -m benchmarks.numbers FILE.npz --json

Puts digits of one writer of ``FILE.npz`` (its format: ``benchmarks.drawn``) beside each other, two to four of
them: ``spaced`` at a hand's spacing, ``touching`` so near that their lines meet.

split_right            the share of numbers that were divided into just the strokes of each digit
spaced, touching       the share that were read wholly right, too
single_called_several  the share of the digits in the file, each drawn alone, that were divided
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.drawn import Drawings, on_canvas, read
from benchmarks.report import report
from model.drawing.strokes import Stroke, dense, prepare
from model.inference import logits
from model.number_reader import divide
from model.starter import starter

_NUMBERS = 500
_MAX_DIGITS = 4
# Between the boxes of two digits, as a share of their height; and how far lines that touch may overlap.
_SPACE = (0.08, 0.4)
_PEN, _DEEPER, _STEP = 0.06, 0.04, 0.03
# Digits of a number are so much larger or smaller than each other, and higher or lower on the line.
_SIZE, _RISE = 0.08, 0.04

Random = np.random.Generator


def numbers(
    drawings: Drawings, touching: bool, rng: Random, count: int = _NUMBERS
) -> list[tuple[list[list[Stroke]], str]]:
    """``count`` numbers of two to four digits of one writer each: the strokes of every digit, and the number.
    A digit is about 1 high."""
    heights = np.array([_extent(strokes)[1] for strokes in drawings.strokes])
    writers = [
        name for name in np.unique(drawings.writers) if (drawings.writers == name).sum() >= _MAX_DIGITS
    ]
    made: list[tuple[list[list[Stroke]], str]] = []
    while len(made) < count:
        of_writer = np.flatnonzero(drawings.writers == rng.choice(writers))
        usual = float(np.median(heights[of_writer]))
        chosen = rng.choice(of_writer, rng.integers(2, _MAX_DIGITS + 1), replace=False)
        digits: list[list[Stroke]] = []
        for index in chosen:
            scale = rng.normal(1, _SIZE) / usual
            digit = [stroke * scale for stroke in drawings.strokes[index]]
            low, high = _box(digit)
            rise = rng.normal(0, _RISE)
            digit = [stroke - (low[0], (low[1] + high[1]) / 2 + rise) for stroke in digit]
            right = _box([stroke for strokes in digits for stroke in strokes])[1][0] if digits else 0.0
            gap = _touching(digits[-1], digit, right, rng) if touching and digits else rng.uniform(*_SPACE)
            digits.append([stroke + np.array([right + gap, 0]) for stroke in digit])
        made.append((digits, "".join(str(drawings.labels[index]) for index in chosen)))
    return made


def _touching(before: list[Stroke], digit: list[Stroke], right: float, rng: Random) -> float:
    """How far beyond ``right`` the ``digit`` begins, below 0 to its left, so that its lines and those of the
    digit ``before`` meet."""
    fixed, moved = (
        np.concatenate([dense(stroke, _STEP) for stroke in strokes]) for strokes in (before, digit)
    )
    for gap in np.arange(0.1, -0.6, -0.01):
        apart = np.linalg.norm(fixed[:, None] - (moved + np.array([right + gap, 0])), axis=2).min()
        if apart <= _PEN:
            return float(gap - rng.uniform(0, _DEEPER))
    return -0.1


def _box(strokes: list[Stroke]) -> tuple[Stroke, Stroke]:
    points = np.concatenate(strokes)
    return points.min(axis=0), points.max(axis=0)


def _extent(strokes: list[Stroke]) -> Stroke:
    low, high = _box(strokes)
    return high - low


def measure(drawings: Drawings) -> dict[str, Any]:
    check = starter.load()

    def is_right(found: tuple[list[Stroke], ...], digits: list[list[Stroke]]) -> bool:
        return [_points(strokes) for strokes in found] == [_points(strokes) for strokes in digits]

    result: dict[str, Any] = {"split_right": {}, "n": _NUMBERS}
    for name in ("spaced", "touching"):
        split, whole = [], []
        for digits, number in numbers(drawings, name == "touching", np.random.default_rng(0)):
            found = divide([stroke for strokes in digits for stroke in strokes], check).digits
            inks = np.stack([ink for strokes in found if (ink := prepare(strokes)) is not None])
            said = "".join(map(str, logits(check.network, inks).argmax(axis=1)))
            split.append(is_right(found, digits))
            whole.append(said == number)
        result["split_right"][name] = float(np.mean(split))
        result[name] = float(np.mean(whole))
    rng = np.random.default_rng(0)
    alone = [len(divide(on_canvas(strokes, rng), check).digits) > 1 for strokes in drawings.strokes]
    return {**result, "single_called_several": float(np.mean(alone)), "singles": len(alone)}


def _points(strokes: list[Stroke]) -> list[list[list[float]]]:
    return sorted(stroke.tolist() for stroke in strokes)


def main() -> None:
    parser = argparse.ArgumentParser(description="How numbers are divided into digits, and read.")
    parser.add_argument("file", type=Path, help="strokes as .npz")
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    options = parser.parse_args()
    result = measure(read(options.file))
    rows = [
        (name, f"{result['split_right'][name]:.3f}", f"{result[name]:.3f}") for name in ("spaced", "touching")
    ]
    rows.append(("digits alone, called several", "", f"{result['single_called_several']:.4f}"))
    report(("numbers", "divided right", "read wholly right"), rows, result, options.json)


if __name__ == "__main__":
    main()
