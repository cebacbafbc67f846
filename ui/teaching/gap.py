"""How well the lesson's network reads the class, beside how well it reads MNIST."""

from collections.abc import Sequence
from hashlib import sha256

import streamlit as st

from classroom.handwriting import ClassDrawing, digits_of
from model.drawing.collection import ENOUGH_FOR_ACCURACY
from model.evaluation.handwriting_gap import HandwritingGap, handwriting_gap
from model.evaluation.metrics import Evaluation, evaluate
from model.evaluation.writers import Drawings
from ui.base import resources
from ui.base.text import _, percent


def show_gap(drawings: Sequence[ClassDrawing]) -> None:
    """Both accuracies, the class's with its interval over writers; nothing of a few drawings."""
    for line in gap_lines(gap_of(drawings)):
        st.markdown(line)


def gap_of(drawings: Sequence[ClassDrawing]) -> HandwritingGap | None:
    """The lesson's network on MNIST's test images and on these drawings; ``None`` of a few."""
    if len(drawings) < ENOUGH_FOR_ACCURACY:
        return None
    drawn = digits_of(drawings)
    content = (drawn.images.images, drawn.images.labels, drawn.writers)
    return _gap(sha256(b"".join(part.tobytes() for part in content)).hexdigest(), drawn)


def gap_lines(gap: HandwritingGap | None) -> list[str]:
    """Both accuracies, and the interval, in sentences."""
    if gap is None or gap.overall.drawn is None:
        return []
    drawn = gap.overall.drawn
    accuracies = _(
        "The lesson's network reads **{mnist}** of MNIST's test images and **{drawn}** of our digits.",
        mnist=percent(gap.overall.mnist.share, 1),
        drawn=percent(drawn.share, 1),
    )
    if drawn.interval is None:
        return [accuracies, _("One writer is not enough to say how well it reads others.")]
    low, high = drawn.interval
    interval = _("For writers like us, 95% interval: {low} to {high}.", low=percent(low), high=percent(high))
    return [accuracies, interval]


@st.cache_resource(show_spinner=False, max_entries=32)
def _gap(digest: str, _drawn: Drawings) -> HandwritingGap:
    del digest
    return handwriting_gap(resources.recording().network, _drawn, _on_mnist())


@st.cache_resource(show_spinner=False)
def _on_mnist() -> Evaluation:
    return evaluate(resources.recording().network, resources.test_images())
