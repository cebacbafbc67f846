"""What a network did on labelled images: its confusion matrix, and its mistakes as pictures."""

import streamlit as st

from model.data import LabelledImages
from model.evaluation import Evaluation
from ui import chart
from ui.figures.digits import picture
from ui.figures.evaluation import confusion_figure
from ui.text import _, percent

_PICTURE_SIDE = 84


def show_confusion(result: Evaluation) -> None:
    st.subheader(_("What it mixes up"), anchor=False)
    chart.show(
        confusion_figure(result.confusion, _("true digit"), _("answer")),
        key="confusion",
        alt=_("Confusion matrix: how often each true digit got each answer."),
    )


def show_mistakes(images: LabelledImages, result: Evaluation, most: int) -> None:
    """The ``most`` confident of the mistakes on ``images``."""
    st.subheader(_("Its most confident mistakes"), anchor=False)
    if not len(result.mistakes):
        st.write(_("It made none."))
        return
    with st.container(horizontal=True, gap="medium"):
        for image in result.mistakes[:most]:
            caption = _(
                "{truth} read as {answer}, {confidence}",
                truth=int(images.labels[image]),
                answer=int(result.answers[image]),
                confidence=percent(float(result.confidence[image])),
            )
            with st.container(width=_PICTURE_SIDE):
                st.image(picture(images.images[image], 168), width=_PICTURE_SIDE, alt=caption)
                st.caption(caption)
