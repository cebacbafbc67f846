"""What networks are used for: four examples, a picture or a widget each."""

import math

import streamlit as st

from model.inference import probabilities
from ui.base import resources
from ui.base.text import _, percent, plural
from ui.components import chart
from ui.figures import lesson as figures
from ui.figures.digits import picture

_POSTCODE = range(10, 15)
_FAULT = 42


def what_for() -> None:
    """Four uses, each with a picture."""
    st.subheader(_("What is it used for?"), anchor=False)
    st.caption(_("The first example is real. The numbers in the other three are made up."))
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
    st.markdown(
        _(
            "**Pattern recognition**: what does the image show? Example: the postcode on a letter. "
            "Five test images, and what the lesson network predicts:"
        )
    )
    images = resources.test_images().images[_POSTCODE.start : _POSTCODE.stop]
    answers = probabilities(resources.recording().network, images).argmax(axis=1)
    with st.container(horizontal=True, gap="small"):
        for image, answer in zip(images, answers, strict=True):
            with st.container(width=56, gap="small"):
                st.image(picture(image, 112), width=56, alt=_("read as {digit}", digit=int(answer)))
                st.markdown(f"**{answer}**", text_alignment="center")


def _language() -> None:
    st.markdown(
        _(
            "**Language**: which word comes next? Example: “The cat sits on the …” A chatbot writes like "
            "this, word by word."
        )
    )
    words, shares = [_("mat"), _("sofa"), _("roof"), _("moon")], [0.46, 0.31, 0.2, 0.03]
    chart.show(
        chart.shared(figures.bars_figure, words, shares, [percent(share) for share in shares]),
        key="learn_language",
        alt=_("Bars: the probabilities that a language model might predict for four next words."),
    )


def shaking() -> list[float]:
    """How a machine might shake, with one fault at ``_FAULT``."""
    values = [0.35 + 0.1 * math.sin(0.9 * i) + 0.07 * math.sin(2.3 * i) for i in range(60)]
    values[_FAULT] = 0.92
    return values


def _anomaly_detection() -> None:
    st.markdown(
        _(
            "**Anomaly detection**: what is unusual? Example: a machine that begins to shake. "
            "Move the threshold: where is it best?"
        )
    )
    threshold = st.slider(_("Alarm threshold"), 0.0, 1.0, 0.4, 0.05, format="percent", key="learn_threshold")
    values = shaking()
    chart.show_live(
        chart.shared(figures.anomaly_figure, values, 1.1),
        chart.shared(figures.anomaly_figure, values, threshold),
        key="learn_anomaly",
        alt=_("A wavy line with one spike, and a threshold."),
    )
    alarms = len(figures.above(values, threshold))
    if alarms == 0:
        st.caption(_("No alarm: the fault is missed."))
    else:
        st.caption(
            plural(
                "{count} alarm: the fault.",
                "{count} alarms: one is the fault, the others are false alarms.",
                alarms,
            )
        )


def _time_series() -> None:
    st.markdown(
        _(
            "**Time series**: what comes next? Example: tomorrow's demand for electricity, predicted from "
            "the last three days."
        )
    )
    days = [
        0.5 + 0.3 * math.sin(2 * math.pi * i / 24) + 0.1 * math.sin(4 * math.pi * i / 24) for i in range(96)
    ]
    chart.show(
        chart.shared(figures.forecast_figure, days[:72], days[72:], (_("measured"), _("predicted"))),
        key="learn_forecast",
        alt=_("A daily wave: three days measured, one day predicted."),
    )
