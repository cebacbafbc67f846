"""A network as it was after any of its epochs, and a way to play through them."""

from bisect import bisect_right
from collections.abc import Callable

import streamlit as st

from runs.records import RunSnapshot
from ui import resources, state
from ui.frame import plain_errors
from ui.text import _

# Seconds that an epoch stays on the page while they play.
STEP = 0.7


def play_through(show: Callable[[], None]) -> None:
    """Call ``show`` as a fragment, and while epochs play again and again."""
    fragment = st.fragment(plain_errors()(show), run_every=STEP if state.playing() else None)
    fragment()


def choose_epoch(run: RunSnapshot, place: str = "epochs") -> int:
    """The epoch of ``run`` to look at: a slider over those that are kept, the newest unless moved.

    Call it inside ``play_through``; where there are several on a page, each has a ``place`` of its own.
    """
    epochs = sorted({0, *resources.runner().epochs(run.id), run.epoch})
    if len(epochs) < 2:
        return run.epoch
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        if state.playing() == run.id:
            return _play(run.id, epochs, place)
        key = f"epoch_{run.id}_{len(epochs)}_{state.visit()}"
        state.prefer(key, _nearest(epochs, state.epoch(run.id)))
        chosen = int(st.select_slider(_("After epoch"), epochs, key=key))
        state.set_epoch(run.id, None if chosen == epochs[-1] else chosen)
        if st.button(_("Play"), key=f"play_{place}", icon=":material/play_arrow:"):
            state.start_playing(run.id, epochs[0] if chosen == epochs[-1] else chosen)
            st.rerun()
    return chosen


def _play(run_id: str, epochs: list[int], place: str) -> int:
    """One epoch more for every step that has been playing."""
    first, seconds = state.played()
    number = epochs.index(_nearest(epochs, first)) + int(seconds / STEP)
    shown = epochs[min(number, len(epochs) - 1)]
    # A slider keeps its value, so each value has a slider of its own.
    st.select_slider(_("After epoch"), epochs, shown, key=f"played_{run_id}_{shown}", disabled=True)
    paused = st.button(_("Pause"), key=f"pause_{place}", icon=":material/pause:")
    if paused or shown == epochs[-1]:
        state.set_epoch(run_id, None if shown == epochs[-1] else shown)
        state.stop_playing()
        st.rerun()
    return shown


def _nearest(epochs: list[int], chosen: int | None) -> int:
    """The last epoch that is kept up to the ``chosen`` one; ``None`` is the newest."""
    return epochs[-1] if chosen is None else epochs[max(bisect_right(epochs, chosen) - 1, 0)]
