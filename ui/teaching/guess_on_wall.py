"""Guess together on the projector: what is guessed, by how many, and what the room's runs say."""

from collections.abc import Sequence

import streamlit as st

from classroom.guessing import BothTrained, Curves, Votes, variants
from classroom.questions import GUESSES, ClassGuess
from classroom.rooms import Room
from model.evaluation.hypothesis import Observation
from ui.base import resources, session
from ui.base.text import _, plural
from ui.components import chart
from ui.figures.curves import Curve
from ui.figures.guess import OverlayTexts, overlay_figure, overlay_frame
from ui.figures.votes import VoteBars, votes_figure
from ui.recipe.class_guess import (
    accuracies_text,
    change_of,
    lost_text,
    option_text,
    outcome_text,
    question_text,
    right_guesses,
    show_variants,
)

_HEIGHT, _FONT = 330, 20


def show_guess_on_wall(room: Room) -> None:
    """What the class guesses now, or has guessed last."""
    guess = room.lesson.guess
    if guess is None:
        st.markdown(_("What will another setting do to the accuracy? Guess first."))
        return
    trained = resources.guessing().go_on(session.visitor(), room.id)
    votes = resources.guessing().votes(session.visitor(), room.id, guess)
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(question_text(guess))
        _show_votes(guess, votes)
        st.markdown(_how_many(guess, votes))
    with right:
        if trained is None or guess.is_lost:
            _show_change(guess)
        else:
            _show_curves(guess, trained)
        if guess.is_lost:
            st.markdown(lost_text())
        elif guess.seen is not None:
            st.markdown(outcome_text(guess.seen))
            st.caption(accuracies_text(guess))
        elif trained is not None:
            st.markdown(
                _(
                    "Training A and B, three times each: {done} of {count}",
                    done=trained.done,
                    count=trained.count,
                )
            )


def _show_change(guess: ClassGuess) -> None:
    show_variants(guess)
    st.markdown(_("Everything else is the same."))


def _show_votes(guess: ClassGuess, votes: Sequence[Votes]) -> None:
    right = right_guesses(guess.seen) if guess.seen else []
    shown = VoteBars(
        answers=tuple(option_text(option) for option in GUESSES),
        counts=tuple(tuple(counts[option] for option in GUESSES) for counts in votes),
        rounds=(_("before"), _("after"))[: len(votes)],
        right=tuple(place for place, option in enumerate(GUESSES) if option in right),
    )
    chart.show(
        chart.shared(votes_figure, shown, _HEIGHT, _FONT),
        key=f"votes_{len(votes)}",
        alt=_("How many have made each guess, as bars."),
    )


def _how_many(guess: ClassGuess, votes: Sequence[Votes]) -> str:
    parts = []
    if guess.seen is not None:
        parts.append(share_text(guess.seen, votes[0]))
    given = sum(votes[-1].values())
    if guess.is_voting_again:
        parts.append(plural("**{count}** has guessed again", "**{count}** have guessed again", given))
    elif guess.seen is None:
        parts.append(plural("**{count}** has guessed", "**{count}** have guessed", given))
    return "  \n".join(parts)


def share_text(seen: Observation, votes: Votes) -> str:
    """Which share of a class was right."""
    held = sum(votes[option] for option in right_guesses(seen))
    if not right_guesses(seen):
        return _("These runs cannot show who was right.")
    return _("**{right} of {count}** were right.", right=held, count=sum(votes.values()))


def _show_curves(guess: ClassGuess, trained: BothTrained) -> None:
    a, b = variants(guess)
    epochs = max(a.epochs, b.epochs)
    texts = OverlayTexts(change_of(guess), _("epoch"), ("A", "B"))
    chart.show_live(
        chart.shared(overlay_frame, epochs, texts, _HEIGHT, _FONT),
        overlay_figure((_curves(trained.of_a), _curves(trained.of_b)), epochs, texts, _HEIGHT, _FONT),
        key=f"both_{guess.number}",
        alt=_("Chart: the validation accuracy of A and B, epoch by epoch."),
    )


def _curves(curves: Curves) -> list[Curve]:
    return [Curve(tuple(range(len(curve))), curve) for curve in curves]
