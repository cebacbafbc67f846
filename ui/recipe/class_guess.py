"""A guess that a class makes together, in words: what is changed, and what came out."""

import streamlit as st

from classroom.guessing import COUNT, variants
from classroom.questions import GUESSES, ClassGuess
from model.evaluation.hypothesis import Guess, Observation, Verdict, judge
from ui.base.text import _, number, percent
from ui.recipe.labels import compared_text, setting_name, setting_text


def change_text(setting: str, value: object, before: object) -> str:
    """What B has instead of A."""
    return _(
        "{setting}: {b} instead of {a}",
        setting=setting_name(setting),
        a=setting_text(setting, before),
        b=setting_text(setting, value),
    )


def change_of(guess: ClassGuess) -> str:
    """What B has instead of A in this guess."""
    a, b = variants(guess)
    return change_text(guess.setting, getattr(b, guess.setting), getattr(a, guess.setting))


def show_variants(guess: ClassGuess) -> None:
    """A and B, side by side."""
    st.markdown(f"**{setting_name(guess.setting)}**")
    with st.container(horizontal=True, gap="small"):
        for name, config in zip(("A", "B"), variants(guess), strict=True):
            st.metric(name, setting_text(guess.setting, getattr(config, guess.setting)), border=True)


def question_text(guess: ClassGuess) -> str:
    """What the class is asked in this round, up to the guess."""
    if guess.is_voting_again:
        return _("If both were trained again from other seeds, the test accuracy of B would be …")
    return compared_text()


def right_guesses(seen: Observation) -> list[Guess]:
    """Those that held."""
    return [guess for guess in GUESSES if judge(guess, seen) == Verdict.RIGHT]


def option_text(guess: Guess) -> str:
    """A guess as a button or a bar has it."""
    match guess:
        case Guess.HIGHER:
            return _("Higher")
        case Guess.SAME:
            return _("About the same")
        case Guess.LOWER:
            return _("Lower")


def outcome_text(seen: Observation) -> str:
    """Which of the two is better, if that can be said."""
    points = number(100 * abs(seen.difference), 2)
    right = right_guesses(seen)
    if Guess.HIGHER in right:
        return _("**B is higher** by {points} percentage points.", points=points)
    if Guess.LOWER in right:
        return _("**B is lower** by {points} percentage points.", points=points)
    if Guess.SAME in right:
        return _("**About the same**: {points} percentage points apart.", points=points)
    return _(
        "**Nobody can tell**: {points} percentage points apart, which changes by {spread} between seeds.",
        points=points,
        spread=number(100 * (seen.spread or 0), 2),
    )


def lost_text() -> str:
    """What is said where there will be no result."""
    return _(
        "Not all of the {count} runs ended as planned, so there is no result. The class can guess again.",
        count=COUNT,
    )


def accuracies_text(guess: ClassGuess) -> str:
    """The mean accuracies of both variants."""
    of_a, of_b = guess.accuracies or ((), ())
    return _(
        "A {a}, B {b} of MNIST's test images correct, mean of {count} seeds.",
        count=len(of_a),
        a=percent(sum(of_a) / len(of_a), 2),
        b=percent(sum(of_b) / len(of_b), 2),
    )
