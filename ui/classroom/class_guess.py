"""Guess together, for pupils: a guess each, until the room trains both, and what came of it."""

import streamlit as st

from classroom.answers import GuessAnswer
from classroom.lesson import Step
from classroom.questions import GUESSES, MAX_LETTERS, ClassGuess
from classroom.seats import Seat
from model.evaluation.hypothesis import Guess, Observation, Verdict, judge
from ui.base import resources, seat, session
from ui.base.errors import reported
from ui.base.pasted import letters_taken, short
from ui.base.text import _, verbatim
from ui.classroom.way_in import show_way_in
from ui.recipe.class_guess import (
    accuracies_text,
    lost_text,
    option_text,
    outcome_text,
    question_text,
    show_variants,
)
from ui.recipe.labels import guess_text, margin_text


def class_guess() -> None:
    """What the class guesses now, or has guessed last."""
    own = seat.current()
    if own is None:
        show_way_in(_("Here a class guesses together what a setting does."))
        return
    guess = own.room.lesson.guess
    if guess is None:
        st.markdown(_("Your teacher will choose what to change. Then guess what it does."))
        return
    with st.container(width=620):
        show_variants(guess)
        st.caption(_("Everything else is the same: the lesson's recipe, with only a few epochs."))
        if guess.seen is not None:
            _show_result(own, guess, guess.seen)
        elif guess.is_lost:
            st.info(lost_text())
        elif guess.is_training:
            _show_own(resources.answers().guess_of(own, guess.question))
            st.markdown(_("Both are training now, three times each. Look at the projector."))
        if guess.is_open and own.room.lesson.step == Step.GUESS:
            _ask(own, guess)


def _ask(own: Seat, guess: ClassGuess) -> None:
    before = resources.answers().guess_of(own, guess.question)
    if guess.is_voting_again:
        st.subheader(_("Guess again"), anchor=False)
    if before:
        _show_own(before)
        st.caption(_("You can change it until your teacher goes on."))
    st.markdown(question_text(guess))
    with st.form(f"form_{guess.question}", border=False):
        chosen = st.segmented_control(
            _("Your guess"),
            [str(option) for option in GUESSES],
            default=str(before.guess) if before else None,
            format_func=lambda option: option_text(Guess(option)),
            key=f"guess_{guess.question}",
            width="stretch",
            help=margin_text(),
        )
        why = st.text_input(
            _("Why? (optional, your teacher can read it)"),
            before.why if before else "",
            max_chars=letters_taken(MAX_LETTERS),
            key=f"why_{guess.question}",
            autocomplete="off",
        )
        is_sent = st.form_submit_button(
            _("Change my guess") if before else _("Hand in my guess"),
            key="hand_in_guess",
            type="secondary" if before else "primary",
            icon=":material/how_to_vote:",
        )
    if is_sent and chosen:
        reported(_hand_in)(guess.question, Guess(chosen), why)
        st.rerun()
    if is_sent:
        st.warning(_("Choose your guess first."))


def _hand_in(question: str, guess: Guess, why: str | None) -> None:
    resources.answers().guess(session.visitor(), question, guess, short(why, MAX_LETTERS))


def _show_own(answer: GuessAnswer | None) -> None:
    if answer is None:
        st.markdown(_("You did not guess this time."))
        return
    st.success(_("Your guess: **{guess}**", guess=guess_text(answer.guess)), icon=":material/how_to_vote:")
    if answer.why:
        st.markdown(_("Reason: {why}", why=verbatim(answer.why)))


def _show_result(own: Seat, guess: ClassGuess, seen: Observation) -> None:
    st.markdown(outcome_text(seen))
    st.caption(accuracies_text(guess))
    answer = resources.answers().guess_of(own, guess.question_of(1))
    if answer is None:
        st.markdown(_("You did not guess this time."))
        return
    text = guess_text(answer.guess)
    match judge(answer.guess, seen):
        case Verdict.RIGHT:
            st.success(_("Your guess was right: **{guess}**", guess=text), icon=":material/check:")
        case Verdict.WRONG:
            st.info(
                _("Your guess was **{guess}**, and it was wrong. Why might that be?", guess=text),
                icon=":material/close:",
            )
        case Verdict.CANNOT_TELL:
            st.info(
                _("Your guess was **{guess}**. These runs cannot tell whether it is right.", guess=text),
                icon=":material/question_mark:",
            )
