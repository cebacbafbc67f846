"""A lesson: which step the class is at, and what is open to it. Pure; every change is a new lesson."""

from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from classroom.questions import ClassGuess, ExitQuestion


class Step(StrEnum):
    """The steps of a lesson, in order."""

    DRAW = "draw"
    GUESS = "guess"
    TRAIN = "train"
    OUR_HANDWRITING = "our_handwriting"
    TEACH_IT = "teach_it"
    EXIT_QUESTION = "exit_question"


_STEPS = tuple(Step)


class Lesson(BaseModel):
    """What a teacher sets. ``before`` are the steps that the class was at, the newest last. While
    ``eyes_up`` pupils look up, and their runs go on only if ``runs_go_on``. With ``is_everything_open`` all
    pages are open beside those of the step. ``shown`` are the numbers of the seats whose work is on the
    projector, anonymously. ``resting`` are the ids of the runs that wait meanwhile, ``address`` is where
    pupils find this server; empty for where the teacher does. In a rehearsal the pupils are made up.
    ``guesses`` and ``exit_questions`` are what the class was asked, the newest last."""

    model_config = ConfigDict(frozen=True)

    step: Step = Step.DRAW
    before: tuple[Step, ...] = ()
    eyes_up: bool = False
    runs_go_on: bool = True
    is_everything_open: bool = False
    free_names: bool = False
    is_joining_open: bool = True
    shown: tuple[int, ...] = ()
    resting: tuple[str, ...] = ()
    address: str = Field("", max_length=200)
    is_rehearsal: bool = False
    is_over: bool = False
    guesses: tuple[ClassGuess, ...] = ()
    exit_questions: tuple[ExitQuestion, ...] = ()

    @property
    def guess(self) -> ClassGuess | None:
        """What the class guesses now, or has guessed last."""
        return self.guesses[-1] if self.guesses else None

    @property
    def runs_of_all(self) -> tuple[str, ...]:
        """The ids of the runs that were trained for all; a teacher who sits in the class has begun them at no
        seat."""
        return tuple(run_id for guess in self.guesses for run_id in guess.runs)

    @property
    def exit_question(self) -> ExitQuestion | None:
        """What the class was asked last."""
        return self.exit_questions[-1] if self.exit_questions else None

    @property
    def asked(self) -> ClassGuess | ExitQuestion | None:
        """What the class is asked at this step."""
        match self.step:
            case Step.GUESS:
                return self.guess
            case Step.EXIT_QUESTION:
                return self.exit_question
            case _:
                return None

    @property
    def next_step(self) -> Step | None:
        """The step behind this one; ``None`` at the last."""
        following = _STEPS[_STEPS.index(self.step) + 1 :]
        return following[0] if following else None

    def at(self, step: Step) -> Self:
        """The class is at ``step`` now."""
        return self if step == self.step else self.changed(step=step, before=(*self.before, self.step))

    def undone(self) -> Self:
        """The class is where it was before; the same lesson at its beginning."""
        return self.changed(step=self.before[-1], before=self.before[:-1]) if self.before else self

    def changed(self, **fields: object) -> Self:
        """With other values in these fields, which are checked.

        Raises:
            pydantic.ValidationError: a value that a field cannot have.
        """
        return self.model_validate({**self.model_dump(), **fields})
