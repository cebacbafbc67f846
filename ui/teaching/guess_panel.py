"""Guess together at the desk: what to ask, then training, the result, and another vote."""

from functools import partial

import streamlit as st

from classroom import asking
from classroom.guessing import BothTrained, Votes
from classroom.questions import CHANGES, GUESSES, ClassGuess
from classroom.rooms import Room
from model.config import FEW_EPOCHS, TrainingConfig
from ui.base import resources, session
from ui.base.errors import reported
from ui.base.text import _, message, plural, verbatim
from ui.recipe.class_guess import change_of, change_text, lost_text, option_text, outcome_text
from ui.teaching.guess_on_wall import share_text
from ui.teaching.preflight import engine_line
from ui.teaching.room import change

_CHOICE = "class_guess_choice"


def show_guess_panel(room: Room, trained: BothTrained | None) -> None:
    """What the teacher can do about the class's guess at this moment; ``trained`` is how far the room is."""
    guess = room.lesson.guess
    if guess is None:
        _choose(room)
        return
    st.markdown(_("A and B: **{change}**", change=change_of(guess)))
    votes = resources.guessing().votes(session.visitor(), room.id, guess)
    st.caption(_counts(votes[-1]))
    if guess.is_training:
        _show_training(trained)
        return
    if guess.is_lost:
        st.warning(lost_text())
    if guess.seen:
        st.markdown(outcome_text(guess.seen) + "  \n" + share_text(guess.seen, votes[0]))
    with st.container(horizontal=True, gap="xsmall"):
        _next(room, guess)
        if guess.is_open:
            _hands(room, guess)
        with st.popover(_("Another guess"), key="another_guess"):
            _choose(room)


def _next(room: Room, guess: ClassGuess) -> None:
    if not guess.trained_by:
        st.button(
            _("Train both"),
            key="train_both",
            type="primary",
            icon=":material/play_arrow:",
            on_click=reported(resources.guessing().train),
            args=(session.visitor(), room.id, guess.number),
        )
    elif guess.seen and not guess.is_voting_again:
        st.button(
            _("Vote again"),
            key="vote_again",
            type="primary",
            icon=":material/how_to_vote:",
            on_click=reported(resources.guessing().vote_again),
            args=(session.visitor(), room.id, guess.number),
        )


def _choose(room: Room) -> None:
    done = sum(guess.accuracies is not None for guess in room.lesson.guesses)
    if done >= asking.MAX_GUESSES:
        st.markdown(_("A class can make at most {count} guesses in one lesson.", count=asking.MAX_GUESSES))
        return
    seed = TrainingConfig(epochs=FEW_EPOCHS)
    st.selectbox(
        _("What changes from A to B?"),
        range(len(CHANGES)),
        format_func=lambda place: change_text(
            CHANGES[place][0], CHANGES[place][1], getattr(seed, CHANGES[place][0])
        ),
        key=_CHOICE,
    )
    st.button(
        _("Let the class guess"),
        key="let_guess",
        type="primary",
        icon=":material/help:",
        on_click=reported(_let_guess),
        args=(room.id,),
    )
    st.caption(_("Guess {number} of {count} in this lesson", number=done + 1, count=asking.MAX_GUESSES))


def _let_guess(room_id: str) -> None:
    setting, value = CHANGES[int(session.value(_CHOICE))]
    change(room_id, partial(asking.guessing, setting=setting, value=value))


def _counts(votes: Votes) -> str:
    higher, same, lower = (votes[option] for option in GUESSES)
    return _("{higher} higher · {same} about the same · {lower} lower", higher=higher, same=same, lower=lower)


def _hands(room: Room, guess: ClassGuess) -> None:
    """What those guess who have no device."""
    with st.popover(_("Hands"), icon=":material/front_hand:", key="hands"):
        st.markdown(_("Of those without a device: how many raise a hand?"))
        counted = guess.hands[guess.round - 1]
        for place, (option, count) in enumerate(zip(GUESSES, counted, strict=True)):
            key = f"hands_{guess.question}_{place}"
            # Without bounds and for any number: a browser refuses or cuts others without a word.
            st.number_input(
                option_text(option),
                value=float(count),
                step=1.0,
                format="%.0f",
                key=key,
                on_change=reported(_count),
                args=(room.id, guess.question, place, key),
            )


def _count(room_id: str, question: str, place: int, key: str) -> None:
    count = float(session.value(key))
    change(room_id, partial(asking.counting_hands, question=question, place=place, count=count))


def _show_training(trained: BothTrained | None) -> None:
    if trained is None:
        return
    st.progress(
        trained.done / trained.count,
        plural("{done} of {count} run done", "{done} of {count} runs done", trained.count, done=trained.done),
    )
    if trained.problem is not None:
        st.caption(verbatim(message(trained.problem)))
    if resources.runner().engine_status().needs_help:
        engine_line()
