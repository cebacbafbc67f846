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
                "An image of 28 × 28 pixels is {inputs} numbers: the **inputs**. **Neurons**, called "
                "**units** in Keras, are arranged in **layers**. Each unit is linked to every unit of the "
                "previous layer. Each **link** multiplies the value it carries by its **weight**. Each unit "
                "adds up the results plus a **bias**. Weights and biases are the **parameters**: the numbers "
                "that training changes. Your recipe has **{count}**:",
                inputs=config.layer_sizes[0],
                count=config.parameter_count,
            )
        )
        _counting_table(config)
    with right:
        names = [
            _("{count} inputs", count=config.layer_sizes[0]),
            *(_("{count} units", count=units) for units in config.hidden_layers),
            _("{count} outputs", count=config.layer_sizes[-1]),
        ]
        chart.show(
            chart.shared(figures.network_figure, config.layer_sizes, names),
            key="learn_network",
            alt=_("The layers of the network from left to right, with links from each layer to the next."),
        )
        st.caption(
            _(
                "Dots stand for units that are not drawn. In colour: the links into one unit, which has "
                "{weights} weights and one bias.",
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
    st.subheader(_("Forward pass: how does it read an image?"), anchor=False)
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
                "The trained lesson network reads this image. It misclassifies image {number}: can you see "
                "why?",
                number=first_error + 1,
            )
        )
    first_layer = image.hidden[0]
    unit = int(first_layer.argmax())
    with middle:
        st.markdown(
            _(
                "Each unit computes a **weighted sum** (pre-activation): every input times the weight of its "
                "link, plus the bias. **ReLU** turns a negative sum into 0. The result is the unit's "
                "**activation**. Of the {units} units in the first layer, unit {unit} has the largest "
                "activation for this image; {silent} units output 0.",
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
            _("weighted sum"),
            output=(_("activation (ReLU)"), float(first_layer[unit])),
        )
    with right:
        shares = image.ink * network.layers[0].kernel[:, unit]
        chart.show_live(
            chart.shared(figures.shares_figure, None),
            chart.shared(figures.shares_figure, shares),
            key="learn_shares",
            alt=_("The pixels of the image, and what each adds to or subtracts from this unit's sum."),
        )
        st.caption(_("What each pixel contributes to this sum: filled squares add, open diamonds subtract."))
    left, right = st.columns([3, 8], gap="large", vertical_alignment="center")
    with left:
        st.markdown(
            _(
                "**Softmax** turns the ten sums of the last layer, the **logits**, into ten probabilities "
                "that add up to {all}. Prediction: **{answer}**. Label: **{label}**.",
                all=percent(1.0),
                answer=int(image.probabilities.argmax()),
                label=label,
            )
        )
    with right:
        show_bars(image.probabilities, "learn_softmax")
    with st.expander(_("The exact formulas")):
        st.latex(r"a_j = \max\Bigl(0,\ b_j + \sum_i w_{ij}\,x_i\Bigr)")
        st.caption(_("x: the inputs, w: the weights, b: the bias, a: the activation"))
        st.latex(r"p_k = \frac{e^{z_k}}{\sum_{m=0}^{9} e^{z_m}}")
        st.caption(_("z: the ten logits, p: the ten probabilities"))
