"""Small pictures of 28 x 28 as a grid of buttons, painted in the browser."""

from collections.abc import Callable, Collection, Sequence
from enum import StrEnum
from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from model.drawing.strokes import SIDE
from ui.base import session
from ui.components.packing import pack
from ui.components.script import script
from ui.figures.colours import AGAINST, FOR, rgb

_HERE = Path(__file__).parent
_grid = st.components.v2.component(
    "digitlab_tiles", js=script(_HERE / "tiles.js"), css=(_HERE / "tiles.css").read_text(encoding="utf-8")
)
# What full colour is sent as: the largest int8 that has a negative.
_FULL = 127
_WHITE, _BLACK = "#ffffff", "#000000"

Pictures = NDArray[np.float32]


class Colours(StrEnum):
    """Ink is white on black; signed values are orange below 0, black at 0 and blue above."""

    INK = "ink"
    SIGNED = "signed"


def show(
    key: str,
    pictures: Pictures,
    *,
    names: Sequence[str],
    colours: Colours,
    alt: str,
    scale: float = 1.0,
    captions: Sequence[str] = (),
    marked: Collection[int] = (),
    bars: NDArray[np.floating] | None = None,
    chosen: int | None = None,
    ends: tuple[str, str] | None = None,
    side: int = 56,
    on_click: Callable[[int], None] | None = None,
) -> None:
    """A grid of ``pictures``, float32 (n, 784); those that stood there before are painted anew, in place.

    ``names`` say what each of them is, ``captions`` in short what stands below it, ``alt`` what all are.
    ``scale`` is the value of full colour; a legend says so where ``ends`` gives the least and the most.
    ``bars`` (n, m), from 0 to 1, stand below their picture. ``marked`` pictures are struck through: their
    names must say why. ``side``: in CSS pixels, a multiple of 28 is crisp. ``on_click`` is a callback that
    gets the index of a clicked picture; the ``chosen`` one is pressed.
    """
    about = {
        "names": list(names),
        "captions": list(captions),
        "marked": sorted(marked),
        "chosen": chosen,
        "bars": None if bars is None else bars.tolist(),
        "colours": _ends(colours),
        "ends": ends,
        "alt": alt,
        "side": side,
        "clickable": on_click is not None,
        "pixels": SIDE,
        "full": _FULL,
    }

    def clicked() -> None:
        if on_click:
            on_click(int(session.value(key)["clicked"]))

    _grid(data=pack(about, quantised(pictures, scale)), key=key, on_clicked_change=clicked)


def quantised(pictures: Pictures, scale: float) -> NDArray[np.int8]:
    """``pictures`` in steps of ``scale`` / 127, what is beyond ``scale`` as ``scale``; int8 of their shape.

    What is not a number is 0.
    """
    shares = np.clip(np.nan_to_num(pictures / np.float32(scale)), -1, 1)
    steps: NDArray[np.int8] = np.round(shares * _FULL).astype(np.int8)
    return steps


def _ends(colours: Colours) -> list[tuple[int, int, int]]:
    """The colours of -``scale`` and of ``scale``."""
    match colours:
        case Colours.INK:
            return [rgb(_BLACK), rgb(_WHITE)]
        case Colours.SIGNED:
            return [rgb(AGAINST), rgb(FOR)]
