"""Photos as people take them, made by a program: many kinds, each with its right answer.

    python -m testing.photos FOLDER --count 400

writes pictures and ``labels.json``, as ``benchmarks.photos`` reads them.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from testing.photos.files import FORMATS, encoded
from testing.photos.scenes import SCENES


class Photo(NamedTuple):
    """``name`` begins with its ``kind``; ``label`` is a digit, or all digits of a number."""

    name: str
    kind: str
    label: str
    content: bytes


KINDS = (*SCENES, *(f"file-{name}" for name in FORMATS))


def photos(count: int, seed: int = 0) -> Iterator[Photo]:
    """``count`` photos, kind after kind in turns; the same for the same ``seed``."""
    for number in range(count):
        rng = np.random.default_rng([seed, number])
        kind = KINDS[number % len(KINDS)]
        is_format = kind.startswith("file-")
        scene = SCENES["plain" if is_format else kind](rng)
        name = kind.removeprefix("file-") if is_format else scene.format
        content, ending = encoded(scene.picture, name, rng)
        yield Photo(f"{kind}-{number:04}.{ending}", kind, scene.label, content)
