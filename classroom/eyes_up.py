"""Eyes up: a whole class looks at its teacher, and its runs rest if the teacher says so."""

from collections.abc import Callable, Iterable

from classroom.lesson import Lesson
from classroom.rooms import Rooms
from model.messages import MessageError
from runs.runner import Runner


class EyesUp:
    """Every method may be called from any thread. Errors are as those of ``Rooms``, and the ``MessageError``
    of the first run that could not be steered, once all others are."""

    def __init__(self, runner: Runner, rooms: Rooms) -> None:
        self._runner, self._rooms = runner, rooms

    def begin(self, visitor: str, room_id: str, runs_go_on: bool) -> None:
        """Close every page of the class, and pause its runs, those for its guess among them, unless they
        ``runs_go_on``."""

        def up(lesson: Lesson) -> Lesson:
            return lesson.changed(eyes_up=True, runs_go_on=runs_go_on)

        # First, so that no run begins behind the last one that is paused.
        self._rooms.change(visitor, room_id, up)
        if runs_go_on:
            return
        seats = self._rooms.seats(visitor, room_id)
        runs = [run for seat in seats if seat.visitor for run in self._runner.runs_of(seat.visitor)]
        guess = self._rooms.taught(visitor, room_id).lesson.guess
        for_guess = [self._runner.snapshot(run_id) for run_id in guess.runs] if guess else []
        active = tuple(dict.fromkeys(run.id for run in (*runs, *for_guess) if run and run.state.is_active))

        def rest(lesson: Lesson) -> Lesson:
            return lesson.changed(resting=(*lesson.resting, *active)) if lesson.eyes_up else lesson

        # Noted before they rest: whatever ends in between, they will go on.
        self._rooms.change(visitor, room_id, rest)
        _each(self._runner.pause, active)
        # Another desk may have let the class go on meanwhile.
        resting = self._rooms.taught(visitor, room_id).lesson.resting
        _each(self._runner.resume, [run_id for run_id in active if run_id not in resting])

    def end(self, visitor: str, room_id: str) -> None:
        """Open the pages again, and let the runs go on that ``begin`` paused."""
        resting: tuple[str, ...] = ()

        def down(lesson: Lesson) -> Lesson:
            nonlocal resting
            resting = lesson.resting
            return lesson.changed(eyes_up=False, resting=())

        self._rooms.change(visitor, room_id, down)
        _each(self._runner.resume, resting)


def _each(steer: Callable[[str], None], run_ids: Iterable[str]) -> None:
    """Steer all of these runs, whatever one of them raises.

    Raises:
        MessageError: the first that one of them has raised.
    """
    problems = []
    for run_id in run_ids:
        try:
            steer(run_id)
        except MessageError as problem:
            problems.append(problem)
    if problems:
        raise problems[0]
