"""A unit's sum written out with its numbers."""

from collections.abc import Callable

import streamlit as st

from model.explain.backpropagation import WrittenSum
from ui.base.text import _, decimals, number, plural, precise

# Terms that are written out, the largest first.
SHOWN = 6


def show_sum(
    written: WrittenSum,
    name: Callable[[int], str],
    start: str,
    value: str,
    total: str,
    biased: bool = True,
    output: tuple[str, float] | None = None,
) -> None:
    """A table with a row for each term of ``written``, its link called ``name(unit)``; ``start`` and
    ``value`` head the columns for where it begins and what comes from there, ``total`` names the sum and
    ``output`` what the unit makes of it, in a last row."""
    products = [term.product for term in written.terms]
    places = decimals([*products, written.rest, written.bias, written.total])
    rows = [
        (
            name(term.unit),
            precise(term.weight),
            precise(term.value),
            number(term.product, places),
        )
        for term in written.terms
    ]
    if written.smaller:
        rest = plural("{count} smaller term", "{count} smaller terms together", written.smaller)
        rows.append((rest, "", "", number(written.rest, places)))
    if biased:
        rows.append((_("bias"), "", "", number(written.bias, places)))
    rows.append((f"**{total}**", "", "", f"**{number(written.total, places)}**"))
    if output:
        rows.append((f"**{output[0]}**", "", "", f"**{number(output[1], places)}**"))
    starts, weights, values, results = zip(*rows, strict=True)
    st.table(
        {start: list(starts), _("weight"): list(weights), value: list(values), _("product"): list(results)}
    )
