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
        st.subheader(_("How sure it is"), anchor=False)
        counts = confidence_histogram(result)
        chart.show(
            confidence_figure(
                counts.edges.tolist(),
                counts.correct.tolist(),
                counts.wrong.tolist(),
                (_("right"), _("wrong"), _("probability of the answer"), _("images")),
            ),
            key="confidence",
            alt=_("Bars: how many answers were how sure, right and wrong ones apart."),
        )
    with right:
        st.subheader(_("Whether that can be believed"), anchor=False)
        curve = reliability_curve(result)
        filled = curve.count > 0
        chart.show(
            reliability_figure(
                curve.confidence[filled].tolist(),
                curve.accuracy[filled].tolist(),
                curve.count[filled].tolist(),
                (_("probability of the answer"), _("right among these"), _("honest")),
            ),
            key="reliability",
            alt=_("Curve: the share of right answers among those of the same probability."),
        )
        st.caption(
            _(
                "On the line, “{ninety} sure” means right in {ninety} of the cases. Mean distance from it, "
                "the expected calibration error: {error}.",
                ninety=percent(0.9),
                error=percent(curve.error, 1),
            )
        )


def show_threshold(result: Evaluation) -> None:
    """A threshold, and what is left of the answers and of the mistakes."""
    st.subheader(_("Answer only when sure?"), anchor=False)
    left, right = st.columns(2, gap="large")
    with left:
        threshold = st.slider(
            _("Say nothing below a probability of"), 0.0, 1.0, 0.0, 0.01, format="percent", key="threshold"
        )
        covered = coverage(result, threshold)
        st.markdown(
            _(
                "It answers **{share}** of the images, {count}.",
                share=percent(covered.share, 1),
                count=covered.answered,
            )
        )
        if covered.accuracy is not None:
            st.markdown(
                _(
                    "Of these, **{accuracy}** are right; {wrong} mistakes are left.",
                    accuracy=percent(covered.accuracy, 2),
                    wrong=number(covered.answered - covered.correct),
                )
            )
    with right:
        curve = coverage_curve(result)
        chart.show(
            coverage_figure(
                curve.share.tolist(),
                curve.accuracy.tolist(),
                (covered.share, covered.accuracy) if covered.accuracy is not None else None,
                (_("answered"), _("right among the answered")),
            ),
            key="coverage",
            alt=_("Curve: the share of right answers over the share of images that are answered."),
        )
