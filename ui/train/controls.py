"""The buttons that start, steer and repeat a run."""

import time
from collections.abc import Callable

import streamlit as st

from model.config import LEARNING_RATES, TrainingConfig, bounds
from runs.records import RunSnapshot, RunState
from ui.base import resources, seat, session
from ui.base.errors import reported
from ui.base.text import _, duration, short_number
from ui.networks import selection
from ui.recipe.form import set_recipe
from ui.train.selected_run import selected_run

# What "more epochs" adds: as many as the lesson's recipe has.
_MORE_EPOCHS = 20
# The first point of a warm server takes 0.1 s; a tick of the page comes after 0.3 s.
_FIRST_POINT_SECONDS = 0.3
_PATIENCE_SECONDS = 180
_SMALL_SHARE = 0.1


def start(recipe: TrainingConfig) -> None:
    """Submit a run and show it, where the server is quick with its first point already on the curve.

    Raises:
        runs.problems.QuotaExceededError: the visitor has too many runs that are not over.
        classroom.rules.RoomError: the visitor's class does not train now.
    """
    seat.check_trains()
    runner = resources.runner()
    run_id = runner.submit(recipe, session.visitor())
    session.show_run(run_id)
    patience = time.monotonic() + _FIRST_POINT_SECONDS
    while (run := runner.snapshot(run_id)) and not run.history and time.monotonic() < patience:
        time.sleep(0.01)


def choose_run() -> None:
    """Which of the visitor's runs is shown, where there are several."""
    names = {run.id: selection.run_name(run) for run in resources.runner().runs_of(session.visitor())}
    runs, shown = list(names), selected_run()
    if len(runs) > 1 and shown is not None and shown.id in names:
        chosen = st.selectbox(
            _("Run"),
            runs,
            index=runs.index(shown.id),
            format_func=names.__getitem__,
            key=f"run_{len(runs)}_{shown.id}",
        )
        if chosen != shown.id:
            session.show_run(chosen)
            st.rerun()


def buttons(config: TrainingConfig, next_step: Callable[[], None]) -> bool:
    """Train, and what can be done with the run that is shown. Where that is over and has a network to draw
    for, the button of the ``next_step`` comes first; returns whether it did."""
    run = selected_run()
    is_next_first = run is not None and run.state.is_over and run.epoch > 0
    with st.container(horizontal=True):
        if is_next_first:
            next_step()
            if st.button(_("Train again"), key="train", icon=":material/play_arrow:"):
                reported(start)(config)
                st.rerun()
        elif st.button(_("Train"), key="train", type="primary", icon=":material/play_arrow:"):
            reported(start)(config)
            if session.trouble.get():
                st.rerun()
            run = selected_run()
        if run is not None:
            if not run.state.is_over:
                _steer(run)
            with st.popover(_("More"), icon=":material/more_horiz:"):
                _change(run)
        _recording(run)
    return is_next_first


def _steer(run: RunSnapshot) -> None:
    """Pause or resume, one epoch, stop."""
    runner = resources.runner()

    def button(key: str, label: str, icon: str, action: Callable[[str], None]) -> None:
        act = reported(seat.trains(_seen(action)))
        st.button(label, key=key, icon=f":material/{icon}:", on_click=act, args=(run.id,))

    if run.state == RunState.PAUSED:
        button("pause", _("Resume"), "resume", runner.resume)
    else:
        button("pause", _("Pause"), "pause", runner.pause)
    button("one_epoch", _("One epoch"), "step", runner.train_one_epoch)
    button("stop", _("Stop"), "stop", runner.stop)


def _seen(action: Callable[..., None]) -> Callable[..., None]:
    """``action`` on a run, of which the page then shows what came of it, wherever the run is at work."""

    def act(run_id: str, *args: object) -> None:
        action(run_id, *args)
        resources.runner().wait_for_owners([run_id])

    return act


def cost(config: TrainingConfig) -> None:
    """What a run of ``config`` consists of, and how long this server would take for it now."""
    layers, seconds = " → ".join(map(str, config.layer_sizes)), _predicted(config)
    if seconds is None:
        st.markdown(_("**{layers}** · {count} parameters", layers=layers, count=config.parameter_count))
        return
    st.markdown(
        _(
            "**{layers}** · {count} parameters · about {time} at the current load",
            layers=layers,
            count=config.parameter_count,
            time=duration(seconds),
        )
    )
    if seconds > _PATIENCE_SECONDS and config.train_share > _SMALL_SHARE:
        st.button(
            _("Too slow? Train on 10% of the images"),
            key="fewer_images",
            icon=":material/speed:",
            on_click=set_recipe,
            kwargs={"train_share": _SMALL_SHARE},
        )


def more_epochs(run: RunSnapshot) -> int:
    """How many epochs a run may still get at once; 0 at the limit."""
    most: int = bounds("epochs")[1]
    return min(_MORE_EPOCHS, most - run.epoch)


def _change(run: RunSnapshot) -> None:
    runner = resources.runner()
    if not run.state.is_over:
        rate = run.config.learning_rate
        chosen = st.select_slider(
            _("Learning rate from now on"),
            sorted({*LEARNING_RATES, rate}),
            value=rate,
            format_func=short_number,
            key=f"rate_{run.id}_{rate}",
        )
        if chosen != rate:
            seat.trains(_seen(runner.set_learning_rate))(run.id, chosen)
    count = more_epochs(run)
    if run.state in {RunState.FINISHED, RunState.STOPPED} and count > 0:
        st.button(
            _("Train {count} more epochs", count=count),
            key="longer",
            icon=":material/add:",
            on_click=reported(seat.trains(runner.train_longer)),
            args=(run.id, count),
        )
    if st.button(_("Restart from the same initial weights"), key="again", icon=":material/replay:"):
        start(run.recipe)
        st.rerun()


def _recording(run: RunSnapshot | None) -> None:
    if run is not None and session.replay_seconds() is not None:
        st.button(
            _("Back to your run"),
            key="end_replay",
            type="tertiary",
            icon=":material/arrow_back:",
            on_click=session.stop_replay,
        )
    else:
        st.button(
            _("Play the recorded run"),
            key="replay",
            type="tertiary",
            icon=":material/play_circle:",
            on_click=session.start_replay,
        )


def _predicted(config: TrainingConfig) -> float | None:
    return resources.runner().predict(config, session.visitor())
