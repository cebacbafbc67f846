"""What somebody in a room may do. Every read and write of a room asks here first."""

from typing import TypeVar

from classroom.lesson import Lesson, Step
from classroom.questions import ClassGuess, ExitQuestion
from model.messages import N_, Message, MessageError
from model.plain_text import plain_text

# In one room.
MAX_SEATS = 60
# Rooms of one teacher that are not deleted yet.
MAX_ROOMS = 20
# Rehearsals that go on at once on one server.
MAX_REHEARSALS = 2
# Writers on paper, of one room.
MAX_ON_PAPER = 60
# A name of one's own.
MAX_NAME = 20
# The works that a projector shows side by side.
MAX_SHOWN = 4

# The pages of each step, the first of them that to which it leads.
PAGES: dict[Step, tuple[str, ...]] = {
    Step.DRAW: ("own_test",),
    Step.GUESS: ("class_guess",),
    Step.TRAIN: ("train", "draw"),
    Step.OUR_HANDWRITING: ("our_handwriting",),
    Step.TEACH_IT: ("teach_it", "our_handwriting"),
    Step.EXIT_QUESTION: ("exit_question",),
}
# Closed by no lesson: a teacher may sit in the class, too. What they show is asked for by itself.
_OF_TEACHERS = ("teach", "desk", "projector", "paper", "take_home", "status")
# Open at every step: pupils come in by one, and see by the other what is stored of them.
_ALWAYS = ("join", "my_work")


# Sentences that pages say, too.
OVER = N_("This lesson is over.")
NOT_IN_A_CLASS = N_("You are not in a class at the moment.")
ONLY_OPERATOR = N_("Only the person who runs this server can open a room.")

_Asked = TypeVar("_Asked", ClassGuess, ExitQuestion)


class RoomError(MessageError):
    """What a room does not allow, or cannot do."""


def page_of(step: Step) -> str:
    """The page to which a step leads."""
    return PAGES[step][0]


def open_pages(lesson: Lesson) -> tuple[str, ...] | None:
    """The pages that a pupil may open; ``None`` for all of them."""
    if lesson.is_everything_open or lesson.is_over:
        return None
    return (*PAGES[lesson.step], *_ALWAYS)


def check_page(lesson: Lesson, page: str) -> None:
    """Whether a pupil may open a page now.

    Raises:
        RoomError: not now, for a reason that it says.
    """
    if page in (*_OF_TEACHERS, *_ALWAYS):
        return
    if lesson.eyes_up and not lesson.is_over:
        raise RoomError(Message(N_("Eyes up: please look at your teacher.")))
    pages = open_pages(lesson)
    if pages is not None and page not in pages:
        raise RoomError(Message(N_("This page is closed while your class is at another step.")))


def check_draws(lesson: Lesson) -> None:
    """Whether a pupil may hand in a drawing now. Errors as ``check_page``."""
    check_page(lesson, PAGES[Step.DRAW][0])


def check_trains(lesson: Lesson) -> None:
    """Whether a pupil may begin or steer a run now. Errors as ``check_page``."""
    check_page(lesson, PAGES[Step.TRAIN][0])


def takes_answers(lesson: Lesson) -> bool:
    """Whether the class is asked something now that can be answered, and answered anew."""
    asked = lesson.asked
    return asked is not None and asked.is_open and not lesson.eyes_up and not lesson.is_over


def check_answers(lesson: Lesson, question: str, kind: type[_Asked]) -> _Asked:
    """The ``question`` of this name and kind, which a pupil may answer now.

    Raises:
        RoomError: eyes are up, or the class is asked something else, or takes no answers any more.
    """
    check_page(lesson, page_of(lesson.step))
    asked = lesson.asked
    if not isinstance(asked, kind) or asked.question != question or not takes_answers(lesson):
        raise RoomError(Message(N_("Your class does not answer this question now.")))
    return asked


def check_goes_on(lesson: Lesson) -> None:
    """Whether anything of a lesson may be changed.

    Raises:
        RoomError: it is over.
    """
    if lesson.is_over:
        raise RoomError(Message(OVER))


def check_teaches_it(lesson: Lesson) -> None:
    """Whether a teacher may let the lesson's network be taught the class's handwriting now.

    Raises:
        RoomError: the class is at another step, or the lesson is over.
    """
    check_goes_on(lesson)
    if lesson.step != Step.TEACH_IT:
        raise RoomError(Message(N_("The network can only be taught at the step Teach it.")))


def showing(lesson: Lesson, seat: int, is_shown: bool) -> Lesson:
    """``lesson`` with the work of the seat with this number on the projector, or no longer.

    Raises:
        RoomError: as many as it has room for are there already.
    """
    others = tuple(number for number in lesson.shown if number != seat)
    if is_shown and len(others) >= MAX_SHOWN:
        raise RoomError(
            Message(
                N_("The projector shows at most {count} works. Take one off first."), {"count": MAX_SHOWN}
            )
        )
    return lesson.changed(shown=(*others, seat) if is_shown else others)


def check_teaches(is_teacher: bool) -> None:
    """Whether a visitor has the desk of a room.

    Raises:
        RoomError: it is another's, or there is no such room.
    """
    if not is_teacher:
        raise RoomError(Message(N_("Only the teacher of this room may do this.")))


def check_opens(is_operator: bool, rooms: int) -> None:
    """Whether a visitor who has so many ``rooms`` may open another one.

    Raises:
        RoomError: only who runs the server may, and not without end.
    """
    if not is_operator:
        raise RoomError(Message(ONLY_OPERATOR))
    if rooms >= MAX_ROOMS:
        raise RoomError(
            Message(N_("You have {count} rooms. Delete one before you open another."), {"count": rooms})
        )


def check_rehearses(going_on: int) -> None:
    """Whether another rehearsal may begin on a server where so many are ``going_on``.

    Raises:
        RoomError: those are enough.
    """
    if going_on >= MAX_REHEARSALS:
        raise RoomError(
            Message(
                N_("{count} rehearsals are going on here. Delete the room of one, or try again later."),
                {"count": going_on},
            )
        )


def check_joins(lesson: Lesson, seats: int) -> None:
    """Whether another pupil may join a room that has so many ``seats``.

    Raises:
        RoomError: the lesson is over, or the room is full.
    """
    check_goes_on(lesson)
    if not lesson.is_joining_open:
        raise RoomError(Message(N_("Your teacher has closed this room for new pupils.")))
    if seats >= MAX_SEATS:
        raise RoomError(
            Message(
                N_("This room has {count} seats, and all are taken. Ask your teacher to free one."),
                {"count": seats},
            )
        )


def check_paper(writers: int) -> None:
    """Whether a room may have so many ``writers`` on paper.

    Raises:
        RoomError: they are too many.
    """
    if writers > MAX_ON_PAPER:
        raise RoomError(
            Message(
                N_(
                    "A room keeps at most {most} writers on paper, and these would be {count}. Leave rows "
                    "out, or delete what was kept before."
                ),
                {"most": MAX_ON_PAPER, "count": writers},
            )
        )


def checked_name(name: str, lesson: Lesson) -> str | None:
    """What a pupil is called beside the animal; ``None`` where names of one's own are not allowed, or it is
    empty."""
    if not lesson.free_names:
        return None
    return plain_text(name, MAX_NAME) or None
