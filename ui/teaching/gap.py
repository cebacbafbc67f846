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
    if len(drawings) < ENOUGH_FOR_ACCURACY:
        return
    drawn = digits_of(drawings)
    content = (drawn.images.images, drawn.images.labels, drawn.writers)
    gap = _gap(sha256(b"".join(part.tobytes() for part in content)).hexdigest(), drawn).overall
    if gap.drawn is None:
        return
    st.markdown(
        _(
            "The lesson's network reads **{mnist}** of MNIST's test images and **{drawn}** of our digits.",
            mnist=percent(gap.mnist.share, 1),
            drawn=percent(gap.drawn.share, 1),
        )
    )
    if gap.drawn.interval is None:
        st.markdown(_("One writer does not tell how it reads others."))
        return
    low, high = gap.drawn.interval
    st.markdown(
        _("For writers like us, 95% interval: {low} to {high}.", low=percent(low), high=percent(high))
    )


@st.cache_resource(show_spinner=False, max_entries=32)
def _gap(digest: str, _drawn: Drawings) -> HandwritingGap:
    del digest
    return handwriting_gap(resources.recording().network, _drawn, _on_mnist())


@st.cache_resource(show_spinner=False)
def _on_mnist() -> Evaluation:
    return evaluate(resources.recording().network, resources.test_images())
