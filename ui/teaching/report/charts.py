"""The figures of a report, as SVG that prints: told apart by shape, not by colour alone."""

from collections.abc import Sequence
from html import escape

from model.evaluation.handwriting_gap import Gap
from ui.base.text import _, percent
from ui.figures.class_curves import Band
from ui.figures.colours import FOR, GREY
from ui.teaching.report.section import Html

# Of the whole figure, and where its axes begin and end; in units of the SVG.
_WIDTH, _HEIGHT = 680, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 668, 12, 196
_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
# The class's point, MNIST's square, and how far both lie beside the middle of a digit's place.
_RADIUS, _SQUARE, _BESIDE = 5, 9, 9

STYLE = Html(
    f"""
svg {{ width: 100%; height: auto; }}
svg text {{ font-size: 13px; fill: #333; }}
svg .grid {{ stroke: #ddd; }}
svg .mnist {{ fill: none; stroke: {GREY}; stroke-width: 2; }}
svg .class {{ fill: {FOR}; }}
svg .interval {{ stroke: {FOR}; stroke-width: 2; }}
svg .band {{ fill: {FOR}; fill-opacity: 0.25; stroke: {FOR}; stroke-width: 0.7; }}
svg .middle {{ fill: none; stroke: {FOR}; stroke-width: 3; }}
"""
)


def digits_chart(gaps: Sequence[Gap]) -> Html:
    """The accuracy on each digit: a square for MNIST, a point with its interval for the class."""
    step = (_RIGHT - _LEFT) / len(gaps)
    parts = [_axes(_("digit"))]
    for digit, gap in enumerate(gaps):
        middle = _LEFT + (digit + 0.5) * step
        left, top = middle - _BESIDE - _SQUARE / 2, _y(gap.mnist.share) - _SQUARE / 2
        parts.append(_text(middle, _BOTTOM + 18, str(digit)))
        parts.append(
            f'<rect x="{left:.1f}" y="{top:.1f}" width="{_SQUARE}" height="{_SQUARE}" class="mnist"/>'
        )
        if gap.drawn is None:
            continue
        right, share = middle + _BESIDE, _y(gap.drawn.share)
        if gap.drawn.interval is not None:
            low, high = gap.drawn.interval
            parts.append(_line(right, _y(low), right, _y(high), "interval"))
        parts.append(f'<circle cx="{right:.1f}" cy="{share:.1f}" r="{_RADIUS}" class="class"/>')
    return _figure(parts, _("Accuracy on each digit, of MNIST and of the class. The table has the numbers."))


def curves_chart(band: Band) -> Html:
    """The accuracies by epoch, from the lowest to the highest, and the middle one."""
    last = max(len(band.middle) - 1, 1)
    step = (_RIGHT - _LEFT - _RADIUS) / last

    def points(values: Sequence[float]) -> list[str]:
        return [f"{_LEFT + epoch * step:.1f},{_y(value):.1f}" for epoch, value in enumerate(values)]

    outline = " ".join([*points(band.lowest), *reversed(points(band.highest))])
    numbered = range(0, last + 1, -(-last // 10))
    parts = [
        _axes(_("epoch")),
        *(_text(_LEFT + epoch * step, _BOTTOM + 18, str(epoch)) for epoch in numbered),
        f'<polygon points="{outline}" class="band"/>',
        f'<polyline points="{" ".join(points(band.middle))}" class="middle"/>',
    ]
    return _figure(parts, _("The validation accuracy of the class's runs by epoch, as a band."))


def _axes(across: str) -> str:
    lines = [_line(_LEFT, _y(tick), _RIGHT, _y(tick), "grid") for tick in _TICKS]
    names = [_text(_LEFT - 8, _y(tick) + 4, percent(tick), "end") for tick in _TICKS]
    return "".join([*lines, *names, _text((_LEFT + _RIGHT) / 2, _BOTTOM + 38, across)])


def _figure(parts: Sequence[str], alt: str) -> Html:
    start = f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(alt)}">'
    return Html("".join([start, *parts, "</svg>"]))


def _y(share: float) -> float:
    return _BOTTOM - share * (_BOTTOM - _TOP)


def _line(x1: float, y1: float, x2: float, y2: float, name: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{name}"/>'


def _text(x: float, y: float, text: str, anchor: str = "middle") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
