"""The visitor's own test: the digit that is asked for, what was read in the last one, and the score."""

import time
from collections.abc import Callable
from functools import partial

import streamlit as st

from model.drawing.collection import (
    ENOUGH_FOR_ACCURACY,
    ENOUGH_FOR_CONFUSION,
    MOST_TRIALS,
    OwnTest,
    Trial,
    images_of,
    sheet,
    skip,
    start_over,
    strokes_file,
    submit,
)
from model.evaluation.metrics import LEVEL, Evaluation, evaluate
from ui.base import resources, session
from ui.base.errors import plain_errors
from ui.base.text import _, percent, plural
from ui.components.canvas import SIDE, clear, pad
from ui.figures.digits import picture
from ui.networks.image_sets import ImageSet, evaluate_on
from ui.networks.results import show_cell, show_confusion, show_mistakes
from ui.networks.selection import Choice
from ui.reading.prediction import show_answer, show_worth

_PAD = "own"
_INK_SIDE = 84
_SHOWN = 40


def ask() -> None:
    """The digit to draw, and the pad for it. A stroke reruns this only, a submit the whole page."""
    st.fragment(plain_errors()(_ask), run_every=session.STROKE_DELAY if session.submitted() else None)()


def _ask() -> None:
    test = resources.own_tests().of(session.visitor())
    now = (test.seed, len(test.trials))
    shown = session.asked() or now
    session.set_asked(now)
    if shown != now:
        session.set_submitted(None)
        clear(_PAD)
        st.info(_("This test has gone on elsewhere. Now another digit is asked for."))
    if test.is_full:
        st.subheader(_("That was digit {count}, the last one.", count=MOST_TRIALS), anchor=False)
        return
    st.subheader(_("Draw a {digit}", digit=test.asked), anchor=False)
    strokes = pad(_PAD)
    since = session.submitted()
    if since is not None and time.monotonic() - since >= session.STROKE_DELAY:
        _change(partial(submit, number=now[1], strokes=strokes))
        st.rerun()
    with st.container(horizontal=True, gap="small", width=SIDE):
        submitted = st.button(
            _("Submit"),
            key="submit",
            type="primary",
            icon=":material/check:",
            width="stretch",
            disabled=not strokes or since is not None,
        )
        skipped = st.button(
            _("Skip"),
            key="skip",
            icon=":material/skip_next:",
            width="stretch",
            disabled=since is not None,
        )
    if submitted and shown == now:
        # The last stroke may still be on its way.
        session.set_submitted(time.monotonic())
    if skipped and shown == now:
        _change(partial(skip, number=now[1]))
    if submitted or skipped:
        st.rerun()


def show_last(trial: Trial, choice: Choice) -> None:
    """What the network of ``choice`` reads in a drawing that was submitted."""
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        st.image(picture(trial.ink), width=_INK_SIDE, alt=_("Your last digit, as the network reads it."))
        verdict = st.container(width="stretch")
    found = show_answer(choice, trial.ink)
    show_worth(choice, found)
    if found and found.digit == trial.label:
        verdict.markdown(_("Asked for a {digit}, read as a {digit}: **right**.", digit=trial.label))
    elif found:
        verdict.markdown(
            _(
                "Asked for a {digit}, read as a {answer}: **wrong**.",
                digit=trial.label,
                answer=found.digit,
            )
        )


def show_results(test: OwnTest, choice: Choice) -> None:
    """How many of the visitor's digits the network of ``choice`` reads, where there are enough to say."""
    images = images_of(test)
    st.caption(
        _(
            "The first submit counts. Drawn: {drawn}, skipped: {skipped}.",
            drawn=len(images),
            skipped=test.skipped,
        )
    )
    if not len(images):
        return
    result = evaluate(choice.network, images, choice.config.l2)
    missing = ENOUGH_FOR_ACCURACY - len(images)
    if missing > 0:
        st.markdown(
            plural(
                "{count} more digit, and you see how many of yours it reads.",
                "{count} more digits, and you see how many of yours it reads.",
                missing,
            )
        )
    else:
        _show_accuracy(result, evaluate_on(ImageSet.TEST, choice))
        show_mistakes(images, result, _SHOWN)
    if len(images) >= ENOUGH_FOR_CONFUSION and (cell := show_confusion(result, "own_confusion")):
        show_cell(images, result, cell, _SHOWN)
    with st.container(horizontal=True, gap="small"):
        st.download_button(
            _("Pictures (PNG)"),
            partial(sheet, images, result.answers),
            "own-digits.png",
            "image/png",
            key="save_sheet",
            icon=":material/image:",
            on_click="ignore",
        )
        st.download_button(
            _("Strokes (NPZ)"),
            partial(strokes_file, test),
            "own-digits.npz",
            "application/octet-stream",
            key="save_strokes",
            icon=":material/gesture:",
            on_click="ignore",
        )
        with st.popover(_("Start over"), icon=":material/restart_alt:"):
            st.markdown(plural("{count} digit will be gone.", "{count} digits will be gone.", len(images)))
            st.button(_("Forget them"), key="start_over", on_click=_change, args=(start_over,))


def _show_accuracy(result: Evaluation, on_test: Evaluation) -> None:
    low, high = result.accuracy_interval
    mine, theirs = st.columns(2)
    mine.metric(_("Of your digits it reads"), percent(result.accuracy, 1), width="content")
    mine.caption(
        _(
            "{right} of {count}. In the long run: {low} to {high} ({level} interval).",
            right=int(result.right.sum()),
            count=len(result.labels),
            low=percent(low),
            high=percent(high),
            level=percent(LEVEL),
        )
    )
    theirs.metric(_("Of MNIST's test images it reads"), percent(on_test.accuracy, 1), width="content")
    theirs.caption(_("10,000 digits by other people, none of them learned from."))


def _change(step: Callable[[OwnTest], OwnTest]) -> None:
    """The test becomes what ``step`` makes of it, and the pad is clean again."""
    resources.own_tests().change(session.visitor(), step)
    session.set_asked(None)
    session.set_submitted(None)
    clear(_PAD)
