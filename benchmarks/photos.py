"""Are photos read as people take them?

    python -m benchmarks.photos FOLDER --json

``FOLDER`` holds pictures and ``labels.json``: by file name a digit, or a text with all digits of a number,
which counts when the whole number is read. ``python -m testing.photos FOLDER`` makes such a folder.

``accuracy`` and ``by_kind`` count right answers, a kind being a file's name without the numbers around it;
``sure_and_wrong`` those that are wrong without a word of doubt; ``ms`` is what one photo takes; ``wrong``
holds the wrong answers by file name.
"""

import argparse
import json
import re
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.report import percentiles, report
from model.drawing.picture import PhotoError
from model.drawing.strokes import prepare_pixels
from model.inference import forward
from model.prediction import Verdict, predict
from model.starter import starter
from testing.photos.reading import read_photo

_LABELS = "labels.json"


def answer(file: bytes, check: starter.Starter) -> tuple[str, bool]:
    """What the app says that a photo shows, and whether it is sure; nothing where it finds no digit."""
    try:
        reading = read_photo(file, check)
    except PhotoError:
        return "", False
    predictions = [
        predict(forward(check.network, ink).image(0), check.temperature, check)
        for digit in reading.found.digits
        if (ink := prepare_pixels(digit)) is not None
    ]
    is_sure = all(prediction.verdict == Verdict.SURE for prediction in predictions)
    return reading.number, is_sure and not reading.is_doubtful


def measure(folder: Path) -> dict[str, Any]:
    labels = {name: str(label) for name, label in json.loads((folder / _LABELS).read_text("utf-8")).items()}
    check = starter.load()
    by_kind: dict[str, list[bool]] = defaultdict(list)
    sure_and_wrong, milliseconds, wrong = 0, [], {}
    for name, label in labels.items():
        started = time.perf_counter()
        said, is_sure = answer((folder / name).read_bytes(), check)
        milliseconds.append(1000 * (time.perf_counter() - started))
        by_kind[kind_of(name)].append(said == label)
        if said != label:
            wrong[name] = said
            sure_and_wrong += is_sure
    return {
        "accuracy": float(np.mean([right for all_of_it in by_kind.values() for right in all_of_it])),
        "n": len(labels),
        "by_kind": {kind: {"accuracy": float(np.mean(of)), "n": len(of)} for kind, of in by_kind.items()},
        "sure_and_wrong": sure_and_wrong / len(labels),
        "ms": percentiles(milliseconds),
        "wrong": wrong,
    }


def kind_of(name: str) -> str:
    """What a file is called without its ending, and without a number in front or behind."""
    return re.sub(r"^\d+-|-\d+$", "", Path(name).stem)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    result = measure(options.folder)
    rows = [[kind, str(of["n"]), f"{of['accuracy']:.3f}"] for kind, of in sorted(result["by_kind"].items())]
    rows.append(["all", str(result["n"]), f"{result['accuracy']:.3f}"])
    rows.append(["sure and wrong", "", f"{result['sure_and_wrong']:.3f}"])
    report(["kind", "n", "accuracy"], rows, result, options.json)


if __name__ == "__main__":
    main()
