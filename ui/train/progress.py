"""The fragment that follows a run while it goes on, or plays the recorded one."""

from collections.abc import Sequence

import streamlit as st

from model.config import TrainingConfig
from model.inference import Network
from model.slices import EpochMetrics
from runs.engine import EngineStatus
from runs.limits import poll_seconds
from runs.records import EventKind, PartialEpoch, RunSnapshot, RunState
from ui.base import resources, session
from ui.base.errors import plain_errors
from ui.base.text import _, message, number, percent, verbatim
from ui.components import chart
from ui.figures.curves import GUESSING, CurveTexts, Mark, Quantity, curves_figure, curves_frame, curves_of
from ui.networks.selection import network_of
from ui.train.digit import show_digit
from ui.train.hints import show_hints
from ui.train.run_in_words import marks_of, progress_text, recipe_line
from ui.train.selected_run import selected_run

# The recorded run plays at about the speed at which it was trained.
_REPLAY_EPOCH_SECONDS = 0.3
# What takes longer to be saved is shown.
_LATE_SECONDS = 3
# Of the curves, and of the digit beside them.
_WIDTHS = [4, 1]


def live_panel(config: TrainingConfig) -> None:
    """Progress and curves of what Train shows: a run, the recording, or empty axes for ``config``."""
    replaying = session.replay_seconds() is not None and not _replay_is_over()
    follows = replaying or _run_moves() or not resources.runner().engine_status().is_ready
    interval = poll_seconds(resources.runner().runs_at_work()) if follows else None
    st.fragment(_panel, run_every=interval)(config, follows, _run_state())


@plain_errors()
def _panel(config: TrainingConfig, follows: bool, drawn_state: RunState | None) -> None:
    """One tick; the whole page is drawn again where its buttons have to change."""
    snapshot = selected_run()
    _engine_notice()
    if session.replay_seconds() is not None:
        _show_replay()
    elif snapshot is not None:
        _show_run(snapshot)
    else:
        st.caption(_("No run yet"))
        st.progress(0.0, _not_started_text())
        _show_curves_and_digit((), None, config)
    still = _run_moves() or not resources.runner().engine_status().is_ready
    if _run_state() != drawn_state or (follows and not still and _replay_is_over()):
        st.rerun()


def _show_run(snapshot: RunSnapshot) -> None:
    st.caption(recipe_line(snapshot))
    st.progress(min(snapshot.position / snapshot.config.epochs, 1.0), progress_text(snapshot))
    _show_saving(snapshot)
    _show_curves_and_digit(
        snapshot.history,
        snapshot.partial,
        snapshot.config,
        network_of(snapshot),
        snapshot.kept_epoch,
        marks_of(snapshot),
    )
    if snapshot.problem is not None:
        st.error(verbatim(message(snapshot.problem)), icon=":material/error:")
    show_hints(snapshot)


def _show_saving(snapshot: RunSnapshot) -> None:
    """That something of the run would be lost if the server ended now, and what a former end of it cost."""
    runner = resources.runner()
    if runner.seconds_behind(snapshot.id) > _LATE_SECONDS:
        st.caption(_("Not saved yet. Training goes on."))
    last = snapshot.events[-1].kind if snapshot.events else None
    if last == EventKind.INTERRUPTED:
        st.caption(
            _(
                "The server was restarted. The run went on after epoch {epoch}, with the same curve.",
                epoch=max(0, snapshot.events[-1].epoch - 1),
            )
        )
    elif last == EventKind.MOVED and snapshot.state == RunState.PAUSED:
        st.caption(
            _(
                "This run began on another machine or with another version. Resume goes on here; the last "
                "digits of its curve may differ."
            )
        )
    elif last == EventKind.MOVED:
        st.caption(
            _(
                "The run went on with another version or on another machine; the last digits of its curve "
                "may differ."
            )
        )


def _show_replay() -> None:
    recording = resources.recording()
    shown = recording.history[: _replayed_epochs() + 1]
    epoch, epochs = shown[-1].epoch, recording.config.epochs
    st.caption(_("Recorded training of the lesson network (seed 0)"))
    st.progress(
        epoch / epochs,
        _(
            "**Recorded, not live** · epoch {epoch} of {epochs}",
            epoch=epoch,
            epochs=epochs,
        ),
    )
    network = Network.from_arrays(recording.weights[epoch], recording.config.activation)
    _show_curves_and_digit(shown, None, recording.config, network, epoch)


def _show_curves_and_digit(
    history: Sequence[EpochMetrics],
    partial: PartialEpoch | None,
    config: TrainingConfig,
    network: Network | None = None,
    epoch: int = 0,
    marks: Sequence[Mark] = (),
) -> None:
    """The curves, and beside them what ``network``, as it is after ``epoch``, makes of a digit."""
    curves, digit = st.columns(_WIDTHS, gap="medium")
    with curves:
        _show_curves(history, partial, config, marks)
    with digit:
        # Nothing where the weights of a run are no longer kept.
        if network or not history:
            show_digit(network, epoch)


def _show_curves(
    history: Sequence[EpochMetrics],
    partial: PartialEpoch | None,
    config: TrainingConfig,
    marks: Sequence[Mark],
) -> None:
    validation = (
        _("validation (test images)") if config.validates_on_test_images else _("validation (held out)")
    )
    texts = {
        Quantity.ACCURACY: (
            _("Accuracy"),
            _("guessing: {share}", share=percent(GUESSING.accuracy)),
            _("Chart: the accuracy of the run, epoch by epoch."),
        ),
        Quantity.LOSS: (
            _("Loss"),
            _("guessing: ln 10 = {loss}", loss=number(GUESSING.loss, 2)),
            _("Chart: the loss of the run, epoch by epoch."),
        ),
    }
    columns = st.columns(2)
    places = [column.container() for column in columns]
    is_zoomed = columns[0].toggle(_("Zoom in on the accuracy"), key="zoom")
    for place, (quantity, (title, guessing, alt)) in zip(places, texts.items(), strict=True):
        training, validated = curves_of(history, partial, quantity)
        labels = CurveTexts(title, _("epoch"), _("training"), validation, guessing)
        with place:
            chart.show_live(
                chart.shared(curves_frame, quantity, config.epochs, labels),
                curves_figure(training, validated, quantity, config.epochs, labels, marks, is_zoomed),
                key=f"curve_{quantity}",
                alt=alt,
            )


def _not_started_text() -> str:
    status = resources.runner().engine_status()
    if status.is_ready or status.needs_help:
        return _("Not started yet. Press Train.")
    return _(
        "The training process is starting ({seconds} s). You can already press Train.",
        seconds=round(status.seconds),
    )


def _engine_notice() -> None:
    status = resources.runner().engine_status()
    if status.needs_help:
        st.warning(verbatim(_engine_problem(status)), icon=":material/warning:")
        with st.container(horizontal=True):
            if st.button(_("Try again"), key="restart_engine", icon=":material/refresh:"):
                resources.runner().restart_engine()
            st.button(
                _("Play the recorded run"),
                key="replay_instead",
                icon=":material/play_circle:",
                on_click=session.start_replay,
            )


def _engine_problem(status: EngineStatus) -> str:
    if status.problem is not None:
        return _(
            "Training is unavailable right now. The other pages still work. Reason: {reason}",
            reason=status.problem,
        )
    return _(
        "The training process is taking too long to start ({seconds} seconds so far). The other pages still "
        "work.",
        seconds=round(status.seconds),
    )


def _run_state() -> RunState | None:
    run = selected_run()
    return run.state if run else None


def _run_moves() -> bool:
    """The run changes by itself."""
    return _run_state() in {RunState.QUEUED, RunState.WAITING, RunState.RUNNING}


def _replayed_epochs() -> int:
    seconds = session.replay_seconds() or 0.0
    return min(int(seconds / _REPLAY_EPOCH_SECONDS), resources.recording().config.epochs)


def _replay_is_over() -> bool:
    return session.replay_seconds() is None or _replayed_epochs() == resources.recording().config.epochs
