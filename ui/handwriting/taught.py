"""What came of teaching the lesson's network a class's handwriting."""

import streamlit as st

from classroom.teaching_it import TeachingFinding, TeachingWork
from model.evaluation.teaching import MIN_WRITERS, Gain
from model.evaluation.writers import Change, Drawings
from ui.base.text import _, percent, plural, signed
from ui.components import chart
from ui.figures.gains import GainsTexts, gains_figure


def show_finding(finding: TeachingFinding, drawings: Drawings, height: int, font: int = 12) -> None:
    """The gain by number of pupils beside what it is on both sets; ``drawings`` are the class's now. The
    figure's ``height`` and ``font`` are in pixels."""
    taught = finding.teaching
    left, right = st.columns([2, 3], gap="large")
    with left:
        is_large_enough = taught.mnist.interval is not None
        for label, gain in (
            (_("Pupils it has never been trained on"), taught.gains[-1]),
            (_("MNIST's test images"), taught.mnist),
        ):
            _show_accuracies(label, gain)
            if is_large_enough:
                st.markdown(verdict(gain, taught.writers))
        if not is_large_enough:
            st.markdown(too_small_text(taught.writers))
        st.caption(
            plural(
                "{count} writer, divided into two halves {splits} times.",
                "{count} writers, divided into two halves {splits} times.",
                taught.writers,
                splits=taught.splits,
            )
        )
        show_changes(finding, drawings)
    with right:
        texts = GainsTexts(
            pupils=_("pupils whose digits it was trained on"), gain=_("gain in percentage points")
        )
        gains = ", ".join(f"{gain.pupils}: {_points(gain.difference)}" for gain in taught.gains)
        chart.show(
            chart.shared(gains_figure, taught.gains, texts, height, font),
            key="gains",
            alt=_("The gain in percentage points by number of pupils: {gains}", gains=gains),
        )
        if any(gain.verdict is Change.CANNOT_TELL for gain in taught.gains):
            st.caption(_("A grey ring cannot tell: its 95% interval holds 0, or there are too few writers."))


def show_changes(finding: TeachingFinding, drawings: Drawings) -> None:
    """That the class has other ``drawings`` now, if it has."""
    if changes := finding.changes(drawings):
        st.caption(
            plural(
                "{count} digit was drawn or hidden since.",
                "{count} digits were drawn or hidden since.",
                changes,
            ),
            width="content",
        )


def show_work(work: TeachingWork) -> None:
    """How far it is."""
    text = _("{done} of {count} trainings are done.", done=work.done, count=work.all)
    st.progress(work.done / work.all, text)


def verdict(gain: Gain, writers: int) -> str:
    """Whether a network reads better now, with the figures for it; as Markdown."""
    if gain.interval is None:
        return too_small_text(writers)
    low, high = map(_points, gain.interval)
    figures = {"points": _points(gain.difference), "low": low, "high": high}
    match gain.verdict:
        case Change.BETTER:
            return _("**Better**: {points} percentage points, 95% interval {low} to {high}.", **figures)
        case Change.WORSE:
            return _("**Worse**: {points} percentage points, 95% interval {low} to {high}.", **figures)
        case Change.CANNOT_TELL:
            return _("**Cannot tell**: {points} percentage points, 95% interval {low} to {high}.", **figures)


def too_small_text(writers: int) -> str:
    """That nobody can tell by so few ``writers`` whether a network gains; as Markdown."""
    return plural(
        "**Cannot tell**: the class is too small. It has {count} writer, and {needed} are needed.",
        "**Cannot tell**: the class is too small. It has {count} writers, and {needed} are needed.",
        writers,
        needed=MIN_WRITERS,
    )


def _show_accuracies(label: str, gain: Gain) -> None:
    st.metric(label, _("{before} → {after}", before=percent(gain.before, 1), after=percent(gain.after, 1)))


def _points(difference: float) -> str:
    return signed(100 * difference, 1)
