"""A drawing on its way through all layers: units lit, the strongest links drawn."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from model.drawing.strokes import SIDE
from model.explain.links import Link
from model.slices import Values
from ui.figures.colours import AGAINST, FOR, PICKED
from ui.figures.layout import FigureData, plain_layout
from ui.figures.places import LABEL, PIXEL, WIDTH, Block, blocks

# Negative, zero, positive: as ink on black, and orange below zero (tanh only); and for what has a sign.
_LIT = [[0.0, AGAINST], [0.5, "#000000"], [1.0, "#ffffff"]]
_SIGNED = [[0.0, AGAINST], [0.5, "#000000"], [1.0, FOR]]
_GROUND = "#55595c"
# Links of a third, of two thirds and of all of the strongest of their layer.
_WIDTHS = (0.7, 1.6, 3.0)


@dataclass(frozen=True)
class FlowTexts:
    """What hovering says, with plotly's placeholders in it, and the names of the layers."""

    pixel: str
    unit: str
    answer: str
    layers: tuple[str, ...]


def flow_figure(
    layers: Sequence[Values],
    probabilities: Values,
    links: Sequence[Link],
    link_texts: Sequence[str],
    texts: FlowTexts,
    picked: Sequence[int | None] = (),
    signed: bool = False,
    numbered: Sequence[int] = (),
) -> FigureData:
    """All layers from top to bottom, brighter where an activation is larger, and ``links`` between.

    ``layers``: the 784 pixels, each hidden layer's activations, the 10 logits; ``probabilities`` their
    softmax. A layer's brightest unit is white; with ``signed`` units are blue above zero and orange below.
    What is not a finite number is left grey. ``link_texts`` belong to ``links``. A ring is drawn around the
    unit of each layer in ``picked``; units of the last layer but one carry their index in ``numbered``,
    from 1.
    """
    places = blocks([len(layer) for layer in layers])
    pixels = [[unit // SIDE + 1, unit % SIDE + 1] for unit in range(SIDE * SIDE)]
    answers = [[digit, score] for digit, score in enumerate(_numbers(layers[-1], 2))]
    traces = [_units(places[0], layers[0], pixels, texts.pixel)]
    for place, layer in zip(places[1:-1], layers[1:-1], strict=True):
        traces.append(_units(place, layer, [[unit + 1] for unit in range(len(layer))], texts.unit))
    traces.append(_units(places[-1], probabilities, answers, texts.answer))
    for trace in traces[1:]:
        trace["colorscale"] = _SIGNED if signed else _LIT
    traces += _lines(places, links)
    traces.append(_rings(places, picked))
    traces.append(_hover_points(places, links, link_texts))
    height = places[-1].bottom + LABEL
    layout = plain_layout(
        round(height),
        xaxis={"visible": False, "range": [0, WIDTH], "constrain": "domain"},
        yaxis={"visible": False, "range": [height, 0], "scaleanchor": "x", "constrain": "domain"},
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        hovermode="closest",
        annotations=[*_names(places, texts), *_digits(places[-1]), *_numbers_of(places[-2], numbered)],
        shapes=[_ground(place) for place in places],
    )
    return {"data": traces, "layout": layout}


def unit_at(sizes: Sequence[int], trace: int, point: Sequence[int] | int) -> tuple[int, int] | None:
    """The layer and the unit that were clicked, ``point`` being [row, column] of heat map ``trace``;
    ``None`` beside the units."""
    if trace >= len(sizes) or isinstance(point, int):
        return None
    row, column = point
    unit = row * blocks(sizes)[trace].columns + column
    return (trace, unit) if unit < sizes[trace] else None


def flow_frame(sizes: tuple[int, ...], texts: FlowTexts) -> go.Figure:
    """The network unlit and without links, for ``chart.show_live``."""
    dark = [np.zeros(size, np.float32) for size in sizes]
    return go.Figure(flow_figure(dark, dark[-1], [], [], texts))


def _units(
    place: Block, values: Values, about: Sequence[Sequence[float | None]], hover: str
) -> dict[str, Any]:
    """A layer as a heat map; ``about`` holds, for each unit, what ``hover`` says beside the value."""
    empty = place.rows * place.columns - place.units
    lit = [*_numbers(values, 4), *[None] * empty]
    largest = float(np.abs(values[np.isfinite(values)]).max(initial=0)) or 1.0
    known: list[Any] = [*about, *[[None]] * empty]
    x, y = place.centre(0)
    return {
        "type": "heatmap",
        "z": _in_rows(lit, place.columns),
        "customdata": _in_rows(known, place.columns),
        "x0": x,
        "dx": place.cell,
        "y0": y,
        "dy": place.cell,
        "zmin": -largest,
        "zmax": largest,
        "colorscale": _LIT,
        "showscale": False,
        "hoverongaps": False,
        "hovertemplate": f"{hover}<extra></extra>",
        "xgap": 0 if place.cell == PIXEL else 1,
        "ygap": 0 if place.cell == PIXEL else 1,
    }


def _numbers(values: Values, decimals: int) -> list[float | None]:
    """Rounded; ``None`` for what is not a finite number, which no browser reads."""
    return [value if math.isfinite(value) else None for value in np.round(values, decimals).tolist()]


def _in_rows(values: list[Any], columns: int) -> list[list[Any]]:
    return [values[start : start + columns] for start in range(0, len(values), columns)]


def _lines(places: Sequence[Block], links: Sequence[Link]) -> list[dict[str, Any]]:
    """One trace for each sign and width; widths compare links between the same two layers."""
    strongest = {
        layer: max(abs(link.contribution) for link in links if link.layer == layer)
        for layer in {link.layer for link in links}
    }
    traces = []
    for colour, sign in ((AGAINST, -1), (FOR, 1)):
        for step, width in enumerate(_WIDTHS):
            chosen = [
                link
                for link in links
                if link.contribution * sign > 0
                and min(int(3 * abs(link.contribution) / strongest[link.layer]), 2) == step
            ]
            ends = [
                (places[one.layer].centre(one.start), places[one.layer + 1].centre(one.end)) for one in chosen
            ]
            traces.append(
                {
                    "type": "scatter",
                    "mode": "lines",
                    "x": [x for start, end in ends for x in (start[0], end[0], None)],
                    "y": [y for start, end in ends for y in (start[1], end[1], None)],
                    "line": {"color": colour, "width": width},
                    "opacity": 0.8,
                    "hoverinfo": "skip",
                }
            )
    return traces


def _hover_points(places: Sequence[Block], links: Sequence[Link], texts: Sequence[str]) -> dict[str, Any]:
    """Invisible points on the links, in the gaps between layers, where hovering finds them."""
    x, y = [], []
    for link in links:
        (x0, y0), (x1, y1) = places[link.layer].centre(link.start), places[link.layer + 1].centre(link.end)
        high, low = places[link.layer].bottom, places[link.layer + 1].top
        for share in (0.25, 0.5, 0.75):
            at = high + share * (low - high)
            x.append(x0 + (x1 - x0) * (at - y0) / (y1 - y0))
            y.append(at)
    return {
        "type": "scatter",
        "mode": "markers",
        "x": x,
        "y": y,
        "marker": {"size": 10, "opacity": 0},
        "text": [text for text in texts for _ in range(3)],
        "hovertemplate": "%{text}<extra></extra>",
    }


def _rings(places: Sequence[Block], picked: Sequence[int | None]) -> dict[str, Any]:
    ringed = [(place, unit) for place, unit in zip(places, picked, strict=False) if unit is not None]
    centres = [place.centre(unit) for place, unit in ringed]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [x for x, _y in centres],
        "y": [y for _x, y in centres],
        "marker": {
            "symbol": "square-open",
            "size": [place.cell + 5 for place, _unit in ringed],
            "color": PICKED,
            "line": {"width": 2.5},
        },
        "hoverinfo": "skip",
    }


def _ground(place: Block) -> dict[str, Any]:
    """What stands out between lit units and between dark ones, by day and by night."""
    return {
        "type": "rect",
        "layer": "below",
        "x0": place.left - 1,
        "x1": place.left + place.columns * place.cell + 1,
        "y0": place.top - 1,
        "y1": place.bottom + 1,
        "fillcolor": _GROUND,
        "line": {"width": 0},
    }


def _names(places: Sequence[Block], texts: FlowTexts) -> list[dict[str, Any]]:
    return [
        {
            "x": 0,
            "y": place.top - 2,
            "text": name,
            "showarrow": False,
            "xanchor": "left",
            "yanchor": "bottom",
            "font": {"size": 12},
        }
        for place, name in zip(places, texts.layers, strict=True)
    ]


def _digits(place: Block) -> list[dict[str, Any]]:
    return [
        {
            "x": place.centre(digit)[0],
            "y": place.bottom + 2,
            "text": str(digit),
            "showarrow": False,
            "yanchor": "top",
            "font": {"size": 16},
        }
        for digit in range(place.units)
    ]


def _numbers_of(place: Block, units: Sequence[int]) -> list[dict[str, Any]]:
    """At the upper edge of each one's cell."""
    return [
        {
            "x": place.centre(unit)[0],
            "y": place.centre(unit)[1] - place.cell / 2,
            "text": f"<b>{number}</b>",
            "showarrow": False,
            "yanchor": "bottom",
            "font": {"size": 12, "color": PICKED},
        }
        for number, unit in enumerate(units, start=1)
    ]
