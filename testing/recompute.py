"""The figures of a lesson, recomputed from its archive by nothing that the app computes with.

    python testing/recompute.py digit-lab-ABCDE.zip --mnist model/data/test.npz

NumPy and the standard library alone: the archive's files are read as its README says, the network is
multiplied out, and the intervals are computed from their formulas. It says what it found, and fails where the
archive says something else, or where a writer taught and was tested in the same split.
"""

import argparse
import csv
import io
import json
import math
import sys
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

_LEVEL = 0.95
_SIDES = NormalDist().inv_cdf((1 + _LEVEL) / 2)
# Sums as an integral (Gauss and Legendre).
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(100)
# Digits from which on there are figures.
_ENOUGH = 10
# How far two ways of computing the same may lie apart.
_CLOSE = 1e-6

Images = NDArray[np.uint8]
Figures = dict[str, Any]


class Archive:
    """What is needed of the archive of a lesson."""

    def __init__(self, file: Path | io.BytesIO) -> None:
        with zipfile.ZipFile(file) as archive:
            self.images = idx(archive.read("class-images-idx3-ubyte"))
            self.labels = idx(archive.read("class-labels-idx1-ubyte"))
            table = archive.read("class-writers.csv").decode("utf-8-sig")
            self.writers = [row["writer"] for row in csv.DictReader(io.StringIO(table))]
            self.said: Figures | None = json.loads(archive.read("figures.json"))
            self.findings: Figures = json.loads(archive.read("findings.json"))
            arrays = np.load(io.BytesIO(archive.read("network.npz")))
            count = sum(name.startswith("kernel") for name in arrays.files)
            self.layers = [(arrays[f"kernel_{i}"], arrays[f"bias_{i}"]) for i in range(1, count + 1)]
            self._drawings = np.load(io.BytesIO(archive.read("drawings.npz")))

    @property
    def problems(self) -> list[str]:
        """What two files of it say in two ways."""
        chosen = self._drawings["measured"]
        pairs = {"images": self.images, "labels": self.labels, "writers": np.array(self.writers, np.str_)}
        return [
            f"the {name} of drawings.npz are others than those of the class"
            for name, own in pairs.items()
            if not np.array_equal(self._drawings[name][chosen], own)
        ]

    @property
    def checksums(self) -> list[int]:
        """Of each digit: its ink, which one it is, and who wrote it."""
        digits = zip(self.images, self.labels, self.writers, strict=True)
        return [
            zlib.crc32(f"{label} {who}".encode(), zlib.crc32(ink.tobytes())) for ink, label, who in digits
        ]

    def predicted(self, images: Images) -> NDArray[np.int64]:
        """The network's digits for these images."""
        values = images.reshape(len(images), -1) / 255
        for number, (kernel, bias) in enumerate(self.layers, 1):
            values = values @ kernel.astype(np.float64) + bias
            if number < len(self.layers):
                values = np.maximum(values, 0)
        return np.asarray(values.argmax(axis=1))


def idx(content: bytes) -> Images:
    """The array of an IDX file of unsigned bytes."""
    if content[:3] != b"\0\0\x08":
        raise ValueError("not an IDX file of unsigned bytes")
    dimensions = content[3]
    shape = np.frombuffer(content, ">i4", dimensions, 4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * dimensions).reshape(shape)


def figures(archive: Archive, test_images: Images, test_labels: Images) -> Figures:
    """Accuracies and intervals as ``figures.json`` has them, in all and by digit."""
    drawn = archive.predicted(archive.images) == archive.labels
    mnist = archive.predicted(test_images) == test_labels
    writers = np.array(archive.writers)
    gaps = []
    for digit in (None, *range(10)):
        ours = archive.labels == digit if digit is not None else np.full(len(drawn), True)
        theirs = test_labels == digit if digit is not None else np.full(len(mnist), True)
        share = float(mnist[theirs].mean())
        of_mnist = {"share": share, "images": int(theirs.sum()), "interval": wilson(share, theirs.sum())}
        gaps.append({"mnist": of_mnist, "drawn": of_writers(drawn[ours], writers[ours])})
    return {"overall": gaps[0], "digits": gaps[1:], "writers": len(set(archive.writers))}


def of_writers(correct: NDArray[np.bool_], writers: NDArray[np.str_]) -> Figures | None:
    """The share that is correct, and where it lies among other people's digits: Wilson's interval for as many
    independent digits as these are worth (Korn and Graubard 1998), with Student's t over the writers."""
    if not len(correct):
        return None
    count, share = len(correct), float(correct.mean())
    result: Figures = {"share": share, "images": count, "interval": None}
    names = sorted(set(writers.tolist()))
    if len(names) < 2:
        return result
    of_each = [correct[writers == name] for name in names]
    squares = sum((own.sum() - share * len(own)) ** 2 for own in of_each)
    variance = squares * len(names) / (len(names) - 1) / count**2
    worth = min(count, share * (1 - share) / variance) if variance else count
    result["interval"] = wilson(share, worth * (_SIDES / student(len(names) - 1)) ** 2)
    return result


def wilson(share: float, count: float) -> list[float]:
    """The score interval of Wilson (1927)."""
    middle = (share + _SIDES**2 / (2 * count)) / (1 + _SIDES**2 / count)
    half = _SIDES / (1 + _SIDES**2 / count)
    half *= math.sqrt(share * (1 - share) / count + _SIDES**2 / (4 * count**2))
    return [middle - half, middle + half]


def student(degrees: int) -> float:
    """So many standard errors to either side hold the level of Student's t: its density, added up.

    With t = sqrt(degrees) tan(a) the density becomes a power of cos(a), and its tails end."""
    low, high = 0.0, math.pi / 2
    scale = math.exp(math.lgamma((degrees + 1) / 2) - math.lgamma(degrees / 2)) / math.sqrt(math.pi)
    for _ in range(60):
        angle = (low + high) / 2
        within = angle * scale * float(_WEIGHTS @ np.cos((_NODES + 1) * angle / 2) ** (degrees - 1))
        low, high = (angle, high) if within < _LEVEL else (low, angle)
    return math.sqrt(degrees) * math.tan(low)


def differences(found: Any, said: Any, where: str = "figures") -> list[str]:
    """Where two nested figures are not the same."""
    if isinstance(found, dict) and isinstance(said, dict):
        keys = sorted({*found, *said})
        return [line for key in keys for line in differences(found.get(key), said.get(key), f"{where}.{key}")]
    if isinstance(found, list) and isinstance(said, list) and len(found) == len(said):
        pairs = enumerate(zip(found, said, strict=True))
        return [line for i, (one, other) in pairs for line in differences(one, other, f"{where}[{i}]")]
    if isinstance(found, float) and isinstance(said, float) and abs(found - said) <= _CLOSE:
        return []
    return [] if found == said else [f"{where}: {found} here, {said} in the archive"]


def halves(writers: Sequence[str], seed: int, splits: int) -> list[tuple[list[str], list[str]]]:
    """Who is in which half, taught and tested, in each split that a seed decides."""
    names, half = sorted(set(writers)), len(set(writers)) // 2
    orders = [np.random.default_rng([seed, number]).permutation(names).tolist() for number in range(splits)]
    return [(order[:half], order[half:]) for order in orders]


def wrong_in_teaching(archive: Archive, test_images: Images, test_labels: Images) -> list[str]:
    """What *Teach it* says of the network before it was taught, against the halves of its seed: a writer who
    is in both, or another accuracy on those who were tested. Nothing where it was not taught, or where the
    class has drawn since."""
    found = archive.findings.get("teach_it", {}).get("content")
    if found is None or sorted(found["digits"]) != sorted(archive.checksums):
        return []
    teaching, writers = found["teaching"], np.array(archive.writers)
    correct = archive.predicted(archive.images) == archive.labels
    of_splits, wrong = [], []
    for taught, tested in halves(archive.writers, found["seed"], teaching["splits"]):
        wrong += [f"{writer} taught and was tested" for writer in sorted({*taught} & {*tested})]
        of_splits.append(float(correct[np.isin(writers, tested)].mean()))
    before = float(np.mean(of_splits))
    for number, gain in enumerate(teaching["gains"]):
        wrong += differences(before, gain["before"], f"teach_it.gains[{number}].before")
    on_mnist = float((archive.predicted(test_images) == test_labels).mean())
    return wrong + differences(on_mnist, teaching["mnist"]["before"], "teach_it.mnist.before")


def main(arguments: Sequence[str] | None = None) -> str | None:
    """Says what it found; what is wrong, if anything is."""
    parser = argparse.ArgumentParser(description="Recompute the figures of a lesson from its archive.")
    parser.add_argument("archive", type=Path)
    parser.add_argument("--mnist", type=Path, required=True, help="MNIST's test images and labels (.npz)")
    options = parser.parse_args(arguments)
    archive = Archive(options.archive)
    with np.load(options.mnist) as test:
        images, labels = test["images"], test["labels"]
    # Of a few digits the archive has no figures.
    is_measured = archive.said is not None or len(archive.labels) >= _ENOUGH
    found = figures(archive, images, labels) if is_measured else None
    sys.stdout.write(json.dumps(found, indent=1) + "\n")
    wrong = differences(found, archive.said) + wrong_in_teaching(archive, images, labels)
    return "\n".join([*archive.problems, *wrong]) or None


if __name__ == "__main__":
    sys.exit(main())
