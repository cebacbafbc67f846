"""What a network is, counted out, and how it reads one picture."""

from itertools import pairwise

import numpy as np
import streamlit as st

from model.config import TrainingConfig
from model.explain.backpropagation import unit_sum
from model.inference import forward
from ui.base import resources
from ui.base.text import _, number, percent
from ui.components import chart
from ui.components.softmax_bars import show_bars
from ui.figures import lesson as figures
from ui.figures.digits import picture
from ui.reading.sums import show_sum
from ui.reading.unit_names import unit_name

_OFFERED_IMAGES = 50
_LISTED_PIXELS = 3


def what_it_is(config: TrainingConfig) -> None:
    """Layers and links of the network of ``config``, and its parameters counted out."""
    st.subheader(_("What is a neural network?"), anchor=False)
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(
            _(
                "A picture of 28 × 28 pixels is {inputs} numbers: the **inputs**. **Neurons**, which Keras "
                "calls **units**, stand in **layers**, and every unit is linked to all of the layer before. "
                "Each **link** has a **weight**: how much the unit listens to it. Each unit has a "
                "**bias**: how ready it is by itself. Weights and biases together are the **parameters**, "
                "all that the network knows. Your recipe has **{count}**:",
                inputs=config.layer_sizes[0],
                count=config.parameter_count,
            )
        )
        _counting_table(config)
    with right:
        names = [
            _("{count} inputs", count=config.layer_sizes[0]),
            *(_("{count} units", count=units) for units in config.hidden_layers),
            _("{count} answers", count=config.layer_sizes[-1]),
        ]
        chart.show(
            figures.network_figure(config.layer_sizes, names),
            key="learn_network",
            alt=_(
                "The layers of the network from left to right, with links from each unit to the next layer."
            ),
        )
        st.caption(
            _(
                "Dots stand for what is not drawn. Marked in colour: all that one unit listens to. "
                "It has {weights} weights and one bias.",
                weights=config.layer_sizes[0],
            )
        )


def _counting_table(config: TrainingConfig) -> None:
    pairs = list(pairwise(config.layer_sizes))
    weights = [f"{number(a)} × {number(b)} = {number(a * b)}" for a, b in pairs]
    total = f"**{number(config.parameter_count)}**"
    st.table(
        {
            _("weights"): [*weights, "**" + _("all layers") + "**"],
            _("biases"): [*(number(b) for _a, b in pairs), ""],
            _("parameters"): [*(number(a * b + b) for a, b in pairs), total],
        }
    )


def how_it_works() -> None:
    """A test image on its way through the lesson's network: one unit's sum, then the softmax."""
    st.subheader(_("How does it work?"), anchor=False)
    network, images = resources.recording().network, resources.test_images()
    offered = forward(network, images.images[:_OFFERED_IMAGES])
    first_error = int((offered.logits.argmax(axis=1) != images.labels[:_OFFERED_IMAGES]).argmax())
    left, middle, right = st.columns([3, 4, 4], gap="large")
    with left:
        chosen = st.slider(_("Test image"), 1, _OFFERED_IMAGES, 1, key="learn_image") - 1
        image, label = offered.image(chosen), int(images.labels[chosen])
        st.image(picture(images.images[chosen], 196), width=196, alt=_("A handwritten {digit}", digit=label))
        st.caption(
            _(
                "The lesson's network, ready-trained, reads it. It is wrong about number {number}: can "
                "you see why?",
                number=first_error + 1,
            )
        )
    first_layer = image.hidden[0]
    unit = int(first_layer.argmax())
    with middle:
        st.markdown(
            _(
                "Each unit multiplies every input by the weight of its link, adds all that up, and adds its "
                "bias. A sum below zero becomes 0: this rule is called **ReLU**. The loudest of the first "
                "{units} units for this picture is number {unit}; {silent} are silent.",
                units=len(first_layer),
                unit=unit + 1,
                silent=int(np.count_nonzero(first_layer == 0)),
            )
        )
        show_sum(
            unit_sum(image, 0, unit, _LISTED_PIXELS),
            lambda pixel: unit_name(0, pixel, network.layer_sizes),
            _("from"),
            _("ink"),
            _("the sum"),
            output=(_("passed on, after ReLU"), float(first_layer[unit])),
        )
    with right:
        shares = image.ink * network.layers[0].kernel[:, unit]
        chart.show_live(
            figures.shares_figure(None),
            figures.shares_figure(shares),
            key="learn_shares",
            alt=_("The pixels of the picture, and what each adds to this unit's sum or takes from it."),
        )
        st.caption(
            _("What each pixel does to this sum: filled squares add to it, open diamonds take from it.")
        )
    left, right = st.columns([3, 8], gap="large", vertical_alignment="center")
    with left:
        st.markdown(
            _(
                "The ten sums of the last layer become ten probabilities that add up to {all}: this step is "
                "called **softmax**. The network reads **{answer}**; the label says **{label}**.",
                all=percent(1.0),
                answer=int(image.probabilities.argmax()),
                label=label,
            )
        )
    with right:
        show_bars(image.probabilities, "learn_softmax")
    with st.expander(_("The exact formulas")):
        st.latex(r"a_j = \max\Bigl(0,\ b_j + \sum_i w_{ij}\,x_i\Bigr)")
        st.caption(_("x: the inputs, w: the weights of the links, b: the bias, a: what the unit passes on"))
        st.latex(r"p_k = \frac{e^{z_k}}{\sum_{m=0}^{9} e^{z_m}}")
        st.caption(_("z: the sums of the ten answers (logits), p: their probabilities"))
