"""What a network's probabilities are worth, and what it would gain by saying nothing when unsure."""

import streamlit as st

from model.evaluation.metrics import Evaluation
from model.evaluation.reliability import confidence_histogram, coverage, coverage_curve, reliability_curve
from ui.base.text import _, number, percent
from ui.components import chart
from ui.figures.confidence import confidence_figure, coverage_figure, reliability_figure


def show_confidence(result: Evaluation) -> None:
    """How sure it was, right and wrong, and whether that can be believed."""
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader(_("Confidence"), anchor=False)
        counts = confidence_histogram(result)
        chart.show(
            chart.shared(
                confidence_figure,
                counts.edges.tolist(),
                counts.correct.tolist(),
                counts.wrong.tolist(),
                (_("correct"), _("wrong"), _("confidence (probability of the prediction)"), _("images")),
            ),
            key="confidence",
            alt=_("Bars: how many predictions were correct and how many wrong, by confidence."),
        )
    with right:
        st.subheader(_("Calibration (reliability diagram)"), anchor=False)
        curve = reliability_curve(result)
        filled = curve.count > 0
        chart.show(
            chart.shared(
                reliability_figure,
                curve.confidence[filled].tolist(),
                curve.accuracy[filled].tolist(),
                curve.count[filled].tolist(),
                (_("confidence (probability of the prediction)"), _("accuracy"), _("calibrated")),
            ),
            key="reliability",
            alt=_("Curve: the accuracy of predictions with about the same confidence."),
        )
        st.caption(
            _(
                "On the line, {ninety} of the predictions with a confidence of {ninety} are correct. "
                "**Expected "
                "calibration error** (mean distance from the line): {error}.",
                ninety=percent(0.9),
                error=percent(curve.error, 1),
            )
        )


def show_threshold(result: Evaluation) -> None:
    """A threshold, and what is left of the answers and of the mistakes."""
    st.subheader(_("Rejection threshold"), anchor=False)
    left, right = st.columns(2, gap="large")
    with left:
        threshold = st.slider(
            _("Reject predictions below"), 0.0, 1.0, 0.0, 0.01, format="percent", key="threshold"
        )
        covered = coverage(result, threshold)
        st.markdown(
            _(
                "Coverage: **{share}** of the images are not rejected ({count}).",
                share=percent(covered.share, 1),
                count=covered.answered,
            )
        )
        if covered.accuracy is not None:
            st.markdown(
                _(
                    "Accuracy on these: **{accuracy}**. Errors left: {wrong}.",
                    accuracy=percent(covered.accuracy, 2),
                    wrong=number(covered.answered - covered.correct),
                )
            )
    with right:
        curve = coverage_curve(result)
        chart.show(
            chart.shared(
                coverage_figure,
                curve.share.tolist(),
                curve.accuracy.tolist(),
                (covered.share, covered.accuracy) if covered.accuracy is not None else None,
                (_("coverage"), _("accuracy")),
            ),
            key="coverage",
            alt=_("Curve: accuracy against coverage, the share of images that are not rejected."),
        )
