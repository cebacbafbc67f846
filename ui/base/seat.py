"""The seat of this visitor in a class, and what the lesson there allows at the moment."""

from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from pydantic import TypeAdapter

from classroom import rules
from classroom.lesson import Lesson, Step
from classroom.seats import Seat
from model.messages import MessageError
from ui.base import resources, session
from ui.base.text import _

_SEAT: TypeAdapter[Seat] = TypeAdapter(Seat)


def current() -> Seat | None:
    """As it was last looked for: with each change of page, and by ``look``."""
    if session.seated_on.get() != session.visit.get():
        return look()
    text = session.own_seat.get()
    return _SEAT.validate_json(text) if text else None


def refreshed() -> Seat | None:
    """As ``look``; who has no seat is looked for only with each change of page."""
    return look() if session.own_seat.get() else current()


def look() -> Seat | None:
    """The seat as it is now. Where the database does not answer, the lesson goes on with what was last
    known."""
    with suppress(MessageError):
        seat = resources.seats().of(session.visitor())
        session.own_seat.set(_SEAT.dump_json(seat).decode() if seat else None)
    session.seated_on.set(session.visit.get())
    text = session.own_seat.get()
    return _SEAT.validate_json(text) if text else None


class Named(Protocol):
    """What has the names of a seat."""

    @property
    def number(self) -> int: ...
    @property
    def animal(self) -> str: ...
    @property
    def name(self) -> str | None: ...


def name_of(seat: Named) -> str:
    """What a seat is called, as text: a name of one's own may hold any letters."""
    return seat.name or _("{animal} {number}", animal=_(seat.animal), number=seat.number)


def is_open(page: str) -> bool:
    """Whether the visitor may open a page now."""
    seat = current()
    if seat is None:
        return True
    with suppress(MessageError):
        rules.check_page(seat.room.lesson, page)
        return True
    return False


def check_draws() -> None:
    """Whether the visitor's class may hand in a drawing now. It is asked where that is done: the page may be
    older than the step.

    Raises:
        classroom.rules.RoomError: not now.
    """
    _check(rules.check_draws)


def check_trains() -> None:
    """As ``check_draws``, for beginning or steering a run."""
    _check(rules.check_trains)


def trains(action: Callable[..., object]) -> Callable[..., None]:
    """``action``, which begins or steers a run, after ``check_trains``."""

    def act(*args: object, **values: object) -> None:
        check_trains()
        action(*args, **values)

    return act


def step_name(step: Step) -> str:
    """What a step of a lesson is called."""
    match step:
        case Step.DRAW:
            return _("Draw")
        case Step.GUESS:
            return _("Guess")
        case Step.TRAIN:
            return _("Train")
        case Step.OUR_HANDWRITING:
            return _("Our handwriting")
        case Step.EXIT_QUESTION:
            return _("Exit question")


def step_file(step: Step) -> str:
    """The file of the page to which a step leads."""
    return f"pages/{rules.page_of(step)}.py"


def _check(rule: Callable[[Lesson], None]) -> None:
    # Another tab may have joined a class since this one changed its page.
    if seat := look():
        rule(seat.room.lesson)
