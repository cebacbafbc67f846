"""What a network did on labelled images: scores, its confusion matrix, and images behind a number."""

from collections.abc import Sequence
from functools import partial

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from model.config import CLASSES
from model.data.mnist import LabelledImages
from model.evaluation.metrics import LEVEL, Evaluation, digit_scores, images_of_cell
from ui.base.text import _, number, percent, plural
from ui.components import chart
from ui.components.captioned_image import row_and_more
from ui.components.folded import folded
from ui.figures.evaluation import confusion_figure


def show_accuracy(result: Evaluation) -> None:
    """How many of the test images are predicted correctly, in one sentence."""
    st.subheader(
        _(
            "{correct} of {count} test images correct",
            correct=int(result.correct.sum()),
            count=len(result.labels),
        ),
        anchor=False,
    )


def show_scores(results: dict[str, Evaluation | None]) -> None:
    """Loss and accuracy with its interval, a row for each named set of images; dots for ``None``."""
    rows = []
    for result in results.values():
        if result is None:
            rows.append(("…",) * 4)
            continue
        low, high = result.accuracy_interval
        between = _("{low} to {high}", low=percent(low, 2), high=percent(high, 2))
        count, loss = number(len(result.labels)), number(result.loss, 4)
        rows.append((count, loss, percent(result.accuracy, 2), between))
    images, losses, accuracies, intervals = zip(*rows, strict=True)
    st.table(
        {
            _("measured on"): list(results),
            _("images"): list(images),
            _("loss"): list(losses),
            _("accuracy"): list(accuracies),
            _("{level} interval", level=percent(LEVEL)): list(intervals),
        }
    )


def show_confusion(result: Evaluation, key: str) -> tuple[int, int] | None:
    """The confusion matrix; returns the true digit and the answer of the cell that was clicked."""
    st.subheader(_("Confusion matrix"), anchor=False)
    cell = chart.show_clickable(
        chart.shared(confusion_figure, result.confusion, _("true digit"), _("predicted digit")),
        key=key,
        alt=_("Confusion matrix: a row for each true digit, a column for each predicted digit."),
    )
    st.caption(_("Click a number to see its images."))
    errors = result.confusion * (1 - np.eye(CLASSES, dtype=np.int64))
    if errors.any():
        truth, answer = divmod(int(errors.argmax()), CLASSES)
        most = int(errors.max())
        st.caption(
            plural(
                "Most common error: {truth} read as {answer}, {count} image.",
                "Most common error: {truth} read as {answer}, {count} images.",
                most,
                truth=truth,
                answer=answer,
            )
        )
    return None if cell is None else (int(cell[1]), int(cell[0]))


def show_cell(images: LabelledImages, result: Evaluation, cell: tuple[int, int], most: int) -> None:
    """The images of one ``cell`` of the confusion matrix, at most ``most`` of them."""
    truth, answer = cell
    indices = images_of_cell(result, truth, answer)
    st.subheader(
        _("{truth} read as {answer}: {count}", truth=truth, answer=answer, count=len(indices)),
        anchor=False,
    )
    if not len(indices):
        st.write(_("No such images."))
        return
    _show_images(images, result, indices[:most], "cell")


def show_mistakes(images: LabelledImages, result: Evaluation, most: int) -> None:
    """The errors on ``images``, the most confident first, at most ``most`` of them."""
    if len(result.misclassified) > most:
        st.subheader(_("Most confident errors"), anchor=False)
    else:
        st.subheader(_("Errors"), anchor=False)
    if not len(result.misclassified):
        st.write(_("No errors."))
        return
    _show_images(images, result, result.misclassified[:most], "errors")


def show_digits(result: Evaluation) -> None:
    """Precision, recall and F1 of each digit, once they are unfolded."""
    folded(_("Scores per digit"), "digits_open", partial(_show_digits, result))


def _show_digits(result: Evaluation) -> None:
    scores = digit_scores(result.confusion)
    st.table(
        {
            _("digit"): [str(digit) for digit in range(CLASSES)],
            _("precision"): _percents(scores.precision.tolist()),
            _("recall"): _percents(scores.recall.tolist()),
            _("F1"): _percents(scores.f1.tolist()),
            _("images"): [number(count) for count in scores.images.tolist()],
        }
    )
    st.caption(
        _(
            "**Precision**: the share of predictions of this digit that are correct. **Recall**: the share "
            "of images of this digit that are found. **F1**: the harmonic mean of both."
        )
    )


def _show_images(images: LabelledImages, result: Evaluation, indices: NDArray[np.int64], name: str) -> None:
    def caption(index: int) -> str:
        image = indices[index]
        return _(
            "{truth} read as {answer}, {confidence}",
            truth=int(images.labels[image]),
            answer=int(result.predicted[image]),
            confidence=percent(float(result.confidence[image])),
        )

    row_and_more(images.images[indices], caption, name)


def _percents(shares: Sequence[float]) -> list[str]:
    return [percent(share, 1) for share in shares]
