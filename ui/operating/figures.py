"""How this server is, at one glance: what is wrong first, then the figures."""

import streamlit as st

from runs.engine import EngineState
from runs.status import Saving, Status
from ui.base import resources
from ui.base.errors import plain_errors
from ui.base.text import _, duration, message, number, plural, verbatim

# Seconds.
_REFRESH = 2
_NOTHING = "—"
# CSS pixels; two stand side by side on a phone.
_WIDTH = 168


@st.fragment(run_every=_REFRESH)
@plain_errors()
def show_status() -> None:
    """The whole page, read anew every other second."""
    status = resources.runner().status()
    _troubles(status)
    _metrics(status)
    _workers(status)
    _servers(status.saving)
    versions = " · ".join(f"{name} {version}" for name, version in status.versions.items())
    st.caption(verbatim(versions))


def _troubles(status: Status) -> None:
    for trouble in status.troubles:
        st.error(verbatim(message(trouble)), icon=":material/error:")
    if not status.troubles:
        st.success(_("All is well."), icon=":material/check_circle:")


def _metrics(status: Status) -> None:
    wait = _NOTHING if status.longest_wait is None else _seconds(status.longest_wait)
    saving = status.saving
    shown = {
        _("Training"): _state(status.engine.state),
        _("Runs that take turns"): number(status.taking_turns),
        _("Longest wait for a slice"): wait,
        _("Slices per second"): number(status.slices_per_second, 1),
        _("Slices at the workers"): number(status.at_work),
        _("Runs that are queued"): number(status.queued),
        _("Not saved for"): _seconds(saving.seconds_behind),
        _("Memory of this process"): _size(status.memory),
        _("Memory that is left"): _size(status.memory_left),
        _("Disk that is left"): _size(saving.free_disk),
    }
    with st.container(horizontal=True, gap="small"):
        for label, value in shown.items():
            st.metric(label, value, border=True, width=_WIDTH)


def _workers(status: Status) -> None:
    st.subheader(_("Workers"), anchor=False)
    if not status.workers:
        st.markdown(_("There is no worker."))
        return
    st.table(
        {
            _("worker"): [verbatim(worker.name) for worker in status.workers],
            _("memory"): [_size(worker.memory) for worker in status.workers],
            _("calls"): [number(worker.calls) for worker in status.workers],
        }
    )
    st.caption(
        plural(
            "{count} slice is computed at a time.", "{count} slices are computed at a time.", status.capacity
        )
    )


def _servers(saving: Saving) -> None:
    """Nothing without a database, or while that cannot be read."""
    if saving.servers is None:
        return
    rows = saving.servers.rows
    st.subheader(_("Servers on this database"), anchor=False)
    st.table(
        {
            _("server"): [
                _("{number} (this one)", number=row.number)
                if row.number == saving.number
                else number(row.number)
                for row in rows
            ],
            _("host"): [verbatim(row.host) for row in rows],
            _("lease"): [_("{seconds} s", seconds=round(row.lease)) for row in rows],
            _("open runs"): [number(row.runs) for row in rows],
            _("paused"): [number(row.resting) for row in rows],
        }
    )
    st.caption(_("Open runs that belong to no server: {count}", count=saving.servers.unowned_runs))


def _state(state: EngineState) -> str:
    match state:
        case EngineState.STARTING:
            return _("Starting")
        case EngineState.READY:
            return _("Ready")
        case EngineState.FAILED:
            return _("Failed")


def _seconds(value: float) -> str:
    """Short times to a tenth of a second, longer ones in words."""
    return _("{seconds} s", seconds=number(value, 1)) if value < 60 else duration(value)


def _size(value: int | None) -> str:
    if value is None:
        return _NOTHING
    if value < 1_000_000_000:
        return _("{megabytes} MB", megabytes=value // 1_000_000)
    return _("{gigabytes} GB", gigabytes=number(value / 1e9, 1))
