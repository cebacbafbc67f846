"""The sections of Learn: a few sentences and one picture or widget each, with real numbers."""

import math

import numpy as np
import streamlit as st

from model.config import TrainingConfig
from model.export import keras_script, keras_steps
from model.inference import probabilities
from model.lesson import WeightLoss, busiest_link, strongest_unit
from ui import chart, resources
from ui.figures import lesson as figures
from ui.figures.digits import picture
from ui.figures.softmax import softmax_bars
from ui.recipe import layer_table
from ui.text import _, number, percent

_OFFERED_IMAGES = 50
_LOSS_IMAGES = 500
_START_BESIDE = 1.5
_SHOWN_AROUND = 2.0


def what_it_is(config: TrainingConfig) -> None:
    st.subheader(_("What is a neural network?"), anchor=False)
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(
            _(
                "A picture of 28 × 28 pixels is {inputs} numbers: the **inputs**. **Neurons**, also called"
                " units, stand in **layers**. Every neuron is linked to all neurons of the layer before. "
                "Each **link** has a **weight**: how much the neuron listens to it. Each neuron has a "
                "**bias**: how ready it is by itself. Weights and biases together are the **parameters**, "
                "and they are all that the network knows. Your recipe has {count}:",
                inputs=config.layer_sizes[0],
                count=config.parameter_count,
            )
        )
        layer_table(config)
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
        st.caption(_("At most ten units of each layer are drawn."))


def how_it_works() -> None:
    st.subheader(_("How does it work?"), anchor=False)
    network, images = resources.recording().network, resources.test_images()
    left, right = st.columns([1, 2], gap="large")
    with left:
        chosen = st.slider(_("Test image"), 1, _OFFERED_IMAGES, 1, key="learn_image") - 1
        image = images.images[chosen]
        st.image(picture(image), width=140, alt=_("A handwritten {digit}", digit=int(images.labels[chosen])))
    with right:
        unit = strongest_unit(network, image)
        st.markdown(
            _(
                "Each neuron multiplies every input by the weight of its link, adds all that up, and adds "
                "its bias. If the sum is below zero it stays silent, else it passes the sum on: this rule "
                "is called **ReLU**. For this picture the loudest of the first {units} neurons is number "
                "{unit}:",
                units=network.layer_sizes[1],
                unit=unit.unit + 1,
            )
        )
        st.code(
            f"{unit.weighted:.3f} + ({unit.bias:.3f}) = {unit.total:.3f}  →  {unit.output:.3f}", language=None
        )
        st.markdown(
            _(
                "The last ten sums become ten probabilities that add up to 100 %: this step is called "
                "**softmax**."
            )
        )
        likely = probabilities(network, image)[0]
        chart.show_live(
            softmax_bars(None, []),
            softmax_bars(likely.tolist(), [percent(float(p)) if p >= 0.005 else "" for p in likely]),
            key="learn_softmax",
            alt=_("Ten bars: how likely the network finds each digit from 0 to 9."),
        )
    with st.expander(_("The exact formulas")):
        st.latex(r"a_j = \max\Bigl(0,\ b_j + \sum_i w_{ij}\,x_i\Bigr)")
        st.caption(_("x: the inputs, w: the weights of the links, b: the bias, a: what the neuron passes on"))
        st.latex(r"p_k = \frac{e^{z_k}}{\sum_{m=0}^{9} e^{z_m}}")
        st.caption(_("z: the sums of the ten answers (logits), p: their probabilities"))


def how_wrong() -> None:
    st.subheader(_("How does it learn? First: how wrong is it?"), anchor=False)
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(
            _(
                "The network starts with random weights, so it guesses. For each training image we look at"
                " the probability that it gave to the **right** digit. The **loss** says how surprised it "
                "has to be: nothing at 100 %, more and more towards 0 %. Guessing gives 10 %, a loss of "
                "2.30."
            )
        )
        share = st.slider(
            _("Probability of the right digit"),
            0.01,
            1.0,
            0.1,
            0.01,
            format="percent",
            key="learn_probability",
        )
        st.markdown(_("Loss: **{loss}**", loss=number(-math.log(share), 2)))
        with st.expander(_("The exact formula")):
            st.latex(r"L = -\sum_{k=0}^{9} y_k \ln p_k = -\ln p_{\text{right}}")
            st.caption(
                _("Categorical cross-entropy. y: 1 for the right digit and 0 for the others (one-hot)")
            )
    with right:
        axis, loss = _("probability of the right digit"), _("loss")
        chart.show_live(
            figures.loss_figure(1.0, axis, loss),
            figures.loss_figure(share, axis, loss),
            key="learn_loss",
            alt=_("The loss falls as the probability of the right digit rises."),
        )


def how_it_improves() -> None:
    st.subheader(_("Then: which way is downhill?"), anchor=False)
    link = busy_link()
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(
            _(
                "**Backpropagation** goes back through the layers and finds, for every weight, how the "
                "loss would change with it: the **gradient**. **SGD** (stochastic gradient descent) then "
                "moves every weight a little downhill, one **batch** of images after another. When all "
                "images were seen once, an **epoch** is over. Here you move one weight of the ready "
                "network; the loss is real, over {count} test images.",
                count=_LOSS_IMAGES,
            )
        )
        rate = st.select_slider(
            _("Learning rate"),
            [0.1, 0.3, 1.0, 3.0, 10.0, 20.0],
            1.0,
            format_func=number_or_tenth,
            key="learn_rate",
        )
        steps = st.slider(_("Steps"), 0, 20, 0, key="learn_steps")
        visited = link.descend(link.trained + _START_BESIDE, rate, steps)
        st.markdown(
            _(
                "Weight **{weight}**, loss **{loss}**",
                weight=number(visited[-1], 3),
                loss=number(link.loss(visited[-1]), 4),
            )
        )
        st.caption(_("Try a small rate, a good one, and one that is too large: it jumps over the valley."))
        with st.expander(_("The exact formula")):
            st.latex(r"w \leftarrow w - \eta \, \frac{\partial L}{\partial w}")
            st.caption(
                _("w: the weight, η: the learning rate, ∂L/∂w: the gradient of the loss for this weight")
            )
    with right:
        around = np.linspace(link.trained - _SHOWN_AROUND, link.trained + _SHOWN_AROUND, 61).tolist()
        curve = [(weight, link.loss(weight)) for weight in around]
        points = [(weight, link.loss(weight)) for weight in visited]
        axis, loss = _("this weight"), _("loss")
        chart.show_live(
            figures.descent_figure(curve, points[:1], axis, loss),
            figures.descent_figure(curve, points, axis, loss),
            key="learn_descent",
            alt=_("The loss as a valley over one weight, with the weights that were visited."),
        )


def busy_link() -> WeightLoss:
    """The link that the descent moves."""
    images = resources.test_images()
    return busiest_link(
        resources.recording().network, images.images[:_LOSS_IMAGES], images.labels[:_LOSS_IMAGES]
    )


def number_or_tenth(value: float) -> str:
    return number(value, 0 if value >= 1 else 1)


def in_keras(config: TrainingConfig) -> None:
    st.subheader(_("Five steps in Keras"), anchor=False)
    st.markdown(
        _(
            "**Keras** is how people write networks in Python. Underneath it, **TensorFlow** does the "
            "calculating, as here; **PyTorch** is the other widely used library, and Keras runs on it too."
            " This is your recipe, {layers}; put the steps into one file in this app's folder and it runs.",
            layers="-".join(map(str, config.layer_sizes)),
        )
    )
    titles = {
        "load": _("1. Load the images and their labels"),
        "prepare": _("2. Prepare: flatten, scale, one-hot"),
        "build": _("3. Build the network, layer by layer"),
        "train": _("4. Choose optimizer and loss, and train"),
        "use": _("5. Evaluate it on the test images, and use it"),
    }
    for step in keras_steps(config):
        st.markdown(titles[step.name])
        st.code(step.code, language="python")
    st.download_button(
        _("Download the five steps"),
        keras_script(config),
        file_name="digits.py",
        mime="text/x-python",
        icon=":material/download:",
        key="learn_download",
        on_click="ignore",
    )


def what_for() -> None:
    st.subheader(_("What is it used for?"), anchor=False)
    st.caption(_("The first picture is real. The numbers of the other three are made up for the picture."))
    first, second = st.columns(2, gap="large")
    with first:
        _pattern_recognition()
    with second:
        _language()
    third, fourth = st.columns(2, gap="large")
    with third:
        _anomaly_detection()
    with fourth:
        _time_series()


def _pattern_recognition() -> None:
    st.markdown(_("**Pattern recognition**: what is in the picture? For example, the digits of a postcode."))
    images = resources.test_images()
    answers = probabilities(resources.recording().network, images.images[:4]).argmax(axis=1)
    with st.container(horizontal=True, gap="small"):
        for image, answer in zip(images.images[:4], answers, strict=True):
            with st.container(width=60):
                st.image(picture(image, 112), width=56, alt=_("read as {digit}", digit=int(answer)))
                st.markdown(f"**{answer}**", text_alignment="center")


def _language() -> None:
    st.markdown(_("**Language**: which word comes next? For example, “The cat sits on the …”"))
    words = [_("mat"), _("sofa"), _("roof"), _("moon")]
    chart.show(
        figures.bars_figure(words, [0.46, 0.31, 0.2, 0.03]),
        key="learn_language",
        alt=_("Bars: how likely a language model might find four next words."),
    )


def _anomaly_detection() -> None:
    st.markdown(
        _("**Anomaly detection**: what is not as usual? For example, a machine that begins to shake.")
    )
    threshold = st.slider(_("Alarm above"), 0.0, 1.0, 0.75, 0.05, key="learn_threshold")
    shaking = [0.35 + 0.1 * math.sin(0.9 * i) + 0.07 * math.sin(2.3 * i) for i in range(60)]
    shaking[42] = 0.92
    chart.show_live(
        figures.anomaly_figure(shaking, 1.1),
        figures.anomaly_figure(shaking, threshold),
        key="learn_anomaly",
        alt=_("A wavy line with one spike, and a threshold."),
    )


def _time_series() -> None:
    st.markdown(_("**Time series**: how does it go on? For example, tomorrow's demand for electricity."))
    days = [
        0.5 + 0.3 * math.sin(2 * math.pi * i / 24) + 0.1 * math.sin(4 * math.pi * i / 24) for i in range(96)
    ]
    chart.show(
        figures.forecast_figure(days[:72], days[72:], (_("measured"), _("predicted"))),
        key="learn_forecast",
        alt=_("A daily wave that was measured, and its continuation."),
    )
