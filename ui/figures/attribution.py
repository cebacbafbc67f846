"""What an answer depends on, painted on the digit, and probabilities before and after."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from model.drawing.strokes import SIDE, Ink
from ui.figures.colours import AGAINST, FOR, GREY, rgb
from ui.figures.digits import picture
from ui.figures.layout import FigureData, plain_layout

BARS_HEIGHT = 190

# Ink that has no share stays visible this bright.
_DIM = 0.3


def painted(ink: Ink, shares: NDArray[np.float64], side: int = 280) -> Image.Image:
    """The digit with each pixel's share on it: blue where it is positive, orange where negative.

    ``shares`` (784,) in any unit; the largest without its sign gets the full colour, a quarter of it
    half the colour, so that small ones can be seen.
    """
    largest = float(np.abs(shares).max()) or 1.0
    strength = np.sqrt(np.abs(shares) / largest).reshape(SIDE, SIDE, 1)
    hue = np.where(shares.reshape(SIDE, SIDE, 1) > 0, rgb(FOR), rgb(AGAINST))
    grey = ink.reshape(SIDE, SIDE, 1) * 255 * _DIM
    colours = np.round(grey * (1 - strength) + hue * strength).astype(np.uint8)
    return Image.fromarray(colours).resize((side, side), Image.Resampling.NEAREST)


def marked(ink: Ink, pixels: Iterable[int], side: int = 280) -> Image.Image:
    """The digit with frames around ``pixels`` (0-783): blue where there is ink now, orange where none."""
    image = picture(ink, side).convert("RGB")
    pen, cell, flat = ImageDraw.Draw(image), side // SIDE, ink.reshape(-1)
    for pixel in pixels:
        y, x = (place * cell for place in divmod(pixel, SIDE))
        colour = FOR if flat[pixel] >= 0.5 else AGAINST
        pen.rectangle((x, y, x + cell - 1, y + cell - 1), outline=colour, width=max(1, cell // 4))
    return image


def change_bars(
    before: Sequence[float], after: Sequence[float], texts: Sequence[str], names: tuple[str, str]
) -> FigureData:
    """Ten probabilities before (hollow) and after (filled, with ``texts`` above), named in the legend."""
    digits = [str(digit) for digit in range(10)]
    hollow = {"color": "rgba(0,0,0,0)", "line": {"color": GREY, "width": 2}}
    common = {"type": "bar", "x": digits, "cliponaxis": False, "textangle": 0, "constraintext": "none"}
    bars: list[dict[str, Any]] = [
        {**common, "y": list(before), "name": names[0], "marker": hollow},
        {
            **common,
            "y": list(after),
            "name": names[1],
            "marker": {"color": FOR},
            "text": list(texts),
            "textposition": "outside",
        },
    ]
    layout = plain_layout(
        BARS_HEIGHT,
        xaxis={"type": "category", "tickfont": {"size": 16}},
        yaxis={"range": [0, 1.2], "visible": False},
        bargap=0.2,
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
    )
    return {"data": bars, "layout": layout}


def change_frame(names: tuple[str, str]) -> go.Figure:
    """Pairs of bars without values, for ``chart.show_live``."""
    return go.Figure(change_bars([0.0] * 10, [0.0] * 10, [""] * 10, names))
