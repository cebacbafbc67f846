"""What a recorded pupil does next. Pure: the driver in ``classroom.rehearsal.rehearsals`` does it."""

from dataclasses import dataclass
from enum import StrEnum

from classroom.answers import ExitAnswer, GuessAnswer
from classroom.lesson import Lesson, Step
from classroom.questions import GUESSES, ClassGuess, ExitQuestion
from classroom.rehearsal.recording import Plan
from model.evaluation.hypothesis import Verdict, judge

# What is answered in words, whatever was asked.
WORDS = "A made-up pupil wrote this."


class Action(StrEnum):
    """What a pupil can do; whose page is open looks."""

    JOIN = "join"
    LOOK = "look"
    DRAW = "draw"
    ASK_FOR_HELP = "ask for help"
    TRAIN = "train"
    ANSWER = "answer"


@dataclass(frozen=True)
class Done:
    """What a pupil has done so far; the last of it at ``acted_at``, in seconds since the step began or the
    class was asked something new, 0 before the first one in it. ``answered`` is the name of the question that
    was answered last."""

    has_seat: bool = False
    drawn: int = 0
    acted_at: float = 0.0
    has_asked: bool = False
    wants_help: bool = False
    has_trained: bool = False
    answered: str = ""


def next_actions(plan: Plan, lesson: Lesson, seconds: float, done: Done) -> tuple[Action, ...]:
    """What a pupil does so many ``seconds`` after the step began or the class was asked something new:
    nothing where no page is open there, and at a step of which nothing is written here it looks on."""
    if not done.has_seat:
        return (Action.JOIN,) if lesson.is_joining_open and seconds >= plan.joins_at else ()
    if lesson.step == Step.DRAW and plan.away and plan.away[0] <= seconds < plan.away[1]:
        return ()
    if lesson.eyes_up:
        return (Action.LOOK,)
    match lesson.step:
        case Step.DRAW:
            own = _drawing(plan, seconds, done)
        case Step.TRAIN:
            own = _training(plan, seconds, done)
        case Step.GUESS | Step.EXIT_QUESTION:
            own = _answering(plan, lesson, seconds, done)
        case _:
            own = None
    return (Action.LOOK, own) if own else (Action.LOOK,)


def _drawing(plan: Plan, seconds: float, done: Done) -> Action | None:
    if done.wants_help or done.drawn >= plan.digits:
        return None
    if plan.asks_after == done.drawn and not done.has_asked:
        return Action.ASK_FOR_HELP
    return Action.DRAW if seconds - done.acted_at >= plan.seconds_a_digit else None


def _training(plan: Plan, seconds: float, done: Done) -> Action | None:
    is_due = plan.trains_at is not None and seconds >= plan.trains_at
    return Action.TRAIN if is_due and not done.has_trained else None


def _answering(plan: Plan, lesson: Lesson, seconds: float, done: Done) -> Action | None:
    asked = lesson.asked
    if asked is None or not asked.is_open or asked.question == done.answered:
        return None
    return Action.ANSWER if plan.answers_at is not None and seconds >= plan.answers_at else None


def guess_of(plan: Plan, asked: ClassGuess) -> GuessAnswer:
    """What a pupil guesses; who changes its mind goes over to what came out, once that is seen."""
    right = [option for option in GUESSES if asked.seen and judge(option, asked.seen) == Verdict.RIGHT]
    return GuessAnswer(guess=right[0] if right and plan.changes_its_mind else plan.guess, why=WORDS)


def answer_of(plan: Plan, asked: ExitQuestion) -> ExitAnswer:
    """What a pupil answers at the end."""
    choice = asked.choice
    if choice is None:
        return ExitAnswer(text=WORDS)
    return ExitAnswer(option=choice.right if plan.is_right else (choice.right + 1) % len(choice.options))
