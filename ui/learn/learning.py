"""How a network learns: the loss says how wrong it is, the gradient which way is downhill."""

import math
from collections.abc import Sequence
from enum import StrEnum
from itertools import pairwise

import numpy as np
import streamlit as st

from model.config import CLASSES
from model.explain.lesson import WeightLoss, busiest_link
from ui.base import resources
from ui.base.text import _, number, percent, short_number
from ui.components import chart
from ui.figures import lesson as figures

_LOSS_IMAGES = 500
_RATES = [0.1, 0.3, 1.0, 3.0, 5.0, 20.0]
_START_BESIDE = 1.5
# Wide enough to show a weight that jumps to and fro over the valley.
_SHOWN_LEFT, _SHOWN_RIGHT = 5.0, 2.5
# So close above the lowest loss that the eye sees no difference.
_BOTTOM = 0.005


class Standing(StrEnum):
    """Where a descent has got to."""

    START = "start"
    DESCENDING = "descending"
    BOTTOM = "bottom"
    OVERSHOT = "overshot"


def standing(losses: Sequence[float], lowest: float) -> Standing:
    """What ``losses``, one a visited weight, say about a descent towards ``lowest``."""
    if len(losses) == 1:
        return Standing.START
    if losses[-1] <= lowest + _BOTTOM:
        return Standing.BOTTOM
    climbs = any(after > before for before, after in pairwise(losses))
    return Standing.OVERSHOT if climbs else Standing.DESCENDING


def how_wrong() -> None:
    """The loss of one image, by the probability of the right digit."""
    st.subheader(_("Loss: how wrong is a prediction?"), anchor=False)
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(
            _(
                "A network starts with random weights, so at first it guesses. The **loss** measures how "
                "wrong a prediction is, from the probability of the **correct** digit. It is 0 at {sure} and "
                "grows without limit towards {never}. Guessing gives {guess}, a loss of {loss}.",
                sure=percent(1.0),
                never=percent(0.0),
                guess=percent(1 / CLASSES),
                loss=number(math.log(CLASSES), 2),
            )
        )
        share = st.slider(
            _("Probability of the correct digit"),
            0.01,
            1.0,
            0.1,
            0.01,
            format="percent",
            key="learn_probability",
        )
        st.markdown(_("Loss: **{loss}**", loss=number(-math.log(share), 2)))
        with st.expander(_("The exact formula")):
            st.latex(r"L = -\sum_{k=0}^{9} y_k \ln p_k = -\ln p_{\text{correct}}")
            st.caption(_("Categorical cross-entropy. y: 1 for the correct digit, 0 for the others (one-hot)"))
    with right:
        axis, loss = _("probability of the correct digit"), _("loss")
        chart.show_live(
            chart.shared(figures.loss_figure, 1.0, axis, loss),
            chart.shared(figures.loss_figure, share, axis, loss),
            key="learn_loss",
            alt=_("Curve: the loss falls as the probability of the correct digit rises."),
        )


def how_it_improves() -> None:
    """Gradient descent on one real weight of the lesson's network."""
    st.subheader(_("Gradient descent: which way is downhill?"), anchor=False)
    link = busy_link()
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(
            _(
                "**Backpropagation** goes backwards through the layers and computes the **gradient**: how "
                "the loss changes with each weight. **SGD** (stochastic gradient descent) then moves every "
                "weight a little downhill, one **batch** of images at a time. An **epoch** is one pass "
                "through all training images."
            )
        )
        st.markdown(
            _(
                "Here you train one real weight of the lesson network, from a bad starting value. The loss "
                "is measured on {count} test images.",
                count=_LOSS_IMAGES,
            )
        )
        rate = st.select_slider(
            _("Learning rate: the size of a step"), _RATES, 0.3, format_func=short_number, key="learn_rate"
        )
        steps = st.slider(_("Steps"), 0, 20, 0, key="learn_steps")
        visited = link.descend(link.trained + _START_BESIDE, rate, steps)
        points = [(weight, link.loss(weight)) for weight in visited]
        around = np.linspace(link.trained - _SHOWN_LEFT, link.trained + _SHOWN_RIGHT, 121).tolist()
        curve = [(weight, link.loss(weight)) for weight in around]
        st.markdown(
            _(
                "Weight **{weight}**, loss **{loss}**. {comment}",
                weight=number(visited[-1], 3),
                loss=number(points[-1][1], 3),
                comment=_comment(
                    standing([loss for _w, loss in points], min(loss for _w, loss in curve)),
                    seen=around[0] <= visited[-1] <= around[-1],
                ),
            )
        )
        with st.expander(_("The exact formula")):
            st.latex(r"w \leftarrow w - \eta \, \frac{\partial L}{\partial w}")
            st.caption(
                _("w: the weight, η: the learning rate, ∂L/∂w: the gradient of the loss for this weight")
            )
    with right:
        axis, loss = _("this weight"), _("loss")
        chart.show_live(
            chart.shared(figures.descent_figure, curve, points[:1], axis, loss),
            chart.shared(figures.descent_figure, curve, points, axis, loss),
            key="learn_descent",
            alt=_("Curve: the loss as a valley over one weight, with the steps taken."),
        )


def busy_link() -> WeightLoss:
    """The link that the descent moves."""
    images = resources.test_images()
    return busiest_link(
        resources.recording().network, images.images[:_LOSS_IMAGES], images.labels[:_LOSS_IMAGES]
    )


def _comment(reached: Standing, seen: bool) -> str:
    if not seen:
        return _("The steps are too large: the weight has left the chart.")
    match reached:
        case Standing.START:
            return _("Take some steps.")
        case Standing.DESCENDING:
            return _("The loss is still falling.")
        case Standing.BOTTOM:
            return _("Minimum reached. Would a larger or a smaller learning rate take fewer steps?")
        case Standing.OVERSHOT:
            return _("Overshooting: the steps are so large that the weight jumps across the valley.")
