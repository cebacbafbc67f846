"""Predict, observe, explain: guess what a changed setting does, train with it and without, and see."""

from collections.abc import Sequence

import streamlit as st

from classroom.questions import GUESSES
from model.config import FEW_EPOCHS, TrainingConfig, bounds
from model.evaluation.hypothesis import MAX_SEEDS, Guess
from model.slices import flops
from runs.limits import poll_seconds
from runs.records import RunSnapshot, RunState
from ui.base import resources, seat, session
from ui.base.errors import plain_errors, reported, show_lasting_trouble
from ui.base.pasted import letters_taken, short
from ui.base.text import _, duration, verbatim
from ui.components.page_link import link
from ui.guess.hypothesis import begin, current, gone_on, put_away
from ui.guess.verdict import Runs, show_curves, show_problems, show_scores, show_verdict
from ui.recipe.difference import SETTINGS, other_value, show_common
from ui.recipe.labels import compared_text, guess_text, margin_text, setting_name, setting_text
from visitors.hypotheses import MAX_LETTERS, Hypothesis, trials

# What the page opens with: ten times the learning rate of the lesson.
_FIRST_SETTING, _FIRST_RATE = "learning_rate", 0.1
_EXPLANATION = "guess_explanation"


def show_guess() -> None:
    """The form of a guess; once it is committed to, its runs, and what came out.

    Raises:
        runs.problems.QuotaExceededError: the visitor has too many runs that are not over.
    """
    hypothesis = current()
    if hypothesis is None:
        _ask()
        return
    is_over = _is_over(hypothesis, _runs(hypothesis))
    interval = None if is_over else poll_seconds(resources.runner().runs_at_work())
    st.fragment(_panel, run_every=interval)(is_over)


def _ask() -> None:
    base = session.config()
    base = base.with_changes(epochs=min(base.epochs, FEW_EPOCHS))
    left, right = st.columns(2, gap="large")
    setting, guessing, training = left.container(), right.container(), right.container()
    with setting:
        st.subheader(_("1. Change one setting"), anchor=False)
        field = st.selectbox(
            _("Setting"),
            SETTINGS,
            SETTINGS.index(_FIRST_SETTING),
            format_func=setting_name,
            key="guess_setting",
        )
    with training:
        st.subheader(_("3. Train both"), anchor=False)
        low, high = bounds("epochs")
        label = _("Epochs for A") if field == "epochs" else _("Epochs for each")
        a = base.with_changes(epochs=st.slider(label, low, high, base.epochs, key="guess_own_epochs"))
        seeds = (
            MAX_SEEDS
            if st.checkbox(
                _("Three seeds: train each three times to see how much is chance"), key="guess_seeds"
            )
            else 1
        )
    with setting:
        left, right = st.columns(2)
        with left.container(border=True, height="stretch"):
            st.markdown(_("**A**: your recipe from Train"))
            st.metric(setting_name(field), setting_text(field, getattr(a, field)))
        with right.container(border=True, height="stretch"):
            st.markdown(_("**B**: the same, but"))
            b = a.with_changes(**{field: other_value(_start_of_b(base), field)})
        show_common(a, b)
    with guessing:
        guess, why = _ask_guess()
    with training:
        _cost([a, b], seeds)
        if not st.button(_("Train both"), key="guess_train", type="primary", icon=":material/play_arrow:"):
            return
        if a == b:
            st.warning(_("B is still the same as A. Change its setting first."))
        elif guess is None:
            st.warning(_("Choose your hypothesis first."))
        else:
            begin(Hypothesis(guess=guess, why=short(why, MAX_LETTERS), trials=trials(a, b, seeds)))
            st.rerun()


def _start_of_b(base: TrainingConfig) -> TrainingConfig:
    """Where the controls of B begin: as in A, but for a learning rate worth asking about."""
    rate = _FIRST_RATE if base.learning_rate != _FIRST_RATE else TrainingConfig().learning_rate
    return base.with_changes(learning_rate=rate)


def _ask_guess() -> tuple[Guess | None, str]:
    """What was guessed, ``None`` before, and why."""
    st.subheader(_("2. Your hypothesis"), anchor=False)
    guess = st.segmented_control(
        compared_text(),
        [str(option) for option in GUESSES],
        format_func=lambda guess: guess_text(Guess(guess)),
        key="guess_answer",
        width="stretch",
        help=margin_text(),
    )
    why = st.text_input(_("Why? (optional)"), key="guess_why", max_chars=letters_taken(MAX_LETTERS))
    return Guess(guess) if guess else None, why or ""


def _cost(variants: Sequence[TrainingConfig], seeds: int) -> None:
    """How long all runs would take now: as one run with as much work, since they take turns."""
    total = seeds * sum(flops(config, config.epochs) for config in variants)
    as_one_run = variants[0].model_copy(update={"epochs": round(total / flops(variants[0], 1))})
    seconds = resources.runner().predict(as_one_run, session.visitor())
    if seconds is not None:
        st.caption(_("About {time} on this server at the current load", time=duration(seconds)))


def _runs(hypothesis: Hypothesis) -> Runs:
    """Those that were submitted and are still kept."""
    snapshots = {run_id: resources.runner().snapshot(run_id) for run_id in hypothesis.run_ids}
    return {run_id: run for run_id, run in snapshots.items() if run is not None}


def _is_over(hypothesis: Hypothesis, runs: Runs) -> bool:
    """Whether nothing more will happen: all runs are over, or one of them cannot be judged."""
    if len(runs) < len(hypothesis.run_ids):
        return True
    is_complete = len(runs) == 2 * len(hypothesis.trials) or not all(
        run.keeps_recipe for run in runs.values()
    )
    return is_complete and all(run.state.is_over for run in runs.values())


@plain_errors()
def _panel(is_over: bool) -> None:
    """One tick; the whole page is drawn again where the polling has to begin or to end."""
    show_lasting_trouble()
    hypothesis = current()
    if hypothesis is None:
        st.rerun()
    runs = _runs(hypothesis)
    if _is_over(hypothesis, runs) != is_over:
        st.rerun()
    _show_committed(hypothesis)
    if len(runs) < len(hypothesis.run_ids):
        st.info(
            _("Some runs of this experiment are no longer available, so there is no verdict."),
            icon=":material/history:",
        )
        _another(hypothesis, is_over=True)
        return
    if not is_over and all(run.keeps_recipe for run in runs.values()):
        hypothesis = gone_on(hypothesis)
        runs = _runs(hypothesis)
    left, right = st.columns(2, gap="large")
    with left:
        show_scores(hypothesis, runs)
        show_curves(hypothesis, runs)
    with right:
        _notices(hypothesis, runs)
        if not show_problems(hypothesis, runs) and is_over:
            _judge(hypothesis, runs)
        show_common(hypothesis.trials[0].a.config, hypothesis.trials[0].b.config)
        if is_over:
            _explain(hypothesis)
        paused = [run for run in runs.values() if run.state == RunState.PAUSED]
        _another(hypothesis, is_over, paused)


def _judge(hypothesis: Hypothesis, runs: Runs) -> None:
    verdict = show_verdict(hypothesis, runs)
    if verdict not in (None, hypothesis.verdict):
        resources.hypotheses().amend(session.visitor(), hypothesis.name, verdict=verdict)


def _show_committed(hypothesis: Hypothesis) -> None:
    st.markdown(
        _("Your hypothesis: the test accuracy of B will be **{guess}**.", guess=guess_text(hypothesis.guess))
        if hypothesis.guess != Guess.SAME
        else _("Your hypothesis: the test accuracy of A and B will be **about the same**.")
    )
    if hypothesis.why:
        st.markdown(_("Reason: {why}", why=verbatim(hypothesis.why)))


def _explain(hypothesis: Hypothesis) -> None:
    session.prefer(_EXPLANATION, hypothesis.explanation)
    # Only what is written here is kept: another tab may have written something else.
    st.text_area(
        _("Explain: why did it turn out like this?"),
        key=_EXPLANATION,
        max_chars=letters_taken(MAX_LETTERS),
        height=90,
        on_change=reported(_keep_explanation),
        args=(hypothesis.name,),
    )


def _keep_explanation(name: str) -> None:
    text = short(session.value(_EXPLANATION), MAX_LETTERS)
    resources.hypotheses().amend(session.visitor(), name, explanation=text)


def _another(hypothesis: Hypothesis, is_over: bool, paused: Sequence[RunSnapshot] = ()) -> None:
    with st.container(horizontal=True):
        if paused:
            st.button(
                _("Resume"),
                key="guess_go_on",
                icon=":material/resume:",
                on_click=reported(_resume),
                args=(paused,),
            )
        st.button(
            _("New hypothesis") if is_over else _("Stop and start over"),
            key="guess_again",
            type="primary" if is_over else "secondary",
            icon=":material/refresh:" if is_over else ":material/stop:",
            on_click=reported(_begin_again),
            args=(hypothesis.run_ids,),
        )


def _resume(paused: Sequence[RunSnapshot]) -> None:
    seat.check_trains()
    for run in paused:
        resources.runner().resume(run.id)
    resources.runner().wait_for_owners([run.id for run in paused])


def _begin_again(runs: Sequence[str]) -> None:
    """Stop what still trains: the last run first, so that no other one begins in its place."""
    seat.check_trains()
    for run_id in reversed(runs):
        resources.runner().stop(run_id)
    put_away()


def _notices(hypothesis: Hypothesis, runs: Runs) -> None:
    """Why nothing goes on, where the visitor can do something about it."""
    if resources.runner().engine_status().needs_help:
        st.warning(
            _("Training is unavailable right now. Press Try again on the Train page."),
            icon=":material/warning:",
        )
        link("pages/train.py", _("Train"))
    is_waiting = len(runs) < 2 * len(hypothesis.trials)
    if is_waiting and all(run.state == RunState.FINISHED for run in runs.values()):
        st.info(
            _("You have too many unfinished runs. Stop one on the Train page to continue here."),
            icon=":material/hourglass:",
        )
        link("pages/train.py", _("Train"))
