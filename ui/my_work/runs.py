"""The visitor's runs: all in one table, and what can be done with those that are chosen."""

from collections.abc import Sequence

import streamlit as st

from model.config import layers_text
from runs.records import RunSnapshot, RunState
from ui.base import resources, session
from ui.base.errors import reported
from ui.base.text import _, percent, plural
from ui.networks.selection import run_name

_ROW_PIXELS, _MOST_ROWS = 35, 10


def show_runs() -> None:
    """The table, and below it the buttons."""
    runs = resources.runner().runs_of(session.visitor())
    st.subheader(_("Runs"), anchor=False)
    if not runs:
        st.caption(_("No run yet. What you train is kept here."))
        return
    st.dataframe(
        {
            _("run"): [run.number for run in runs],
            _("name"): [run.name or "" for run in runs],
            _("network"): [layers_text(run.config.layer_sizes) for run in runs],
            _("state"): [state_name(run) for run in runs],
            _("epochs"): [run.epoch for run in runs],
            _("validation accuracy"): [_accuracy(run) for run in runs],
        },
        height=_ROW_PIXELS * (1 + min(len(runs), _MOST_ROWS)) + 3,
        hide_index=True,
        column_config={_("run"): st.column_config.NumberColumn(width=60)},
        key="runs_table",
    )
    by_id = {run.id: run for run in runs}
    chosen = st.multiselect(
        _("Choose runs"),
        list(by_id),
        format_func=lambda run_id: run_name(by_id[run_id]),
        key=f"chosen_{session.visit.get()}",
        placeholder=_("To open, name or delete them"),
        wrap=True,
    )
    with st.container(horizontal=True):
        _open(chosen)
        _name([by_id[run_id] for run_id in chosen])
        _delete(chosen)


def _open(chosen: Sequence[str]) -> None:
    if st.button(_("Open"), key="open_run", icon=":material/open_in_new:", disabled=len(chosen) != 1):
        session.show_run(chosen[0])
        st.switch_page("pages/train.py")


def _name(chosen: Sequence[RunSnapshot]) -> None:
    with st.popover(_("Name"), icon=":material/edit:", disabled=len(chosen) != 1):
        if len(chosen) == 1:
            [run] = chosen
            with st.form(f"name_{run.id}", border=False):
                name = st.text_input(
                    _("Name of the run"), run.name or "", max_chars=60, key=f"name_of_{run.id}"
                )
                if st.form_submit_button(_("Save")):
                    resources.runner().rename(run.id, name)
                    st.rerun()


def _delete(chosen: Sequence[str]) -> None:
    with st.popover(_("Delete"), icon=":material/delete:", disabled=not chosen):
        st.markdown(
            plural(
                "Delete this run with its curves and weights? This cannot be undone.",
                "Delete these {count} runs with their curves and weights? This cannot be undone.",
                len(chosen),
            )
        )
        st.button(
            _("Delete for good"),
            key="delete_runs",
            type="primary",
            on_click=reported(resources.runner().delete),
            args=(list(chosen),),
        )


def state_name(run: RunSnapshot) -> str:
    """What a run is doing, in a word."""
    match run.state:
        case RunState.QUEUED | RunState.WAITING:
            return _("waiting")
        case RunState.RUNNING:
            return _("running")
        case RunState.PAUSED:
            return _("paused")
        case RunState.FINISHED:
            return _("finished")
        case RunState.STOPPED:
            return _("stopped")
        case RunState.FAILED:
            return _("failed")


def _accuracy(run: RunSnapshot) -> str:
    shown = [point.validation.accuracy for point in run.history if point.epoch == run.kept_epoch]
    return percent(shown[0], 1) if shown else "—"
