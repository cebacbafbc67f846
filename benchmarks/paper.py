"""Is what a class wrote on paper read from a photo of it?

    python -m benchmarks.paper --photos 36 --json

Sheets are filled by a program, and photographed as people photograph: from the side, turned, curled, in a
shadow, blurred, small. ``--strokes FILE.npz`` writes with other people's strokes, in the format of
``benchmarks.drawn``; ``--seed`` makes other photos.

``placed``   the share of digits that are read in their box
``false``    digits that are read in empty boxes, a sheet
``accuracy`` of the starter on the digits that were read; ``drawn``: on the same strokes drawn on the pad
``seconds``  a sheet takes, its file decoded, in this process
``lost``     photos that are not read at all, and why
"""

import argparse
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import drawn
from benchmarks.report import percentiles, report
from model.config import CLASSES
from model.drawing.paper import layout
from model.drawing.paper.reader import MAX_SIDE, read_sheet
from model.drawing.picture import PhotoError, open_picture
from model.drawing.strokes import Stroke, prepare
from model.inference import probabilities
from model.starter import starter
from testing.paper import Random, Taken, filled, fitted, jpeg, photographed
from testing.photos.ink import hand

Hand = Callable[[int, Random], list[Stroke]]
_PLAIN = Taken()
# How a photo of each kind is taken; the width and the darkness of the pen.
KINDS: dict[str, tuple[Taken, float, float]] = {
    "plain": (_PLAIN, 0.6, 0.85),
    "from the side": (replace(_PLAIN, slant=0.13), 0.6, 0.85),
    "turned": (replace(_PLAIN, turns=1), 0.6, 0.85),
    "upside down": (replace(_PLAIN, turns=2, slant=0.1), 0.6, 0.85),
    "shadow": (replace(_PLAIN, shadow=0.5), 0.6, 0.85),
    "curled": (replace(_PLAIN, curl=8.0, shadow=0.2), 0.6, 0.85),
    "pencil": (replace(_PLAIN, shadow=0.2), 0.5, 0.45),
    "fine pen": (_PLAIN, 0.35, 0.8),
    "felt pen": (replace(_PLAIN, turns=3), 1.3, 0.9),
    "blurred": (replace(_PLAIN, size=(1732, 2309), blur=3.0), 0.6, 0.85),
    "small": (replace(_PLAIN, size=(1200, 1600), quality=60), 0.6, 0.85),
    "dim": (replace(_PLAIN, noise=9.0, paper=(120, 112, 98), table=(20, 18, 16), quality=70), 0.6, 0.85),
    "large": (replace(_PLAIN, size=(3024, 4032), blur=1.5), 0.6, 0.85),
    "messenger": (replace(_PLAIN, size=(900, 1200), quality=50, slant=0.04), 0.6, 0.85),
    "on the lines": (_PLAIN, 0.6, 0.85),
    "over the lines": (replace(_PLAIN, slant=0.1), 0.6, 0.85),
}


def strokes_from(file: Path | None) -> Hand:
    """A program's hand, or strokes of ``file``."""
    if file is None:
        return hand
    samples = drawn.read(file)
    of_digit = [np.flatnonzero(samples.labels == digit) for digit in range(CLASSES)]
    return lambda digit, rng: samples.strokes[int(rng.choice(of_digit[digit]))]


def write(kind: str, write_digit: Hand, rng: Random) -> dict[tuple[int, int], list[Stroke]]:
    """What a class writes on a sheet, in millimetres of its boxes: some rows stay empty, and some boxes."""
    written = {}
    for row in range(layout.ROWS):
        if rng.random() < 0.15:
            continue
        for column in range(layout.COLUMNS):
            if rng.random() < 0.9:
                strokes = write_digit(column, rng)
                if kind == "over the lines":
                    across = rng.uniform(-2, 2, 2)
                    written[row, column] = [one + across for one in fitted(strokes, rng, (12, 16))]
                elif kind == "on the lines":
                    written[row, column] = _on_the_line(fitted(strokes, rng))
                else:
                    written[row, column] = fitted(strokes, rng)
    return written


def _on_the_line(strokes: Sequence[Stroke]) -> list[Stroke]:
    """Moved to the left until the middle of a 1, and the edge of others, is on the line of its box."""
    points = np.concatenate(list(strokes))
    low, high = points[:, 0].min(), points[:, 0].max()
    at = (low + high) / 2 if high - low < 3 else low
    return [stroke - (at, 0) for stroke in strokes]


def measure(photos: int, seed: int, file: Path | None) -> dict[str, Any]:
    check, write_digit = starter.load(), strokes_from(file)
    counts: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    seconds, lost = [], {}
    for photo in range(photos):
        kind = list(KINDS)[photo % len(KINDS)]
        rng = np.random.default_rng([seed, photo])
        (how, pen, darkness), written = KINDS[kind], write(kind, write_digit, rng)
        page = filled(1 + photo % layout.SHEETS, written, pen * rng.uniform(0.85, 1.2), darkness)
        picture = open_picture(jpeg(photographed(page, rng, how), how.quality), MAX_SIDE)
        started = time.perf_counter()
        count = counts[kind]
        count["photos"] += 1
        count["digits"] += len(written)
        try:
            read = read_sheet(picture)
        except PhotoError as error:
            lost[f"{photo} {kind}"] = str(error)
            continue
        seconds.append(time.perf_counter() - started)
        found = {(int(row), int(column)) for row, column in zip(*np.nonzero(read.written), strict=True)}
        both = [place for place in written if place in found]
        count["placed"] += len(both)
        count["false"] += len(found - set(written))
        labels = np.array([column for _row, column in both])
        drawings = [ink for place in both if (ink := prepare(written[place])) is not None]
        for name, inks in (
            ("right", np.stack([read.inks[place] for place in both])),
            ("drawn", np.stack(drawings)),
        ):
            count[name] += int((probabilities(check.network, inks).argmax(axis=1) == labels).sum())
    kinds = {kind: _summary(count) for kind, count in counts.items()}
    whole = {name: sum(count[name] for count in counts.values()) for name in next(iter(counts.values()))}
    return {**_summary(whole), "seconds": percentiles(seconds), "lost": lost, "by_kind": kinds}


def _summary(count: dict[str, float]) -> dict[str, float]:
    placed = max(count["placed"], 1)
    return {
        "photos": count["photos"],
        "digits": count["digits"],
        "placed": count["placed"] / count["digits"],
        "false": count["false"] / count["photos"],
        "accuracy": count["right"] / placed,
        "drawn": count["drawn"] / placed,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Digits that are read from photos of sheets.")
    parser.add_argument("--photos", type=int, default=3 * len(KINDS))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--strokes", type=Path)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    result = measure(options.photos, options.seed, options.strokes)
    rows = [
        [
            kind,
            f"{of['photos']:.0f}",
            f"{of['digits']:.0f}",
            f"{of['placed']:.4f}",
            f"{of['false']:.2f}",
            f"{of['accuracy']:.3f}",
            f"{of['drawn']:.3f}",
        ]
        for kind, of in (*result["by_kind"].items(), ("all", result))
    ]
    rows += [
        ["seconds a sheet", *(f"{name} {of:.1f}" for name, of in result["seconds"].items()), *[""] * 4],
        ["not read", str(len(result["lost"])), *[""] * 5],
    ]
    report(["kind", "photos", "digits", "placed", "false", "accuracy", "drawn"], rows, result, options.json)


if __name__ == "__main__":
    main()
