"""Teach it for pupils: what is done with their digits, and what came of it."""

from functools import partial

import streamlit as st

from classroom.handwriting import digits_of
from classroom.teaching_it import TeachingState
from ui.base import resources, seat, session
from ui.base.errors import plain_errors
from ui.base.text import _
from ui.classroom.way_in import show_way_in
from ui.components.folded import folded
from ui.handwriting.card import show_card
from ui.handwriting.taught import show_finding, show_work

# Seconds between two looks at what is computed.
_LOOK = 3
_HEIGHT = 330


def teach_it() -> None:
    """What fine-tuning is, how far it is, and the data card of the class's digits.

    Raises:
        classroom.rules.RoomError: the class is at another step.
    """
    if seat.current() is None:
        show_way_in(_("Here a network is taught the digits of a class."))
        return
    state = resources.teaching_it().of_class(session.visitor())
    drawings = digits_of(resources.handwriting().of_class(session.visitor()))
    if state.finding is None:
        _explain()
    st.fragment(plain_errors()(_follow), run_every=_LOOK)(_shown(state))
    if state.finding is not None:
        show_finding(state.finding, drawings, _HEIGHT)
        with st.expander(_("What was done?"), icon=":material/help:"):
            _explain()
    folded(_("Data card"), "data_card", partial(show_card, drawings), icon=":material/description:")


def _explain() -> None:
    st.markdown(
        _(
            "The lesson's network was trained on MNIST alone: digits that people in the USA wrote on paper "
            "around 1990. *Fine-tuning* goes on with its training for a moment, on our digits. Its weights "
            "change a little, so that it makes fewer mistakes with them."
        )
    )
    st.markdown(
        _(
            "Does it then read **other** people better, too? With digits that it was trained on, nobody can "
            "tell: it may have learned just these by heart. So chance divides your class into two halves. "
            "One half's digits train the network, the other half's test it, and nobody is in both. That is "
            "done twenty times with other halves, since a single one may come out well by luck."
        )
    )


def _follow(shown: tuple[object, ...]) -> None:
    """How far it is, and the whole page anew once something came of it."""
    state = resources.teaching_it().of_class(session.visitor())
    if _shown(state) != shown:
        st.rerun()
    if state.work is not None:
        show_work(state.work)
    elif state.finding is None:
        st.info(_("Your teacher has not started it yet."), icon=":material/hourglass_empty:")


def _shown(state: TeachingState) -> tuple[object, ...]:
    return state.work is None, state.finding.digits if state.finding else None
