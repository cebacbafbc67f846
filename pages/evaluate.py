"""Evaluate: a network on the 10,000 test images, and where it fails."""

import streamlit as st

from model.evaluation import Evaluation
from ui import chart, networks, resources
from ui.figures.digits import picture
from ui.figures.evaluation import confusion_figure, per_digit_figure
from ui.frame import frame, next_button
from ui.text import _, number, percent

_SHOWN_MISTAKES = 16
_PICTURE_SIDE = 84


def show_score(result: Evaluation) -> None:
    loss, accuracy = result.score
    left, middle, right = st.columns(3)
    left.metric(_("Accuracy on the test images"), percent(accuracy, 2))
    middle.metric(_("Loss on the test images"), number(loss, 4))
    right.metric(_("Mistakes in 10,000"), number(len(result.mistakes)))
    st.code(f"score = [{loss:.4f}, {accuracy:.4f}]", language="python")


def show_figures(result: Evaluation) -> None:
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.subheader(_("What it mixes up"), anchor=False)
        chart.show(
            confusion_figure(result.confusion, _("true digit"), _("answer")),
            key="confusion",
            alt=_("Confusion matrix: how often each true digit got each answer."),
        )
    with right:
        st.subheader(_("Accuracy per digit"), anchor=False)
        shares = result.accuracy_per_digit.tolist()
        chart.show(
            per_digit_figure(shares, [percent(share, 1) for share in shares], _("digit")),
            key="per_digit",
            alt=_("Bars: the share of each digit that was read rightly."),
        )


def show_mistakes(result: Evaluation) -> None:
    st.subheader(_("Its most confident mistakes"), anchor=False)
    if not len(result.mistakes):
        st.write(_("It made none."))
        return
    images = resources.test_images()
    with st.container(horizontal=True, gap="medium"):
        for image in result.mistakes[:_SHOWN_MISTAKES]:
            caption = _(
                "{truth} read as {answer}, {confidence}",
                truth=int(images.labels[image]),
                answer=int(result.answers[image]),
                confidence=percent(float(result.confidence[image])),
            )
            with st.container(width=_PICTURE_SIDE):
                st.image(picture(images.images[image], 168), width=_PICTURE_SIDE, alt=caption)
                st.caption(caption)


with frame("evaluate"):
    st.header(_("Evaluate"), anchor=False)
    choice = networks.choose("evaluate_network")
    result = resources.evaluate(choice.key, choice.network, choice.config.l2)
    show_score(result)
    show_figures(result)
    show_mistakes(result)
    next_button("train", _("Train another network"))
