"""Predict, observe, explain: guess what a changed setting does, train with it and without, and see."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from model.config import TrainingConfig, bounds
from model.evaluation.hypothesis import ACCURACY_MARGIN, MOST_SEEDS, Guess
from model.slices import flops
from runs.problems import QuotaExceededError
from runs.records import RunSnapshot, RunState
from ui.base import resources, session
from ui.base.errors import plain_errors
from ui.base.session import Prediction
from ui.base.text import _, number, verbatim
from ui.guess.verdict import is_judged, show_curves, show_problems, show_scores, show_verdict
from ui.recipe.difference import SETTINGS, other_value, show_common
from ui.recipe.labels import setting_name, setting_text

# The seed recipe takes 0.3 s for one of them, and is near its end after so few.
_FEW_EPOCHS = 5
_MOST_LETTERS = 500


def show_guess() -> None:
    """The form of a guess; once it is committed to, its runs, and what came out.

    Raises:
        runs.problems.QuotaExceededError: the visitor has too many runs that are not over.
    """
    made = session.prediction()
    if made is None:
        _ask()
        return
    is_over = _is_over(made)
    interval = None if is_over else resources.poll_seconds(resources.runner().runs_at_work())
    st.fragment(_panel, run_every=interval)(is_over)


def _guess_text(guess: str) -> str:
    """A guess as a visitor reads it."""
    match guess:
        case Guess.HIGHER:
            return _("higher")
        case Guess.LOWER:
            return _("lower")
    return _("about the same")


def _ask() -> None:
    base = session.config()
    base = base.with_changes(epochs=min(base.epochs, _FEW_EPOCHS))
    left, right = st.columns(2, gap="large")
    setting, guessing, training = left.container(), right.container(), right.container()
    with setting:
        st.subheader(_("1. Change one setting"), anchor=False)
        field = st.selectbox(_("Setting"), SETTINGS, format_func=setting_name, key="guess_setting")
    with training:
        st.subheader(_("3. Train both"), anchor=False)
        low, high = bounds("epochs")
        label = _("Epochs of A") if field == "epochs" else _("Epochs of each")
        first = base.with_changes(epochs=st.slider(label, low, high, base.epochs, key="guess_own_epochs"))
        seeds = (
            MOST_SEEDS
            if st.checkbox(
                _("Three seeds: train each three times, and see how much is luck"), key="guess_seeds"
            )
            else 1
        )
    with setting:
        st.markdown(
            _(
                "**A** is your recipe from Train. {setting}: **{value}**. In **B** only this differs.",
                setting=setting_name(field),
                value=setting_text(field, getattr(first, field)),
            )
        )
        second = first.with_changes(**{field: other_value(base, field)})
        show_common(first, second)
    with guessing:
        guess, why = _ask_guess()
    with training:
        _cost([first, second], seeds)
        missing = _missing(first == second, guess is None)
        if st.button(
            _("Train both"),
            key="guess_train",
            type="primary",
            icon=":material/play_arrow:",
            disabled=missing is not None,
        ):
            _submit(Prediction(str(guess), why, _recipes(first, second, seeds)))
            st.rerun()
        if missing is not None:
            st.caption(missing)


def _ask_guess() -> tuple[str | None, str]:
    st.subheader(_("2. Guess"), anchor=False)
    guess = st.segmented_control(
        _("Compared with A, the test accuracy of B will be …"),
        [str(option) for option in (Guess.HIGHER, Guess.SAME, Guess.LOWER)],
        format_func=_guess_text,
        key="guess_answer",
        width="stretch",
        help=_(
            "About the same: at most {points} percentage points to either side.",
            points=number(100 * ACCURACY_MARGIN, 1),
        ),
    )
    why = st.text_input(_("Why? (if you like)"), key="guess_why", max_chars=_MOST_LETTERS)
    return guess, (why or "").strip()


def _missing(is_same: bool, is_silent: bool) -> str | None:
    if is_same:
        return _("B is the same as A so far: move its setting first.")
    if is_silent:
        return _("Make your guess first. Then it counts.")
    return None


def _recipes(first: TrainingConfig, second: TrainingConfig, seeds: int) -> tuple[str, ...]:
    """A and B of each seed, from the recipe's own one on; after the largest comes the smallest."""
    _low, high = bounds("seed")
    return tuple(
        config.with_changes(seed=(config.seed + more) % (high + 1)).to_json()
        for more in range(seeds)
        for config in (first, second)
    )


def _cost(variants: Sequence[TrainingConfig], seeds: int) -> None:
    """How long all runs would take now: as one run with as much work, since they take turns."""
    own = seeds * sum(flops(config, config.epochs) for config in variants)
    one = variants[0].model_copy(update={"epochs": own / flops(variants[0], 1)})
    seconds = resources.runner().predict(one, session.visitor())
    if seconds is None:
        return
    if seconds < 90:
        st.caption(
            _("About {seconds} s on this server, as busy as it is now", seconds=max(1, round(seconds)))
        )
    else:
        st.caption(_("About {minutes} min on this server, as busy as it is now", minutes=round(seconds / 60)))


def _submit(made: Prediction) -> Prediction:
    """Submit as many of the missing runs as there is room for, and remember them.

    Raises:
        runs.problems.QuotaExceededError: there is no room for the first one.
    """
    for recipe in made.recipes[len(made.runs) :]:
        try:
            run_id = resources.runner().submit(TrainingConfig.from_json(recipe), session.visitor())
        except QuotaExceededError:
            if not made.runs:
                raise
            break
        made = replace(made, runs=(*made.runs, run_id))
        session.set_prediction(made)
    return made


def _is_over(made: Prediction) -> bool:
    """Whether nothing more will happen: all runs are over, or one of them cannot be judged."""
    runs = _runs(made)
    if None in runs:
        return True
    known = [run for run in runs if run is not None]
    is_complete = len(known) == len(made.recipes) or not all(map(is_judged, known))
    return is_complete and all(run.state.is_over for run in known)


def _runs(made: Prediction) -> list[RunSnapshot | None]:
    return [resources.runner().snapshot(run_id) for run_id in made.runs]


@plain_errors()
def _panel(is_over: bool) -> None:
    """One tick; the whole page is drawn again where the polling has to begin or to end."""
    made = session.prediction()
    if made is None or _is_over(made) != is_over:
        st.rerun()
    first, second = (TrainingConfig.from_json(recipe) for recipe in made.recipes[:2])
    _show_committed(made)
    runs = [run for run in _runs(made) if run is not None]
    if len(runs) < len(made.runs):
        st.info(
            _("Some runs of this guess are not kept any more, so there is nothing left to judge."),
            icon=":material/history:",
        )
        _another(made, is_over=True)
        return
    if not is_over and all(map(is_judged, runs)):
        made = _submit(made)
        runs = [run for run in _runs(made) if run is not None]
    left, right = st.columns(2, gap="large")
    with left:
        show_scores(made, runs)
        show_curves(made, runs)
    with right:
        _notices(made, runs)
        if not show_problems(runs) and is_over:
            show_verdict(made, runs)
        show_common(first, second)
        if is_over:
            _explain(made)
        _another(made, is_over, paused=[run for run in runs if run.state == RunState.PAUSED])


def _show_committed(made: Prediction) -> None:
    st.markdown(
        _("Your guess: the test accuracy of B will be **{guess}**.", guess=_guess_text(made.guess))
        if made.guess != Guess.SAME
        else _("Your guess: the test accuracy of A and B will be **about the same**.")
    )
    if made.why:
        st.markdown(_("Because: {why}", why=verbatim(made.why)))


def _explain(made: Prediction) -> None:
    session.prefer("guess_explanation", made.explanation)
    text = st.text_area(
        _("Explain: why did it come out like this?"),
        key="guess_explanation",
        max_chars=_MOST_LETTERS,
        height=90,
    )
    if text != made.explanation:
        session.set_prediction(replace(made, explanation=text or ""))


def _another(made: Prediction, is_over: bool, paused: Sequence[RunSnapshot] = ()) -> None:
    with st.container(horizontal=True):
        if paused:
            st.button(
                _("Go on"), key="guess_go_on", icon=":material/resume:", on_click=_resume, args=(paused,)
            )
        st.button(
            _("Another guess") if is_over else _("Stop, and guess anew"),
            key="guess_again",
            type="primary" if is_over else "secondary",
            icon=":material/refresh:" if is_over else ":material/stop:",
            on_click=_begin_again,
            args=(made.runs,),
        )


def _resume(paused: Sequence[RunSnapshot]) -> None:
    for run in paused:
        resources.runner().resume(run.id)


def _begin_again(runs: Sequence[str]) -> None:
    """Stop what still trains: the last run first, so that no other one begins in its place."""
    for run_id in reversed(runs):
        resources.runner().stop(run_id)
    session.set_prediction(None)


def _notices(made: Prediction, runs: Sequence[RunSnapshot]) -> None:
    """Why nothing goes on, where the visitor can do something about it."""
    if resources.runner().engine_status().needs_help:
        st.warning(
            _("The engine cannot train now. On Train it can be started again."), icon=":material/warning:"
        )
    if len(runs) < len(made.recipes) and all(run.state == RunState.FINISHED for run in runs):
        st.info(
            _("You have too many other runs that are not over. Stop one of them on Train: then it goes on."),
            icon=":material/hourglass:",
        )
