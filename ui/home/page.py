"""Home: the pad, the starter's answer, and what the starter is."""

import streamlit as st

from model.config import layers_text
from model.drawing.strokes import prepare
from ui.base import resources, seat, session
from ui.base.errors import plain_errors
from ui.base.text import _
from ui.components.canvas import is_enlarged, pad
from ui.components.page_link import link
from ui.networks import selection
from ui.reading.number import choose_digit, digits_of
from ui.reading.prediction import send_starter, show_prediction


def draw_and_read() -> None:
    """The pad and the starter's answer; a stroke reruns nothing else."""
    reading = st.container()
    send_starter()
    with reading:
        _draw_and_read()


@st.fragment
@plain_errors()
def _draw_and_read() -> None:
    left, right = (st.container(), st.container()) if is_enlarged() else st.columns([2, 3], gap="medium")
    with left:
        drawn = pad()
    division = digits_of(drawn.strokes)
    inks = [ink for strokes in division.digits if (ink := prepare(strokes)) is not None]
    with right:
        choice = selection.chosen(selection.STARTER)
        index = choose_digit(choice, inks, division.is_doubtful)
        image = choice.forward(inks[index]) if inks else None
        show_prediction(choice, image, drawing=drawn.followed(len(inks)), with_units=False)


def join_a_class() -> None:
    """The way into a class, for who has none yet."""
    if seat.current() is None:
        st.page_link("pages/join.py", label=_("Join a class"), icon=":material/groups:")


def about_the_network() -> None:
    """What the starter is and has learned from."""
    st.caption(
        _(
            "This network comes pre-trained: {layers}. It learned from handwritten digits (MNIST) and from "
            "computer-generated digits, letters and scribbles.",
            layers=layers_text(resources.starter().network.layer_sizes),
        )
    )


def your_runs() -> None:
    """The names of the visitor's newest runs."""
    if runs := resources.runner().runs_of(session.visitor()):
        st.markdown(_("**Your runs**"))
        for run in runs[:5]:
            st.text(selection.run_name(run))
        link("pages/my_work.py", _("My work"))


def teach_a_class() -> None:
    """The way for teachers."""
    st.page_link("pages/teach.py", label=_("Teach a class"), icon=":material/co_present:")
