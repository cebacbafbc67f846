"""Weights as pictures, and how weights and activations are spread."""

from enum import StrEnum

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from model.config import Activation
from model.explain.units import by_norm
from ui.base.text import _, number, plural
from ui.components import tiles
from ui.components.choices import choose
from ui.look_inside import inside
from ui.look_inside.distributions import show_distributions
from ui.look_inside.formulas import SUM, activation_formula, activation_symbols, exactly, sum_symbols
from ui.look_inside.subject import Subject
from ui.look_inside.views import View
from ui.networks import measurements

# Pictures at a time.
_MAX_PICTURES = 100
# Sides of a picture of many, and of one of ten; in CSS pixels.
_SMALL, _LARGE = 56, 112
# Full colour is what one weight in a thousand exceeds: the few largest would leave the others dark.
_FULL = 0.999

Kernel = NDArray[np.float32]


class _Order(StrEnum):
    NORM = "norm"
    NUMBER = "number"


class _Part(StrEnum):
    """What a picture shows: the weights, or what training added to those that it began with."""

    ALL = "all"
    LEARNED = "learned"


def show_weights(shown: Subject) -> None:
    """The first layer's weights as pictures, then histograms of all layers."""
    _show_pictures(shown)
    show_distributions(shown)


def _show_pictures(shown: Subject) -> None:
    has_hidden = len(shown.sizes) > 2
    heading = _("Weights of each unit in the first layer") if has_hidden else _("Weights of each digit")
    st.subheader(heading, anchor=False)
    # What stays the same while epochs play: units keep their places, and colours their meaning.
    newest, untrained = shown.newest.network, shown.untrained
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        part, order = _Part.ALL, _Order.NUMBER
        if untrained:
            part = choose(_("Show"), _Part, _part_name, "inside_part")
        if has_hidden:
            order = choose(_("Order"), _Order, _order_name, "inside_order")
        units = by_norm(newest) if order == _Order.NORM else np.arange(shown.sizes[1])
        units = units[_hundred(len(units))]
    start = untrained.network.layers[0].kernel if untrained and part == _Part.LEARNED else None
    scale = _scale(_minus(newest.layers[0].kernel, start))
    dead = np.flatnonzero(measurements.layer_statistics(shown.choice.key, shown.network)[0].dead[units])
    st.markdown(_explained(part, shown.sizes[0]))
    if untrained and part == _Part.ALL:
        st.markdown(
            _("The initial weights were random noise. **Change from training** leaves that noise out.")
        )
    tiles.show(
        "inside_tiles",
        np.ascontiguousarray(_minus(shown.network.layers[0].kernel, start)[:, units].T),
        names=[_name(unit, has_hidden, index in dead) for index, unit in enumerate(units.tolist())],
        captions=[number(unit + has_hidden) for unit in units.tolist()],
        colours=tiles.Colours.SIGNED,
        scale=scale,
        ends=(_("{value} or less", value=number(-scale, 2)), _("{value} or more", value=number(scale, 2))),
        marked=dead.tolist(),
        side=_SMALL if has_hidden else _LARGE,
        alt=_("The weights of the first layer as pictures. Click one to open its unit."),
        on_click=lambda index: inside.open_unit(1, int(units[index]), View.UNIT),
    )
    st.caption(_("All pictures and all epochs share this colour scale. Click a picture to open its unit."))
    if len(dead):
        st.caption(
            plural(
                "Crossed out: {count} dead unit. Its activation is the same for all {images} test images.",
                "Crossed out: {count} dead units. The activation of each is the same for all {images} test "
                "images.",
                len(dead),
                images=measurements.PROBE_IMAGES,
            )
        )
    _show_formula(has_hidden, shown.network.activation)


def _explained(part: _Part, pixels: int) -> str:
    match part:
        case _Part.ALL:
            return _(
                "Each picture shows the {count} weights of one unit, each in the position of its pixel. Ink "
                "on **blue** pixels raises the weighted sum, ink on **orange** pixels lowers it, and black "
                "pixels have no effect.",
                count=pixels,
            )
        case _Part.LEARNED:
            return _(
                "Each picture shows how training changed the {count} weights of one unit. On **blue** "
                "pixels the weight increased, on **orange** pixels it decreased, and on black pixels it "
                "stayed the same.",
                count=pixels,
            )


def _part_name(part: _Part) -> str:
    match part:
        case _Part.ALL:
            return _("Weights")
        case _Part.LEARNED:
            return _("Change from training")


def _order_name(order: _Order) -> str:
    match order:
        case _Order.NORM:
            return _("Largest weights first")
        case _Order.NUMBER:
            return _("By number")


def _hundred(units: int) -> slice:
    """Which of ``units`` pictures to show: all, or a hundred of them."""
    if units <= _MAX_PICTURES:
        return slice(None)
    start = st.selectbox(
        _("Pictures"),
        range(0, units, _MAX_PICTURES),
        format_func=lambda start: _(
            "{first} to {last} of {all}", first=start + 1, last=min(start + _MAX_PICTURES, units), all=units
        ),
        key=f"inside_hundred_{units}",
        width=180,
    )
    return slice(start, start + _MAX_PICTURES)


def _minus(kernel: Kernel, start: Kernel | None) -> Kernel:
    return kernel if start is None else kernel - start


def _scale(kernel: Kernel) -> float:
    """What full colour stands for: a value that one in a thousand exceeds, in numbers of two places."""
    sizes = np.abs(kernel[np.isfinite(kernel)])
    if not len(sizes):
        return 1.0
    index = min(int(_FULL * len(sizes)), len(sizes) - 1)
    return max(round(float(np.partition(sizes, index)[index]), 2), 0.01)


def _name(unit: int, has_hidden: bool, is_dead: bool) -> str:
    if not has_hidden:
        return _("Digit {digit}", digit=unit)
    return _("Unit {unit}, dead", unit=unit + 1) if is_dead else _("Unit {unit}", unit=unit + 1)


def _show_formula(has_hidden: bool, activation: Activation) -> None:
    lines = [(SUM, sum_symbols())]
    if has_hidden:
        lines += [
            (activation_formula(activation), activation_symbols()),
            (
                r"\lVert w_j \rVert = \sqrt{\sum_{i=1}^{784} w_{ij}^2}",
                _(
                    "‖w‖: the norm of unit j's weights after the newest epoch. “Largest weights first” "
                    "sorts by it."
                ),
            ),
        ]
    lines.append(
        (
            r"\Delta w_{ij} = w_{ij} - w_{ij}^{(0)}",
            _("Δw: the change from training. w with a (0): the initial weight, a random number."),
        )
    )
    exactly(*lines)
