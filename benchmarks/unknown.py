"""Does it say so where it does not know?

    python -m benchmarks.unknown --json
    python -m benchmarks.unknown FILE.npz --json

Shares that the starter's check refuses: of the MNIST test digits, and of drawings that are no digits:
letters of fonts, numbers of two digits in such fonts, and scribbles of programs that the check was not
built with (``model.starter.non_digits`` has those). Letters that somebody could mean as a digit are left
out. With a file also of the digits that strangers drew in it, ``drawn`` (its format: ``benchmarks.drawn``).
"""

import argparse
import string
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import font_amatic_sc
import font_intuitive
import numpy as np
from HersheyFonts import HersheyFonts
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from benchmarks.drawn import on_canvas, read
from benchmarks.report import report
from model.data import mnist
from model.drawing.strokes import Ink, Stroke, prepare, prepare_pixels
from model.inference import Images
from model.starter import starter

_LIKE_DIGITS = "BCDGIJLOQSYZbgijloqsyz"
_LETTERS = [letter for letter in string.ascii_letters if letter not in _LIKE_DIGITS]
_STROKE_FONTS = ("futural", "rowmans", "scripts", "cursive")
_DRAWN_FONTS = {
    "Amatic SC": font_amatic_sc.AmaticSC,
    "Intuitive": font_intuitive.Intuitive,
}
_A_SCRIBBLE = 40
# Of two digits, each as one drawing: the app divides them before it asks.
_NUMBERS = [str(number) for number in range(10, 100, 7)]

Random = np.random.Generator


def _stroke_texts(font: str, texts: Sequence[str], rng: Random) -> list[Ink | None]:
    """Texts of one line (Hershey 1967), each drawn twice: leaning, and narrower or wider."""
    hershey = HersheyFonts()
    hershey.load_default_font(font)
    inks = []
    for text in texts:
        strokes = [np.array(stroke, np.float64) for stroke in hershey.strokes_for_text(text)]
        for _ in range(2):
            lean = np.array([[rng.uniform(0.7, 1.2), rng.uniform(-0.4, 0.1)], [0, 1]])
            inks.append(prepare(on_canvas([stroke @ lean.T for stroke in strokes], rng)))
    return inks


def _outline_letters(file: str, rng: Random) -> list[Ink | None]:
    """Letters of a font that looks drawn by hand, as pictures."""
    font = ImageFont.truetype(file, 200)
    inks = []
    for letter in _LETTERS:
        image = Image.new("L", (400, 400))
        ImageDraw.Draw(image).text((200, 200), letter, font=font, fill=255, anchor="mm")
        turned = image.rotate(rng.uniform(-10, 10), Image.Resampling.BILINEAR)
        inks.append(prepare_pixels(np.asarray(turned, np.float32) / np.float32(255)))
    return inks


def _walk(rng: Random) -> list[Stroke]:
    return [np.cumsum(rng.normal(0, 1, (rng.integers(40, 300), 2)), axis=0)]


def _lissajous(rng: Random) -> list[Stroke]:
    t = np.linspace(0, 2 * np.pi, 300)
    across, down = rng.choice([[2, 3], [3, 4], [3, 5], [4, 5], [1, 4], [5, 2]])
    return [np.stack([np.sin(across * t + rng.uniform(0, np.pi)), np.sin(down * t)], axis=1)]


def _hatching(rng: Random) -> list[Stroke]:
    lines = int(rng.integers(4, 10))
    slant = rng.uniform(-0.5, 0.5)
    tops = np.arange(lines) + rng.normal(0, 0.1, lines)
    return [np.array([[top, 0], [top + slant, lines * rng.uniform(0.6, 1)]]) for top in tops]


def _polygon(rng: Random) -> list[Stroke]:
    corners = rng.random((rng.integers(5, 9), 2))
    return [np.concatenate([corners, corners[:1]])]


def _flower(rng: Random) -> list[Stroke]:
    t = np.linspace(0, 2 * np.pi, 300)
    radius = np.cos(rng.integers(3, 6) * t) + rng.uniform(0, 0.6)
    return [np.stack([radius * np.cos(t), radius * np.sin(t)], axis=1)]


def _speckle(rng: Random) -> list[Stroke]:
    return [spot + rng.normal(0, 0.02, (3, 2)) for spot in rng.random((rng.integers(3, 12), 1, 2))]


_SCRIBBLES: dict[str, Callable[[Random], list[Stroke]]] = {
    "random walk": _walk,
    "Lissajous figure": _lissajous,
    "hatching": _hatching,
    "polygon": _polygon,
    "flower": _flower,
    "speckle": _speckle,
}


def non_digits(seed: int = 0) -> dict[str, NDArray[np.float32]]:
    """Inks of drawings that are no digits, float32 (N, 28, 28), by kind; a blank is all paper."""
    rng = np.random.default_rng(seed)
    inks: dict[str, Sequence[Ink | None]] = {
        f"letters of {font}": _stroke_texts(font, _LETTERS, rng) for font in _STROKE_FONTS
    }
    inks |= {f"letters of {name}": _outline_letters(file, rng) for name, file in _DRAWN_FONTS.items()}
    inks |= {
        kind: [prepare(on_canvas(scribble(rng), rng)) for _ in range(_A_SCRIBBLE)]
        for kind, scribble in _SCRIBBLES.items()
    }
    inks |= {f"numbers of {font}": _stroke_texts(font, _NUMBERS, rng) for font in _STROKE_FONTS[:2]}
    inks["blank"] = [None, prepare([np.full((1, 2), 140.0)])]
    paper = np.zeros((28, 28), np.float32)
    return {kind: np.stack([paper if ink is None else ink for ink in some]) for kind, some in inks.items()}


def drawn_digits(file: Path) -> NDArray[np.float32]:
    """Inks of the digits in ``file``, float32 (N, 28, 28), without those that are blank."""
    rng = np.random.default_rng(0)
    inks = [prepare(on_canvas(strokes, rng)) for strokes in read(file).strokes]
    return np.stack([ink for ink in inks if ink is not None])


def measure(strangers: Path | None = None) -> dict[str, Any]:
    """The object ``refused``: shares from 0 to 1; of ``strangers`` where there is such a file."""
    check = starter.load()

    def refused(images: Images) -> float:
        return float(1 - check.is_digit(images).mean())

    kinds = non_digits()
    drawn = {} if strangers is None else {"drawn": refused(drawn_digits(strangers))}
    return {
        "mnist_test": refused(mnist.load("test").images),
        **drawn,
        "non_digits": refused(np.concatenate(list(kinds.values()))),
        "by_kind": {kind: {"refused": refused(inks), "n": len(inks)} for kind, inks in kinds.items()},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="How often the starter says that it does not know.")
    parser.add_argument("file", type=Path, nargs="?", help="strokes of digits as .npz, shown to it as well")
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    arguments = parser.parse_args()
    if arguments.file and not arguments.file.exists():
        parser.error(f"{arguments.file} is missing")
    result = measure(arguments.file)
    rows = [(name, f"{share:.3f}", "") for name, share in result.items() if name != "by_kind"]
    rows += [(kind, f"{of['refused']:.3f}", str(of["n"])) for kind, of in result["by_kind"].items()]
    report(("drawings", "refused", "n"), rows, {"refused": result}, arguments.json)


if __name__ == "__main__":
    main()
