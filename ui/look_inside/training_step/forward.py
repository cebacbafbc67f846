"""One training step, forward: from the picture to the loss, with the numbers of what is followed."""

import math

import streamlit as st

from model.explain.backpropagation import unit_sum
from model.explain.softmax_steps import softmax_steps
from ui.base.text import _, decimals, number, percent, short_number
from ui.look_inside.formulas import (
    SUM,
    TINY,
    activated,
    activation_formula,
    activation_symbols,
    exactly,
    filled,
    significant,
    sum_symbols,
    typeset,
)
from ui.look_inside.training_step.stages import Followed
from ui.reading.sums import SHOWN, show_sum
from ui.reading.unit_names import unit_name


def show_picture(followed: Followed) -> None:
    step = followed.step
    st.subheader(_("Input: the image"), anchor=False)
    st.markdown(
        _(
            "784 numbers, one per pixel, from 0 (no ink) to 1 (full ink). The network should predict "
            "**{label}** and learns a little from this image. You follow **{pixel}**:",
            label=step.label,
            pixel=followed.name(0),
        )
    )
    st.latex(f"a = {filled(float(step.before.ink[followed.path[0]]), 3)}")
    exactly(("a_i", _("a: the activation of unit i; for a pixel, its ink from 0 to 1.")))


def show_forward(followed: Followed, layer: int) -> None:
    step, unit = followed.step, followed.path[layer]
    is_last = layer == len(followed.sizes) - 1
    written = unit_sum(step.before, layer - 1, unit, SHOWN)
    if is_last:
        st.subheader(_("Forward pass: the logits"), anchor=False)
    else:
        st.subheader(_("Forward pass: layer {layer}", layer=layer), anchor=False)
    st.markdown(
        _(
            "Here **{unit}** computes its weighted sum: each input times the weight of its link, all added "
            "up, plus the bias:",
            unit=followed.name(layer),
        )
    )
    show_sum(
        written,
        lambda start: unit_name(layer - 1, start, followed.sizes),
        _("from"),
        _("ink") if layer == 1 else _("activation"),
        _("weighted sum (logit)") if is_last else _("weighted sum"),
    )
    summed = (SUM, sum_symbols())
    if is_last:
        exactly(summed)
        return
    z, a = float(step.before.pre_activations[layer - 1][unit]), float(step.before.activations[layer][unit])
    st.markdown(_("The activation function turns this sum into the activation of the unit:"))
    st.latex(activated(step.network.activation, significant(z), significant(a)))
    exactly(summed, (activation_formula(step.network.activation), activation_symbols()))


def show_softmax(followed: Followed) -> None:
    step, digit = followed.step, followed.path[-1]
    made = softmax_steps(step.before.logits)
    st.subheader(_("Softmax: from logits to probabilities"), anchor=False)
    st.markdown(
        _(
            "Ten logits become ten probabilities: e to the power of each, divided by the sum of all ten. "
            "First, the largest logit is subtracted from each; this keeps the numbers small and changes no "
            "probability. For **{digit}**:",
            digit=followed.name(len(followed.sizes) - 1),
        )
    )
    z, m = filled(float(step.before.logits[digit]), 2), filled(made.largest, 2)
    power, total = significant(float(made.exponentials[digit]), 4), filled(made.total, 4)
    p = significant(float(step.before.probabilities[digit]), 4)
    st.latex(rf"p_{digit} = \frac{{e^{{{z} - ({m})}}}}{{{total}}} = \frac{{{power}}}{{{total}}} = {p}")
    exactly(
        (
            r"p_j = \frac{e^{z_j - m}}{\sum_{k=0}^{9} e^{z_k - m}}",
            _("p: the probability of digit j. z: its logit. m: the largest of the ten logits. e: 2.718…"),
        )
    )


def show_loss(followed: Followed) -> None:
    step = followed.step
    loss = step.loss.cross_entropy
    st.subheader(_("The loss: how wrong is the prediction?"), anchor=False)
    st.markdown(
        _(
            "The network gave the correct digit, {label}, a probability of {probability}. The lower this "
            "probability, the larger the loss; 0 would be perfect.",
            label=step.label,
            probability=percent(math.exp(-loss), 1),
        )
    )
    st.latex(rf"L = -\ln p_{step.label} = -\ln {_probability(loss)} = {significant(loss)}")
    lines = [
        (
            r"L = -\sum_{k=0}^{9} y_k \ln p_k",
            _("Categorical cross-entropy. y: 1 for the correct digit, 0 for the others (one-hot)"),
        )
    ]
    if step.l2:
        st.markdown(_("The L2 penalty adds {penalty}.", penalty=number(step.loss.penalty, 4)))
        lines.append(
            (
                rf"L + \lambda \sum w^2, \quad \lambda = {typeset(short_number(step.l2))}",
                _("λ: the L2 penalty of the recipe. w: all weights, without the biases."),
            )
        )
    exactly(*lines)


def _probability(loss: float) -> str:
    """The probability of which ``loss`` is -ln, for a formula: float32, as the network has it, can be 0 or 1
    where its logarithm is not."""
    probability, rest = math.exp(-loss), -math.expm1(-loss)
    if probability == 0:
        return f"e^{{-{significant(loss)}}}"
    if rest < TINY:
        return f"(1 - {significant(rest)})"
    # Near 1 it is the distance from 1 that counts.
    return (
        significant(probability)
        if probability < TINY
        else filled(probability, decimals([min(probability, rest)], 4))
    )
