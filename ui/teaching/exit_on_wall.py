"""The question at the end on the projector: how many have answered, and what, once the teacher shows it."""

import streamlit as st

from classroom.rooms import Room
from ui.base import resources, session
from ui.base.questions import question_text
from ui.base.text import _, plural
from ui.components import chart
from ui.figures.votes import VoteBars, votes_figure

_HEIGHT, _FONT = 440, 20


def show_exit_on_wall(room: Room) -> None:
    """What was answered in words is never shown here: anybody may have typed anything."""
    asked = room.lesson.exit_question
    if asked is None:
        st.markdown(_("One question before we go."))
        return
    answers = resources.answers().at_the_end(session.visitor(), room.id, asked.question)
    st.header(question_text(asked), anchor=False)
    st.markdown(plural("**{count}** has answered", "**{count}** have answered", len(answers)))
    if asked.choice is None:
        return
    if asked.is_open:
        st.markdown("\n".join(f"- {_(option)}" for option in asked.choice.options))
        return
    options = asked.choice.options
    chosen = [answer.option for answer in answers.values()]
    votes = VoteBars(
        answers=tuple(_(option) for option in options),
        counts=(tuple(chosen.count(place) for place in range(len(options))),),
        right=(asked.choice.right,),
    )
    chart.show(
        chart.shared(votes_figure, votes, _HEIGHT, _FONT),
        key="answers_at_the_end",
        alt=_("How many have given each answer, as bars."),
    )
