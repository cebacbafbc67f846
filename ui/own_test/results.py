"""What a network read in the visitor's last digit, and how many of all of them it reads."""

from functools import partial

import streamlit as st
from babel.lists import format_list

from model.drawing.collection import (
    ENOUGH_FOR_ACCURACY,
    ENOUGH_FOR_CONFUSION,
    OwnTest,
    Pointer,
    Trial,
    images_of,
    sheet,
    start_over,
    strokes_file,
)
from model.evaluation.metrics import LEVEL, Evaluation, evaluate
from model.prediction import Prediction, Verdict
from ui.base.errors import reported
from ui.base.text import _, language, percent, plural
from ui.components.pointer import pointer_name
from ui.components.saving import save_button
from ui.figures.digits import picture
from ui.networks.image_sets import ImageSet, evaluate_on
from ui.networks.results import show_cell, show_confusion, show_mistakes
from ui.networks.selection import Choice
from ui.own_test.asking import change
from ui.reading.prediction import show_prediction, show_worth

_INK_SIDE = 84
_SHOWN = 40


def show_last(trial: Trial, choice: Choice) -> None:
    """What the network of ``choice`` reads in a drawing that was submitted."""
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        st.image(picture(trial.ink), width=_INK_SIDE, alt=_("Your last digit, as the network reads it."))
        verdict = st.container(width="stretch")
    image = None if trial.ink is None else choice.forward(trial.ink)
    prediction = show_prediction(choice, image, has_pad=False)
    show_worth(choice, prediction)
    if prediction:
        verdict.markdown(_outcome(trial.label, prediction))


def show_results(test: OwnTest, choice: Choice) -> None:
    """How many of the visitor's digits the network of ``choice`` reads, where there are enough to say."""
    images = images_of(test)
    st.caption(
        _(
            "Submitted digits cannot be changed. Drawn: {drawn}, skipped: {skipped}.",
            drawn=len(images),
            skipped=test.skipped,
        )
    )
    if not len(images):
        return
    if test.pointers:
        st.caption(_drawn_with(test))
    result = evaluate(choice.network, images, choice.config.l2)
    missing = ENOUGH_FOR_ACCURACY - len(images)
    if missing > 0:
        st.markdown(
            plural(
                "Draw {count} more digit to see the accuracy.",
                "Draw {count} more digits to see the accuracy.",
                missing,
            )
        )
    else:
        _show_accuracy(result, evaluate_on(ImageSet.TEST, choice))
        show_mistakes(images, result, _SHOWN)
    if len(images) >= ENOUGH_FOR_CONFUSION and (cell := show_confusion(result, "own_confusion")):
        show_cell(images, result, cell, _SHOWN)
    with st.container(horizontal=True, gap="small"):
        save_button(
            _("Images (PNG)"),
            partial(sheet, images, result.predicted),
            "own-digits.png",
            "image/png",
            ":material/image:",
        )
        save_button(
            _("Strokes (NPZ)"),
            partial(strokes_file, test),
            "own-digits.npz",
            "application/octet-stream",
            ":material/gesture:",
        )
        with st.popover(_("Start over"), icon=":material/restart_alt:"):
            st.markdown(plural("This deletes {count} digit.", "This deletes {count} digits.", len(images)))
            st.button(_("Delete"), key="start_over", on_click=reported(change), args=(start_over,))


def _outcome(label: int, prediction: Prediction) -> str:
    """Whether the digit that was asked for was predicted. As on MNIST, the likeliest digit counts for the
    accuracy, also of what does not look like one."""
    values = {"digit": label, "answer": prediction.digit}
    is_correct = prediction.digit == label
    if prediction.verdict is Verdict.NO_DIGIT:
        if is_correct:
            return _(
                "Asked for {digit}. This does not look like a digit, but {answer} is the most probable one: "
                "it counts as **correct**.",
                **values,
            )
        return _(
            "Asked for {digit}. This does not look like a digit, and {answer} is the most probable one: it "
            "counts as **wrong**.",
            **values,
        )
    if is_correct:
        return _("Asked for {digit}, read as {digit}: **correct**.", **values)
    return _("Asked for {digit}, read as {answer}: **wrong**.", **values)


def _drawn_with(test: OwnTest) -> str:
    counted = [
        _("{pointer} ({count})", pointer=pointer_name(pointer), count=count)
        for pointer, count in test.pointers.most_common()
    ]
    listed = str(format_list(counted, style="unit", locale=language()))
    if Pointer.TRACKPAD in test.pointers:
        return _(
            "Drawn with {pointers}. Digits drawn on a trackpad hardly count as handwriting.", pointers=listed
        )
    return _("Drawn with {pointers}.", pointers=listed)


def _show_accuracy(result: Evaluation, on_test: Evaluation) -> None:
    low, high = result.accuracy_interval
    mine, theirs = st.columns(2)
    mine.metric(_("Accuracy on your digits"), percent(result.accuracy, 1), width="content")
    mine.caption(
        _(
            "{right} of {count} correct. Expect {low} to {high} in the long run ({level} interval).",
            right=int(result.correct.sum()),
            count=len(result.labels),
            low=percent(low),
            high=percent(high),
            level=percent(LEVEL),
        )
    )
    theirs.metric(_("Accuracy on MNIST's test images"), percent(on_test.accuracy, 1), width="content")
    theirs.caption(_("10,000 digits by other people, not used for training."))
