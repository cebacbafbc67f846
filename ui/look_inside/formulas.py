"""Formulas for ``st.latex``: activations and their slopes, in general and with numbers filled in.

``z`` is a unit's pre-activation and ``a`` its activation; as arguments they are numbers, ready to be shown.
"""

from string import Template

import streamlit as st

from model.activations import ACTIVATIONS
from model.config import Activation
from ui.base.text import _, decimals, number

# Below it zeros after the point are hard to count.
TINY = 1e-4


def exactly(*lines: tuple[str, str]) -> None:
    """Formulas, each with a sentence that explains its symbols, one click below the text."""
    with st.expander(_("The exact formula")):
        for formula, symbols in lines:
            st.latex(formula)
            st.caption(symbols)


def typeset(shown: str) -> str:
    """A number that is ready to be shown, for a formula: its comma is no pause."""
    return shown.replace(",", "{,}")


def filled(value: float, digits: int) -> str:
    """``value`` with ``digits`` decimals, for a formula."""
    return typeset(number(value, digits))


def significant(value: float, digits: int = 3) -> str:
    """``value`` with at least ``digits`` digits that count, for a formula; a tiny one by its power of ten."""
    if value == 0:
        return number(0)
    if abs(value) >= TINY:
        return filled(value, decimals([value], digits))
    power = power_of_ten(value)
    return rf"{filled(value / 10**power, 2)} \cdot 10^{{{power}}}"


def power_of_ten(value: float) -> int:
    """The one in a ``value`` other than 0 that is shown with three digits."""
    return int(f"{value:.2e}".partition("e")[2])


SUM = r"z_j = \sum_i w_{ij} \, a_i + b_j"


def sum_symbols() -> str:
    return _(
        "z: the pre-activation (weighted sum) of unit j. a: the activation of unit i in the previous layer; "
        "for a pixel, its ink from 0 to 1. w: the weight of the link from i to j. b: the bias of unit j. Σ: "
        "the sum over all i."
    )


def activation_symbols() -> str:
    return _("f: the activation function. a: the activation (output) of unit j.")


def activation_formula(activation: Activation) -> str:
    return ACTIVATIONS[activation].latex


def slope_formula(activation: Activation) -> str:
    return ACTIVATIONS[activation].derivative_latex


def activated(activation: Activation, z: str, a: str) -> str:
    return Template(ACTIVATIONS[activation].latex_of).substitute(z=z, a=a)


def sloped(activation: Activation, z: str, a: str, slope: str) -> str:
    return Template(ACTIVATIONS[activation].derivative_latex_of).substitute(z=z, a=a, slope=slope)
