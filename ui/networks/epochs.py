"""A network as it was after any of its epochs, and a way to play through them."""

import time
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from ui.base import session
from ui.base.errors import plain_errors, show_lasting_trouble
from ui.base.text import _

# Seconds that an epoch stays on the page while they play.
STEP = 0.7

# By run, the epoch that the visitor looks at; ``None`` for the newest.
_epochs = session.Slot[Mapping[str, int | None]]("epochs", {})
# The epoch from which on they play, and since when, on the monotonic clock.
_playing_from = session.Slot("playing_from", (0, 0.0))


def play_through(show: Callable[[], None]) -> None:
    """Call ``show`` as a fragment, and while epochs play again and again."""

    @plain_errors()
    def shown() -> None:
        show_lasting_trouble()
        show()

    fragment = st.fragment(shown, run_every=STEP if session.playing.get() else None)
    fragment()


def choose_epoch(
    run_id: str, epochs: Sequence[int], place: str = "epochs", preferred: int | None = None
) -> int | None:
    """The one of ``epochs`` to look at, all that are kept of ``run_id``, sorted: a slider, at the
    ``preferred`` one, the newest by default, unless moved. ``None`` where there are none.

    Call it inside ``play_through``; where there are several on a page, each has a ``place`` of its own.
    """
    if len(epochs) < 2:
        return epochs[0] if epochs else None
    default = _nearest(epochs, preferred)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        if session.playing.get() == run_id:
            return _play(run_id, epochs, place, default)
        # Where an epoch came and another is not kept any more, these are other epochs, though as many.
        key = f"epoch_{run_id}_{len(epochs)}_{epochs[-1]}_{default}_{session.visit.get()}"
        looked_at = _epochs.get().get(run_id)
        session.prefer(key, default if looked_at is None else _nearest(epochs, looked_at))
        chosen = int(st.select_slider(_("After epoch"), epochs, key=key))
        set_epoch(run_id, None if chosen == default else chosen)
        if st.button(_("Play"), key=f"play_{place}", icon=":material/play_arrow:"):
            first = epochs[0] if chosen == epochs[-1] else chosen
            session.playing.set(run_id)
            _playing_from.set((first, time.monotonic()))
            st.rerun()
    return chosen


def set_epoch(run: str, value: int | None) -> None:
    """Remember the epoch of a run to look at; ``None`` for the newest."""
    _epochs.set({**_epochs.get(), run: value})


def _play(run_id: str, epochs: Sequence[int], place: str, default: int) -> int:
    """One epoch more for every step that has been playing."""
    first, since = _playing_from.get()
    index = epochs.index(_nearest(epochs, first)) + int((time.monotonic() - since) / STEP)
    shown = epochs[min(index, len(epochs) - 1)]
    # A slider keeps its value, so each value has a slider of its own.
    st.select_slider(_("After epoch"), epochs, shown, key=f"played_{run_id}_{shown}", disabled=True)
    paused = st.button(_("Pause"), key=f"pause_{place}", icon=":material/pause:")
    if paused or shown == epochs[-1]:
        set_epoch(run_id, None if shown == default else shown)
        session.playing.reset()
        st.rerun()
    return shown


def _nearest(epochs: Sequence[int], chosen: int | None) -> int:
    """The last epoch that is kept up to the ``chosen`` one; ``None`` is the newest."""
    return epochs[-1] if chosen is None else epochs[max(bisect_right(epochs, chosen) - 1, 0)]
