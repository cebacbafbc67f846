"""How the weights and the activations of each layer are spread, before training and after an epoch."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import streamlit as st

from model.config import Activation
from model.explain.histogram import Histogram, aligned
from model.explain.units import DEAD_RANGE
from ui.base.text import _, plural, short_number
from ui.components import chart
from ui.components.choices import choose
from ui.figures.histograms import Bars, Row, histograms_figure, histograms_frame
from ui.look_inside import inside
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
    st.subheader(_("Distribution of weights and activations"), anchor=False)
    kind = choose(_("Histograms of"), _Kind, _name, "inside_counted")
    untrained = shown.untrained
    st.markdown(_explained(kind))
    if untrained is None:
        st.caption(_("No other epoch of this network was saved to compare with."))
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
        inside.open_unit(layer + 1, int(firsts[layer][column][index]), View.UNIT)

    chart.show_live(
        chart.shared(
            histograms_frame, tuple(row.name for row in rows), tuple(row.hover for row in rows), len(titles)
        ),
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
            return _("Weights from {low} to {high}: {count}. Unit {unit} has the most.", **places)
        case _Kind.WEIGHTS, True:
            return _("Weights from {low} to {high}: {count}. Digit {unit} has the most.", **places)
        case _Kind.ACTIVATIONS, True:
            return _("Logits from {low} to {high}: {count}. Digit {unit} has the most.", **places)
    return _("Activations from {low} to {high}: {count}. Unit {unit} has the most.", **places)


def _show_notes(rows: Sequence[Row]) -> None:
    lost = sum(bars.histogram.not_finite for row in rows for bars in row.columns)
    if lost:
        st.caption(
            plural(
                "{count} value is NaN or infinite and not shown. The network diverged: its learning rate "
                "was too high.",
                "{count} values are NaN or infinite and not shown. The network diverged: its learning rate "
                "was too high.",
                lost,
            )
        )
    st.caption(
        _(
            "Histograms of the same layer share their axes. Heights are square roots: a bar twice as high "
            "counts four times as many values. Click a bar to open the unit with the most values in it."
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
                "A **histogram** counts the weights of a layer by value: the higher a bar, the more weights "
                "have that value. Training starts from small random weights and moves some of them far from "
                "0."
            )
        case _Kind.ACTIVATIONS:
            return _(
                "A **histogram** counts the activations of a layer on {count} test images by value. A unit "
                "is **dead** if its activation is the same for all of them: it carries no information.",
                count=measurements.PROBE_IMAGES,
            )


def _alt(kind: _Kind) -> str:
    match kind:
        case _Kind.WEIGHTS:
            return _("Histograms of the weights, one row per layer.")
        case _Kind.ACTIVATIONS:
            return _("Histograms of the activations, one row per layer.")


def _show_formulas(kind: _Kind, activation: Activation) -> None:
    if kind == _Kind.WEIGHTS:
        exactly(
            (
                r"c_k = \#\{(i, j) : k h \le w_{ij} < (k + 1) h\}",
                _(
                    "c: the number of weights in bar k, whose height is √c. w: the weight from unit i of "
                    "the previous layer to unit j of this one. Biases are not counted. h: the width of a "
                    "bar, a power of two."
                ),
            )
        )
        return
    exactly(
        (
            r"c_k = \#\{(n, j) : k h \le a_j^{(n)} < (k + 1) h\}",
            _(
                "c: the number of activations in bar k, whose height is √c. a: the activation of unit j for "
                "image n; in the output layer, the logit. h: the width of a bar, a power of two."
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
                "max: the largest activation over the {count} images. A ReLU unit that is 0 for all of them "
                "gets no gradient, so it cannot learn from them. Another image may still activate it. A "
                "logit is never called dead.",
                count=measurements.PROBE_IMAGES,
            ),
        )
    return (
        r"j \text{ dead} \iff \max_n\, a_j^{(n)} - \min_n\, a_j^{(n)} < " + f"{DEAD_RANGE:g}",
        _(
            "max and min: the largest and smallest activation over the {count} images. If they differ by "
            "less than {still}, the unit is saturated or gets no input: for the next layer it is like a "
            "bias. A logit is never called dead.",
            count=measurements.PROBE_IMAGES,
            still=short_number(DEAD_RANGE),
        ),
    )
