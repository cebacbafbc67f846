"""The visitor's runs: all in one table, and what can be done with those that are chosen."""

from collections.abc import Sequence

import streamlit as st

from model.config import layers_text
from runs.limits import MAX_NAME
from runs.records import RunSnapshot, RunState
from ui.base import resources, session
from ui.base.errors import reported
from ui.base.pasted import letters_taken, short
from ui.base.text import _, percent, plural
from ui.my_work import lists
from ui.networks.selection import run_name


def show_runs() -> None:
    """The table, and below it the buttons."""
    runs = resources.runner().runs_of(session.visitor())
    st.subheader(_("Runs"), anchor=False)
    if not runs:
        st.caption(_("No run yet. What you train is kept here."))
        return
    columns: dict[str, list[object]] = {
        _("run"): [run.number for run in runs],
        _("name"): [run.name or "" for run in runs],
        _("network"): [layers_text(run.config.layer_sizes) for run in runs],
        _("state"): [state_name(run) for run in runs],
        _("epochs"): [run.epoch for run in runs],
        _("validation accuracy"): [_accuracy(run) for run in runs],
    }
    lists.show_table(columns, "runs_table")
    by_id = {run.id: run for run in runs}
    names = {run.id: run_name(run) for run in runs}
    label, placeholder = _("Choose runs"), _("To open, compare, name or delete them")
    chosen = lists.choose(label, placeholder, names, "chosen")
    with st.container(horizontal=True):
        _open(chosen)
        _compare([by_id[run_id] for run_id in chosen])
        _name([by_id[run_id] for run_id in chosen])
        _delete(chosen)


def _open(chosen: Sequence[str]) -> None:
    if lists.open_button("open_run", chosen):
        session.show_run(chosen[0])
        st.switch_page("pages/train.py")


def _compare(chosen: Sequence[RunSnapshot]) -> None:
    if st.button(
        _("Compare"),
        key="compare_runs",
        icon=":material/compare_arrows:",
        disabled=len(chosen) < 2 or not all(run.history for run in chosen),
        help=_("Two or more runs that have begun to train."),
    ):
        session.to_compare.set([run.id for run in chosen])
        st.switch_page("pages/compare.py")


def _name(chosen: Sequence[RunSnapshot]) -> None:
    with st.popover(_("Name"), icon=":material/edit:", disabled=len(chosen) != 1):
        if len(chosen) == 1:
            [run] = chosen
            with st.form(f"name_{run.id}", border=False):
                name = st.text_input(
                    _("Name of the run"),
                    run.name or "",
                    max_chars=letters_taken(MAX_NAME),
                    key=f"name_of_{run.id}",
                )
                if st.form_submit_button(_("Save")):
                    reported(_rename)(run.id, name)
                    st.rerun()


def _rename(run_id: str, name: str) -> None:
    resources.runner().rename(run_id, short(name, MAX_NAME))


def _delete(chosen: Sequence[str]) -> None:
    question = plural(
        "Delete this run with its curves and weights? This cannot be undone.",
        "Delete these {count} runs with their curves and weights? This cannot be undone.",
        len(chosen),
    )
    lists.delete_button(question, "delete_runs", resources.runner().delete, list(chosen), is_off=not chosen)


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
