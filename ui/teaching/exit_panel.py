"""The question at the end, at the desk: which one, when its answers are shown, and answers in words."""

from functools import partial

import streamlit as st

from classroom import asking
from classroom.questions import MAX_LETTERS, PREPARED, ExitQuestion
from classroom.rooms import Room
from ui.base import resources, session
from ui.base.errors import reported
from ui.base.pasted import letters_taken, short
from ui.base.questions import question_text
from ui.base.text import _, plural, verbatim
from ui.teaching.room import change

_CHOICE, _OWN = "exit_choice", "exit_own"
# Pixels that answers in words have before they scroll.
_WORDS_HEIGHT = 160


def show_exit_panel(room: Room) -> None:
    """What the teacher can do about the question at the end at this moment."""
    asked = room.lesson.exit_question
    if asked is None:
        _choose(room)
        return
    st.caption(f"**{question_text(asked)}**")
    answers = resources.answers().at_the_end(session.visitor(), room.id, asked.question)
    st.caption(plural("{count} answer", "{count} answers", len(answers)))
    with st.container(horizontal=True, gap="xsmall"):
        _show_answers(room, asked)
        with st.popover(_("Another question"), key="another_question"):
            _choose(room)
    if asked.choice is None and answers:
        with st.container(height=_WORDS_HEIGHT, border=True):
            for number, answer in answers.items():
                st.markdown(f"**{number}** {verbatim(answer.text)}")


def _show_answers(room: Room, asked: ExitQuestion) -> None:
    is_open = asked.is_open
    st.button(
        _label(asked),
        key="show_answers",
        type="primary" if is_open and asked.choice else "secondary",
        on_click=reported(change),
        args=(room.id, partial(asking.showing_answers, number=asked.number, are_shown=is_open)),
    )


def _label(asked: ExitQuestion) -> str:
    if not asked.is_open:
        return _("Accept answers again")
    return _("Show answers") if asked.choice else _("Accept no more answers")


def _choose(room: Room) -> None:
    own = ""
    chosen = st.selectbox(
        _("Question"),
        [*PREPARED, own],
        format_func=lambda name: _(PREPARED[name].text) if name else _("A question of my own"),
        key=_CHOICE,
    )
    if chosen == own:
        st.text_area(_("Your question"), max_chars=letters_taken(MAX_LETTERS), key=_OWN, height=90)
    st.button(
        _("Ask the class"),
        key="ask_at_the_end",
        type="primary",
        icon=":material/help:",
        on_click=reported(_ask),
        args=(room.id,),
    )


def _ask(room_id: str) -> None:
    prepared = str(session.value(_CHOICE))
    text = short(session.value(_OWN), MAX_LETTERS) if session.has(_OWN) else ""
    change(room_id, partial(asking.asking_at_the_end, prepared=prepared, text=text))
