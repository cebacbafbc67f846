"""How the weights and the activations of each layer are spread, before training and after an epoch."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import streamlit as st

from model.config import Activation
from model.explain.histogram import Histogram, aligned
from model.explain.units import DEAD_RANGE
from ui.base import session
from ui.base.text import _, plural, short_number
from ui.components import chart
from ui.components.choices import choose
from ui.figures.histograms import Bars, Row, histograms_figure, histograms_frame
from ui.look_inside.formulas import exactly
from ui.look_inside.subject import Subject
from ui.look_inside.views import View
from ui.networks import measurements
from ui.networks.selection import Choice
from ui.reading.unit_names import layer_name


class _Kind(StrEnum):
    WEIGHTS = "weights"
    ACTIVATIONS = "activations"


@dataclass(frozen=True)
class _Spread:
    """One layer of one network: the ``histogram`` of its values, and how many units are dead."""

    histogram: Histogram
    dead: int = 0


def show_distributions(shown: Subject) -> None:
    """A histogram a layer, and beside it the one of the untrained network; a bar opens a unit."""
    st.subheader(_("All weights, all activations"), anchor=False)
    kind = choose(_("What is counted"), _Kind, _name, "inside_counted")
    untrained = shown.untrained
    st.markdown(_explained(kind))
    if untrained is None:
        st.caption(_("Of this network no other epoch is kept, so there is nothing to lay it beside."))
    titles, spreads = [_("after epoch {epoch}", epoch=shown.choice.epoch)], [_spreads(shown.choice, kind)]
    if untrained:
        titles.insert(0, _("before training"))
        spreads.insert(0, _spreads(untrained, kind))
    rows, firsts = [], []
    for layer, row in enumerate(zip(*spreads, strict=True), start=1):
        same = aligned([spread.histogram for spread in row])
        first = [bins.dominant_units for bins in same]
        firsts.append(first)
        is_last = layer == len(shown.sizes) - 1
        # Digits are counted from 0, units from 1.
        columns = tuple(
            Bars(_title(title, spread.dead), bins, units + (not is_last))
            for title, spread, bins, units in zip(titles, row, same, first, strict=True)
        )
        rows.append(Row(layer_name(layer, shown.sizes), _hover(kind, is_last), columns))

    def open_leader(trace: int, index: int) -> None:
        layer, column = divmod(trace, len(titles))
        session.open_unit(layer + 1, int(firsts[layer][column][index]), View.UNIT)

    chart.show_live(
        histograms_frame(tuple(row.name for row in rows), tuple(row.hover for row in rows), len(titles)),
        histograms_figure(rows),
        key=f"inside_{kind}",
        alt=_alt(kind),
        on_click=open_leader,
    )
    _show_notes(rows)
    _show_formulas(kind, shown.network.activation)


def _spreads(choice: Choice, kind: _Kind) -> list[_Spread]:
    """Of every layer behind the pixels."""
    match kind:
        case _Kind.WEIGHTS:
            return list(map(_Spread, measurements.weight_histograms(choice.key, choice.network)))
        case _Kind.ACTIVATIONS:
            layers = measurements.layer_statistics(choice.key, choice.network)
            return [_Spread(layer.histogram, int(layer.dead.sum())) for layer in layers]


def _title(title: str, dead: int) -> str:
    return plural("{title}: {count} dead", "{title}: {count} dead", dead, title=title) if dead else title


def _hover(kind: _Kind, is_last: bool) -> str:
    places = {
        "low": "%{customdata[0]:.3~g}",
        "high": "%{customdata[1]:.3~g}",
        "count": "%{customdata[2]:,}",
        "unit": "%{customdata[3]}",
    }
    match kind, is_last:
        case _Kind.WEIGHTS, False:
            return _("weights from {low} to {high}: {count}, most of them unit {unit}'s", **places)
        case _Kind.WEIGHTS, True:
            return _("weights from {low} to {high}: {count}, most of them digit {unit}'s", **places)
        case _Kind.ACTIVATIONS, True:
            return _("logits from {low} to {high}: {count}, most of them digit {unit}'s", **places)
    return _("activations from {low} to {high}: {count}, most of them unit {unit}'s", **places)


def _show_notes(rows: Sequence[Row]) -> None:
    lost = sum(bars.histogram.not_finite for row in rows for bars in row.columns)
    if lost:
        st.caption(
            plural(
                "{count} value is not a number any more, and is in no bar. The network was trained too fast.",
                "{count} values are no numbers any more, and are in no bar. The network was trained too "
                "fast.",
                lost,
            )
        )
    st.caption(
        _(
            "Histograms of one layer have the same axes. Heights are square roots: a bar of twice the "
            "height counts four times as many. Click a bar to open the unit that has most of them."
        )
    )


def _name(kind: _Kind) -> str:
    match kind:
        case _Kind.WEIGHTS:
            return _("Weights")
        case _Kind.ACTIVATIONS:
            return _("Activations")


def _explained(kind: _Kind) -> str:
    match kind:
        case _Kind.WEIGHTS:
            return _(
                "All weights that lead into a layer, sorted by size: the higher a bar, the more weights have "
                "that size. Training begins with small random weights, and pulls some of them far out."
            )
        case _Kind.ACTIVATIONS:
            return _(
                "What every unit of a layer passes on for {count} test images, sorted by size. A unit that "
                "passes on the same for all of them is **dead**: it tells the next layer nothing.",
                count=measurements.PROBE_IMAGES,
            )


def _alt(kind: _Kind) -> str:
    match kind:
        case _Kind.WEIGHTS:
            return _("Histograms of the weights, a row for each layer.")
        case _Kind.ACTIVATIONS:
            return _("Histograms of the activations, a row for each layer.")


def _show_formulas(kind: _Kind, activation: Activation) -> None:
    if kind == _Kind.WEIGHTS:
        exactly(
            (
                r"c_k = \#\{(i, j) : k h \le w_{ij} < (k + 1) h\}",
                _(
                    "c: how many weights bar k counts; the bar is as high as the square root of it. w: the "
                    "weight from unit i of the layer before to unit j of this one; biases are not counted. "
                    "h: the width of a bar, a power of two."
                ),
            )
        )
        return
    exactly(
        (
            r"c_k = \#\{(n, j) : k h \le a_j^{(n)} < (k + 1) h\}",
            _(
                "c: how many activations bar k counts; the bar is as high as the square root of it. a: what "
                "unit j passes on for image n; of the answers, the logit. h: the width of a bar, a power of "
                "two."
            ),
        ),
        _dead(activation),
    )


def _dead(activation: Activation) -> tuple[str, str]:
    """When a hidden unit is called dead; see ``model.explain.units.layer_statistics``."""
    if activation == Activation.RELU:
        return (
            r"j \text{ dead} \iff \max_n\, a_j^{(n)} = 0",
            _(
                "max: the largest over the {count} images. A ReLU unit that passes on 0 for all of them "
                "gets no gradient, and cannot learn from them any more; another image may still move it. A "
                "logit is never called dead.",
                count=measurements.PROBE_IMAGES,
            ),
        )
    return (
        r"j \text{ dead} \iff \max_n\, a_j^{(n)} - \min_n\, a_j^{(n)} < " + f"{DEAD_RANGE:g}",
        _(
            "max and min: the largest and the least over the {count} images. A unit that moves by less than "
            "{still} over all of them is saturated or hears nothing: to the next layer it is another bias. A "
            "logit is never called dead.",
            count=measurements.PROBE_IMAGES,
            still=short_number(DEAD_RANGE),
        ),
    )
