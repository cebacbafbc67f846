"""What a recorded pupil does next. Pure: the driver in ``classroom.rehearsal.rehearsals`` does it."""

from dataclasses import dataclass
from enum import StrEnum

from classroom.lesson import Lesson, Step
from classroom.rehearsal.recording import Plan


class Action(StrEnum):
    """What a pupil can do; whose page is open looks."""

    JOIN = "join"
    LOOK = "look"
    DRAW = "draw"
    ASK_FOR_HELP = "ask for help"
    TRAIN = "train"


@dataclass(frozen=True)
class Done:
    """What a pupil has done so far; the last of it at ``acted_at``, in seconds since the step began, 0 before
    the first one in it."""

    has_seat: bool = False
    drawn: int = 0
    acted_at: float = 0.0
    has_asked: bool = False
    wants_help: bool = False
    has_trained: bool = False


def next_actions(plan: Plan, lesson: Lesson, seconds: float, done: Done) -> tuple[Action, ...]:
    """What a pupil does so many ``seconds`` after the step began: nothing where no page is open there, and at
    a step of which nothing is written here it looks on."""
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
