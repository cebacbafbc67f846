"""One training step, backward: from the loss to new weights, with the numbers of what is followed."""

import streamlit as st

from model.config import CLASSES
from model.explain.backpropagation import LinkStep, TrainingStep, backward_sum, bias_step, link_step
from ui.base.text import _, decimals, number, percent, precise, short_number
from ui.look_inside.formulas import exactly, significant, slope_formula, sloped, typeset
from ui.look_inside.training_step.stages import Followed
from ui.reading.sums import SHOWN, show_sum
from ui.reading.unit_names import unit_name

# Beyond these float32 has no place left in a weight of 0.1 to 1.
_MAX_DECIMALS = 7


def show_error(followed: Followed) -> None:
    step, digit = followed.step, followed.path[-1]
    st.subheader(_("Backward pass: the gradient at the logits"), anchor=False)
    st.markdown(
        _(
            "How would the loss change if a logit were a little larger? That is its **gradient**: its "
            "probability minus its target. Blue: the loss would rise, so this logit should decrease. "
            "Orange: the loss would fall, so it should increase."
        )
    )
    rows = range(CLASSES)
    probabilities, errors = step.before.probabilities.tolist(), step.grad_pre_activations[-1].tolist()
    should = [1 if row == step.label else 0 for row in rows]
    st.table(
        {
            _("digit"): [f"**{row}**" if row == digit else str(row) for row in rows],
            _("probability"): [number(p, decimals([min(p, 1 - p)])) for p in probabilities],
            _("target"): [str(y) for y in should],
            _("gradient"): [precise(error) for error in errors],
        }
    )
    exactly(
        (
            r"\frac{\partial L}{\partial z_j} = p_j - y_j",
            _(
                "z: the logit of digit j. p: its probability. y: its target, 1 for the correct digit and 0 "
                "for the others. ∂L/∂z: how fast the loss L grows with z. Softmax and cross-entropy "
                "together make the formula this simple."
            ),
        )
    )


def show_back(followed: Followed, layer: int) -> None:
    step, unit = followed.step, followed.path[layer]
    activation = step.network.activation
    st.subheader(_("Backward pass: layer {layer}", layer=layer), anchor=False)
    st.markdown(
        _(
            "Now **{unit}** receives the gradient of every unit it feeds, times the weight of the link, all "
            "added up:",
            unit=followed.name(layer),
        )
    )
    show_sum(
        backward_sum(step, layer, unit, SHOWN),
        lambda end: unit_name(layer + 1, end, followed.sizes),
        _("from"),
        _("its gradient"),
        _("the sum"),
        biased=False,
    )
    grad_activation = float(step.grad_activations[layer][unit])
    grad_pre_activation = float(step.grad_pre_activations[layer - 1][unit])
    z, a = float(step.before.pre_activations[layer - 1][unit]), float(step.before.activations[layer][unit])
    derivative = float(step.derivatives[layer - 1][unit])
    st.markdown(
        _(
            "This is multiplied by the derivative (slope) of the activation function. Where the function is "
            "flat, the gradient becomes 0."
        )
    )
    slope = number(derivative) if derivative in {0, 1} else significant(derivative)
    st.latex(sloped(activation, significant(z), significant(a), slope))
    st.latex(
        rf"\frac{{\partial L}}{{\partial z}} = {significant(grad_activation)} \cdot {slope} "
        rf"= {significant(grad_pre_activation)}"
    )
    exactly(
        (
            r"\frac{\partial L}{\partial a_i} = \sum_j w_{ij} \frac{\partial L}{\partial z_j}, \qquad "
            r"\frac{\partial L}{\partial z_i} = \frac{\partial L}{\partial a_i} \, f'(z_i)",
            _(
                "∂L/∂z, ∂L/∂a: how fast the loss L grows with the pre-activation z and the activation a of "
                "a unit. w: the weight of the link from unit i to unit j of the next layer. f': the "
                "derivative (slope) of the activation function."
            ),
        ),
        (slope_formula(activation), _("z: the pre-activation of the unit. a: its activation, f(z).")),
    )


def show_gradient(followed: Followed) -> None:
    step = followed.step
    st.subheader(_("The gradient of every weight"), anchor=False)
    st.markdown(
        _(
            "The gradient of a weight is the activation at the start of its link times the gradient at its "
            "end. So a link from a unit with activation 0 learns nothing from this image. These are the "
            "links that you follow, and the biases at their ends:"
        )
    )
    links = _links(followed)
    table = {
        _("link"): _link_names(followed),
        _("activation at its start"): [precise(link.activation) for link in links],
        _("gradient at its end"): [precise(link.grad_pre_activation) for link in links],
    }
    lines = [
        (
            r"\frac{\partial L}{\partial w_{ij}} = a_i \, \frac{\partial L}{\partial z_j}",
            _(
                "∂L/∂w: how fast the loss L grows with the weight w from unit i to unit j. a: the "
                "activation of unit i; for a bias, 1. z: the pre-activation of unit j."
            ),
        )
    ]
    if step.l2:
        lines.append(
            (
                rf"+ 2 \lambda w_{{ij}}, \quad \lambda = {typeset(short_number(step.l2))}",
                _(
                    "The L2 penalty adds this for a weight w, but not for a bias. λ: the L2 penalty of the "
                    "recipe."
                ),
            )
        )
        table[_("L2 penalty")] = [precise(link.decay) for link in links]
    table[_("its gradient")] = [f"**{precise(link.gradient)}**" for link in links]
    st.table(table)
    exactly(*lines)


def show_update(followed: Followed) -> None:
    step = followed.step
    st.subheader(_("Update: every weight takes a step"), anchor=False)
    st.markdown(
        _(
            "**Gradient descent** subtracts the gradient times the learning rate, {rate}. All {count} "
            "weights and biases change at once, except where the gradient is 0. These are the ones that you "
            "follow:",
            rate=short_number(step.rate),
            count=sum(weight.size for weight in step.network.weights),
        )
    )
    links = _links(followed)
    moves = [step.rate * link.gradient for link in links]
    # As many decimals as show the move, where float32 has them.
    places = [min(max(decimals([move]), 3), _MAX_DECIMALS) for move in moves]
    st.table(
        {
            _("link"): _link_names(followed),
            _("weight"): [number(link.weight, count) for link, count in zip(links, places, strict=True)],
            _("learning rate × gradient"): [precise(move) for move in moves],
            _("new weight"): [
                f"**{number(link.after, count)}**" for link, count in zip(links, places, strict=True)
            ],
        }
    )
    exactly(
        (
            r"w \leftarrow w - \eta \, \frac{\partial L}{\partial w}",
            _("w: the weight, η: the learning rate, ∂L/∂w: the gradient of the loss for this weight"),
        )
    )


def show_after(followed: Followed) -> None:
    step = followed.step
    before, after = float(step.before.probabilities[step.label]), float(step.after.probabilities[step.label])
    st.subheader(_("After the step"), anchor=False)
    st.markdown(_what_became_of_it(step))
    losses = [step.loss, step.loss_after]
    table = {
        "": [_("before"), _("after")],
        _("loss"): [precise(loss.total) for loss in losses],
    }
    if step.l2:
        table[_("of which L2 penalty")] = [precise(loss.penalty) for loss in losses]
    st.table(
        {
            **table,
            _("probability of {digit}", digit=step.label): [percent(before, 2), percent(after, 2)],
            _("prediction"): [
                str(int(step.before.probabilities.argmax())),
                str(int(step.after.probabilities.argmax())),
            ],
        }
    )


def _what_became_of_it(step: TrainingStep) -> str:
    before, after = step.loss.total, step.loss_after.total
    if after < before:
        return _(
            "The updated network reads the same image: the loss has fallen. Training takes such a step for "
            "every batch, many times per epoch."
        )
    if not any(gradient.any() for gradient in (*step.grad_weights, *step.grad_pre_activations)):
        return _("Every gradient is 0: there is nothing left to learn from this image.")
    if after == before:
        return _("The loss is the same: the step was too small for the network's 32-bit numbers.")
    return _(
        "The loss did not fall: the step was too large. The gradient gives the direction of the step, not "
        "how far to go."
    )


def _links(followed: Followed) -> list[LinkStep]:
    """What the step does to the links along the path, each followed by the bias of the unit at its end."""
    step, path = followed.step, followed.path
    return [
        found
        for layer in range(len(path) - 1)
        for found in (
            link_step(step, layer, path[layer], path[layer + 1]),
            bias_step(step, layer, path[layer + 1]),
        )
    ]


def _link_names(followed: Followed) -> list[str]:
    return [
        name
        for layer in range(1, len(followed.path))
        for name in (
            _("{start} to {end}", start=followed.name(layer - 1), end=followed.name(layer)),
            _("bias of {unit}", unit=followed.name(layer)),
        )
    ]
