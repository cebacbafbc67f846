"""The curves of a run, first as plain values, then as a figure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import plotly.graph_objects as go

from model.config import CLASSES
from model.slices import EpochMetrics, Score
from runs.records import PartialEpoch
from ui.figures.layout import plain

HEIGHT = 230
# Labels nearer to each other than this share of the axis would overlap.
_LABEL_SHARE = 0.2

# What a network that only guesses reaches: one in ten, and the surprise of one in ten, ln 10.
GUESSING = Score(loss=2.302585, accuracy=1 / CLASSES)


class Quantity(StrEnum):
    """What a chart shows of a score."""

    ACCURACY = "accuracy"
    LOSS = "loss"


@dataclass(frozen=True)
class Curve:
    """One line: ``x`` in epochs, ``y`` in the unit of the quantity."""

    x: tuple[float, ...]
    y: tuple[float, ...]


EMPTY = Curve((), ())


@dataclass(frozen=True)
class CurveTexts:
    """What the chart says, in the visitor's language."""

    title: str
    epoch: str
    training: str
    validation: str
    guessing: str


def curves_of(
    history: Sequence[EpochMetrics], partial: PartialEpoch | None, quantity: Quantity
) -> tuple[Curve, Curve]:
    """The training and the validation curve; the training one reaches into an unfinished epoch."""
    training = [(float(point.epoch), getattr(point.training, quantity)) for point in history]
    if partial is not None:
        training.append((partial.position, getattr(partial.training, quantity)))
    validation = [(float(point.epoch), getattr(point.validation, quantity)) for point in history]
    return _curve(training), _curve(validation)


@dataclass(frozen=True)
class Mark:
    """Something that happened on the way: ``x`` in epochs, and what it was in a word or two."""

    x: float
    text: str


def curves_figure(
    training: Curve,
    validation: Curve,
    quantity: Quantity,
    epochs: int,
    texts: CurveTexts,
    marks: Sequence[Mark] = (),
) -> go.Figure:
    """Both curves on axes that stand still while they grow; empty axes before the first point."""
    guessing = getattr(GUESSING, quantity)
    figure = go.Figure(
        [
            go.Scatter(x=training.x, y=training.y, mode=_mode(training), line={"width": 2.5}),
            go.Scatter(
                x=validation.x,
                y=validation.y,
                mode=_mode(validation),
                line={"width": 2.5, "dash": "dot"},
                marker={"symbol": "square"},
            ),
            go.Scatter(
                x=[0, epochs], y=[guessing, guessing], mode="lines", line={"width": 1, "dash": "dash"}
            ),
        ]
    )
    accuracy = quantity == Quantity.ACCURACY
    plain(figure, HEIGHT, title={"text": texts.title, "font": {"size": 15}, "x": 0, "xref": "paper"})
    figure.update_layout(margin_t=34, hovermode="x unified")
    top = 1.0 if accuracy else max([2.5, *(1.05 * y for y in (*training.y, *validation.y))])
    figure.update_xaxes(range=[0, epochs * 1.01], title={"text": texts.epoch}, rangemode="tozero")
    figure.update_yaxes(range=[0, top * 1.02], tickformat=".0%" if accuracy else None)
    figure.update_traces(hovertemplate="%{y:.1%}" if accuracy else "%{y:.3f}")
    for trace, name in zip(figure.data, (texts.training, texts.validation, texts.guessing), strict=True):
        trace.name = name
    figure.data[2].hoverinfo, figure.data[2].hovertemplate = "skip", None
    _label_guessing(figure, guessing, training, validation, texts)
    _label_lines(figure, training, validation, texts)
    for mark in marks:
        figure.add_vline(
            mark.x,
            line={"width": 1, "dash": "dot"},
            annotation={"text": mark.text, "textangle": -90, "font": {"size": 11}},
            # Where the curve is not: it rises in one chart and falls in the other.
            annotation_position="bottom left" if accuracy else "top left",
        )
    return figure


def _label_guessing(
    figure: go.Figure, guessing: float, training: Curve, validation: Curve, texts: CurveTexts
) -> None:
    """At the right end, above its line; at the left end where a curve that has not learned ends there."""
    right, top = figure.layout.xaxis.range[1], figure.layout.yaxis.range[1]
    ends = [(curve.x[-1], curve.y[-1]) for curve in (training, validation) if curve.x]
    taken = any(x > right / 2 and abs(y - guessing) < _LABEL_SHARE * top for x, y in ends)
    figure.add_annotation(
        x=0 if taken else right,
        y=guessing,
        text=texts.guessing,
        showarrow=False,
        xanchor="left" if taken else "right",
        yanchor="bottom",
    )


def _label_lines(figure: go.Figure, training: Curve, validation: Curve, texts: CurveTexts) -> None:
    """A name at the end of each line: the higher line's above it, the other's below."""
    if not validation.x:
        return
    training_is_higher = training.y[-1] >= validation.y[-1]
    for curve, name, above in (
        (training, texts.training, training_is_higher),
        (validation, texts.validation, not training_is_higher),
    ):
        figure.add_annotation(
            x=curve.x[-1],
            y=curve.y[-1],
            text=name,
            showarrow=False,
            xanchor="right" if curve.x[-1] > figure.layout.xaxis.range[1] / 2 else "left",
            yshift=14 if above else -14,
        )


def _curve(points: Sequence[tuple[float, float]]) -> Curve:
    return Curve(tuple(x for x, _ in points), tuple(y for _, y in points))


def _mode(curve: Curve) -> str:
    """A single point is no line, so it is shown as a dot."""
    return "lines+markers" if len(curve.x) <= 30 else "lines"
