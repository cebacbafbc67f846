"""Your own test: a digit is asked for, the visitor draws it, and a network has to read it."""

import streamlit as st

from model.drawing.collection import ENOUGH_FOR_ACCURACY
from ui.base import resources, session
from ui.base.text import _
from ui.frame import frame, next_button
from ui.networks import selection
from ui.networks.epochs import play_through
from ui.own_test.asking import ask
from ui.own_test.results import show_last, show_results


def own_test() -> None:
    left, right = st.columns([2, 3], gap="large")
    with left:
        ask()
    with right:
        last = st.container()
        choice = selection.choose("own_test_network")
    test = resources.own_tests().of(session.visitor())
    with last:
        if test.drawn:
            show_last(test.drawn[-1], choice)
        else:
            st.markdown(_("Draw the requested digit and submit it to see what the network predicts."))
    show_results(test, choice)


with frame("own_test"):
    st.header(_("My handwriting"), anchor=False)
    # First: where it cannot be read, nothing here can be shown, which is said once.
    drawn = len(resources.own_tests().of(session.visitor()).drawn)
    play_through(own_test)
    if drawn < ENOUGH_FOR_ACCURACY:
        next_button("evaluate", _("Evaluate on the test images"), kind="secondary")
    else:
        next_button("evaluate", _("See where it fails"))
