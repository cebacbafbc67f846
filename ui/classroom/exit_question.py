"""The question at the end of a lesson, for pupils."""

import streamlit as st

from classroom.answers import ExitAnswer
from classroom.lesson import Step
from classroom.questions import MAX_LETTERS, ExitQuestion, Prepared
from ui.base import resources, seat, session
from ui.base.errors import reported
from ui.base.pasted import letters_taken, short
from ui.base.questions import question_text
from ui.base.text import _, verbatim
from ui.classroom.way_in import show_way_in


def exit_question() -> None:
    """What the class is asked, and the visitor's answer."""
    own = seat.current()
    if own is None:
        show_way_in(_("Here a class answers a question at the end of its lesson."))
        return
    asked = own.room.lesson.exit_question
    if asked is None:
        st.markdown(_("Your teacher will ask you a question here."))
        return
    answer = resources.answers().answer_of(own, asked.question)
    with st.container(width=620):
        st.subheader(question_text(asked), anchor=False)
        if asked.is_open and own.room.lesson.step == Step.EXIT_QUESTION:
            _ask(asked, answer)
        elif asked.choice is not None and not asked.is_open:
            _show_right(asked.choice, answer)
        else:
            _show_own(asked.choice, answer)


def _ask(asked: ExitQuestion, before: ExitAnswer | None) -> None:
    choice = asked.choice
    option, text = None, ""
    with st.form(f"form_{asked.question}", border=False):
        if choice is not None:
            option = st.radio(
                _("Your answer"),
                range(len(choice.options)),
                index=before.option if before else None,
                format_func=lambda place: _(choice.options[place]),
                key=f"answer_{asked.question}",
                label_visibility="collapsed",
            )
        else:
            text = st.text_area(
                _("Your answer; your teacher can read it"),
                before.text if before else "",
                max_chars=letters_taken(MAX_LETTERS),
                key=f"answer_{asked.question}",
                height=110,
            )
        is_sent = st.form_submit_button(
            _("Change my answer") if before else _("Hand in my answer"),
            key="hand_in_answer",
            type="secondary" if before else "primary",
            icon=":material/how_to_vote:",
        )
    if is_sent:
        reported(_hand_in)(asked.question, option, text)
        st.rerun()
    if before:
        st.success(_("Your answer is handed in. You can change it until your teacher goes on."))


def _hand_in(question: str, option: int | None, text: str | None) -> None:
    resources.answers().answer(session.visitor(), question, option, short(text, MAX_LETTERS))


def _show_right(choice: Prepared, answer: ExitAnswer | None) -> None:
    """All answers, the right one and that of the visitor marked."""
    for place, option in enumerate(choice.options):
        text = verbatim(_(option))
        is_own = answer is not None and answer.option == place
        if place == choice.right:
            note = _("Right, and your answer.") if is_own else _("Right.")
            st.success(f"**{text}**  \n{note}", icon=":material/check:")
        elif is_own:
            st.info(f"{text}  \n" + _("Your answer."), icon=":material/how_to_vote:")
        else:
            st.markdown(text)


def _show_own(choice: Prepared | None, answer: ExitAnswer | None) -> None:
    if answer is None:
        st.markdown(_("You have not answered."))
        return
    text = answer.text if choice is None or answer.option is None else _(choice.options[answer.option])
    st.markdown(_("Your answer: {text}", text=verbatim(text)))
