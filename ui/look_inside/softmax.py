"""The softmax of one image, step by step, with the network's numbers, at any temperature."""

import math

import numpy as np
import streamlit as st

from model.explain.softmax_steps import SoftmaxSteps, softmax_steps
from ui.base import session
from ui.base.text import _, number, percent, short_number
from ui.components.softmax_bars import show_bars
from ui.look_inside.formulas import TINY, exactly, power_of_ten, significant, typeset
from ui.look_inside.subject import Subject
from ui.reading.diverged import tell_diverged

_OWN = 1.0
# As many below the network's own as above.
_TEMPERATURES = (0.1, 0.15, 0.2, 0.3, 0.5, 0.7, _OWN, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0)
# Stands on the slider for the temperature of this network, which is another one after every epoch.
_CALIBRATED = "calibrated"
# Smaller probabilities are not written out in the table.
_MIN_SHARE = 0.001


def show_softmax(shown: Subject) -> None:
    """All ten digits as bars and in a table, and the way of one of them written out."""
    if tell_diverged(shown.forward.logits):
        return
    left, right = st.columns(2, gap="large")
    with left:
        _explain()
        steps = softmax_steps(shown.forward.logits, _choose_temperature(shown.choice.temperature))
        show_bars(steps.probabilities, "inside_softmax")
    with right, st.container(key="inside_softmax_steps"):
        _show_table(steps)
    _show_way(steps)
    _show_exactly()


def _explain() -> None:
    st.markdown(
        _(
            "The output layer computes ten scores, the **logits**. They can be any numbers, even negative "
            "ones. **Softmax** turns them into probabilities:"
        )
    )
    steps = [
        _("**÷ temperature T.** A low T favours the largest logit; a high T makes all ten more alike."),
        _("**e to the power of each.** The result is never negative, and the largest stands out."),
        _("**÷ their sum.** Now all ten add up to {all}.", all=percent(1.0)),
    ]
    st.markdown("\n".join(f"1. {step}" for step in steps))


def _choose_temperature(calibrated: float | None) -> float:
    """A slider, and buttons for the network's own and the ``calibrated`` temperature, if that is known."""
    places: dict[float | str, float] = {value: value for value in _TEMPERATURES}
    if calibrated is not None:
        places = dict(sorted({**places, _CALIBRATED: calibrated}.items(), key=lambda place: place[1]))
    key = f"inside_temperature_{len(places)}"
    session.prefer(key, _OWN)
    chosen = st.select_slider(
        _("Temperature T"),
        list(places),
        format_func=lambda place: _("calibrated") if place == _CALIBRATED else short_number(float(place)),
        key=key,
        persist_state="session",
    )
    with st.container(horizontal=True, gap="small"):
        _temperature_button(key, _OWN, _("{temperature}: standard", temperature=short_number(_OWN)))
        if calibrated is not None:
            label = _("{temperature}: calibrated", temperature=number(calibrated, 2))
            _temperature_button(key, _CALIBRATED, label)
    st.caption(_what_it_does(chosen, places[chosen]))
    return places[chosen]


def _temperature_button(key: str, place: float | str, label: str) -> None:
    st.button(label, key=f"{key}_{place}", on_click=session.prefer, args=(key, place, True))


def _what_it_does(chosen: float | str, temperature: float) -> str:
    if chosen == _CALIBRATED:
        return _(
            "Calibrated on held-out images: of predictions with a probability of {ninety}, about {ninety} "
            "are correct.",
            ninety=percent(0.9),
        )
    if temperature == _OWN:
        return _("Standard softmax: the network's own probabilities.")
    if temperature > _OWN:
        return _("Less confident than standard softmax. The prediction stays the same.")
    return _("More confident than standard softmax. The prediction stays the same.")


def _show_table(steps: SoftmaxSteps) -> None:
    """A row a digit and a column a step. The powers are those of the shifted logits: from 0 to 1, where
    the others can have a hundred places before the point."""
    answer = int(steps.probabilities.argmax())
    rows = []
    for digit, power in enumerate(steps.exponentials.tolist()):
        row = [
            number(digit),
            _rounded(steps.logits[digit], 2),
            _rounded(steps.scaled[digit], 2),
            _rounded(steps.shifted[digit], 2),
            number(power, 4) if power >= TINY else f"<{short_number(TINY)}",
            _share(float(steps.probabilities[digit])),
        ]
        rows.append([f"**{cell}**" for cell in row] if digit == answer else row)
    rows.append([_("sum"), "", "", "", number(steps.total, 4), percent(1.0)])
    names = (_("digit"), _("logit"), "÷ T", _("− largest"), "eˣ", _("÷ sum"))
    st.table(dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))
    st.caption(
        _(
            "Each column is computed from the one to its left. Subtracting the largest value keeps every eˣ "
            "between 0 and 1 and changes no probability."
        )
    )


def _show_way(steps: SoftmaxSteps) -> None:
    """The five steps of one digit, each with its numbers."""
    answer = int(steps.probabilities.argmax())
    picked = st.segmented_control(
        _("One digit, step by step"),
        range(len(steps.probabilities)),
        default=answer,
        required=True,
        format_func=number,
        key=f"inside_softmax_digit_{answer}",
        wrap=True,
    )
    digit = answer if picked is None else int(picked)
    power, probability = float(steps.exponentials[digit]), float(steps.probabilities[digit])
    z, scaled, largest, shifted = (
        typeset(_rounded(value, 3))
        for value in (steps.logits[digit], steps.scaled[digit], steps.largest, steps.shifted[digit])
    )
    temperature, total = typeset(short_number(round(steps.temperature, 4))), typeset(number(steps.total, 4))
    made = significant(power, 4)
    lines = [
        _("The logit: {equation}", equation=f"$z_{digit} = {z}$"),
        _("Divided by the temperature: {equation}", equation=rf"${z} \div {temperature} = {scaled}$"),
        _("Minus the largest: {equation}", equation=f"${scaled} - {_bracketed(largest)} = {shifted}$"),
        _("e (2.718…) to that power: {equation}", equation=f"$e^{{{shifted}}} = {made}$"),
        _(
            "Divided by the sum of all ten: {equation}, or **{share}**",
            equation=rf"${made} \div {total} = {significant(probability, 4)}$",
            share=_share(probability),
        ),
    ]
    with st.container(key="inside_softmax_way"):
        st.markdown("\n".join(f"1. {line}" for line in lines))
    if power == 0:
        st.caption(_("This power is too small for the network's 32-bit numbers, so it becomes 0."))
    elif power < TINY:
        st.caption(
            _(
                "This power is tiny: its decimals start with {zeros} zeros.",
                zeros=-power_of_ten(power) - 1,
            )
        )


def _share(probability: float) -> str:
    return percent(probability, 1) if probability >= _MIN_SHARE else f"<{percent(_MIN_SHARE, 1)}"


def _rounded(value: float, digits: int) -> str:
    """``value``, never as -0; a long one without decimals."""
    digits = digits if abs(value) < 1_000 else 0
    return number(round(float(value), digits) + 0.0, digits)


def _bracketed(shown: str) -> str:
    return f"({shown})" if shown.startswith("-") else shown


def _show_exactly() -> None:
    exactly(
        (
            r"p_j = \frac{e^{z_j / T}}{\sum_{k=0}^{9} e^{z_k / T}}",
            _(
                "p: the probability of digit j. z: its logit. T: the temperature, 1 in standard softmax. e: "
                "2.718… Σ: the sum over the digits k from 0 to 9."
            ),
        ),
        (r"m = \max_k \frac{z_k}{T}", _("m: the largest of the ten values z / T.")),
        (
            r"\frac{e^{z_j / T - m}}{\sum_{k=0}^{9} e^{z_k / T - m}}"
            r" = \frac{e^{-m} \, e^{z_j / T}}{e^{-m} \, \sum_{k=0}^{9} e^{z_k / T}} = p_j",
            _(
                "Subtracting m divides every power, and so their sum, by the same number: no probability "
                "changes. Without it, e to a power above {most} would be too large for the network's 32-bit "
                "numbers.",
                most=math.floor(math.log(np.finfo(np.float32).max)),
            ),
        ),
    )
