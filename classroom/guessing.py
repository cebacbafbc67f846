"""Guess together: a class guesses what one changed setting does, and the room trains both once for all."""

import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from classroom import asking
from classroom.answers import Answers, GuessAnswer
from classroom.lesson import Lesson
from classroom.questions import GUESSES, ClassGuess
from classroom.rooms import Room, Rooms
from classroom.rules import RoomError
from model.config import FEW_EPOCHS, TrainingConfig
from model.evaluation.hypothesis import MAX_SEEDS, Guess
from model.messages import N_, Message, MessageError
from runs.problems import QuotaExceededError
from runs.records import RunSnapshot, RunState
from runs.runner import Runner
from storage import runs as stored
from storage.problems import StorageError
from visitors.hypotheses import trials

# By guess, how many made it.
Votes = Mapping[Guess, int]
Curves = tuple[tuple[float, ...], ...]
# Seconds that whoever begins runs for a class waits until all servers know of them.
_PATIENCE = 5.0
# Runs of one guess: both variants from every seed.
COUNT = 2 * MAX_SEEDS


@dataclass(frozen=True)
class BothTrained:
    """How far the room is: ``done`` of ``count`` runs are over; ``of_a`` and ``of_b`` are the validation
    accuracies by seed and epoch, from 0 on. ``problem`` says why nothing goes on for now."""

    done: int
    count: int
    of_a: Curves
    of_b: Curves
    problem: Message | None = None


def votes_of(guess: ClassGuess, round_number: int, given: Iterable[GuessAnswer]) -> Votes:
    """What was ``given`` from seats in this round, from 1, and by hands."""
    counts = Counter(answer.guess for answer in given)
    hands = zip(GUESSES, guess.hands[round_number - 1], strict=True)
    return {option: counts[option] + raised for option, raised in hands}


def variants(guess: ClassGuess) -> tuple[TrainingConfig, TrainingConfig]:
    """A and B, from the first seed."""
    a = TrainingConfig(epochs=FEW_EPOCHS)
    return a, a.with_changes(**{guess.setting: guess.value})


class Guessing:
    """Every method may be called from any thread; ``visitor`` is who asks, and has the desk of the room.
    Errors are as those of ``Rooms``."""

    def __init__(self, runner: Runner, rooms: Rooms, answers: Answers) -> None:
        self._runner, self._rooms, self._answers = runner, rooms, answers
        # A desk and a projector go on with the same runs: only one of them begins the next of a room.
        self._going_on: dict[str, threading.Lock] = {}

    def votes(self, visitor: str, room_id: str, guess: ClassGuess) -> tuple[Votes, ...]:
        """What was guessed in each round so far, hands included."""
        found = []
        for round_number in range(1, guess.round + 1):
            given = self._answers.guesses(visitor, room_id, guess.question_of(round_number))
            found.append(votes_of(guess, round_number, given.values()))
        return tuple(found)

    def train(self, visitor: str, room_id: str, number: int) -> None:
        """Close the guess with this ``number``, and let the room train both from three seeds. The runs are
        the visitor's."""
        self._rooms.change(visitor, room_id, partial(asking.training_both, number=number, visitor=visitor))
        self.go_on(visitor, room_id)

    def go_on(self, visitor: str, room_id: str) -> BothTrained | None:
        """Begin those runs of the newest guess that are missing, and note its result once all are over; how
        far it is, or ``None`` where nothing was trained for it."""
        with self._going_on.setdefault(room_id, threading.Lock()):
            room = self._rooms.going_on(visitor, room_id)
            guess = room.lesson.guess
            if guess is None or not guess.trained_by:
                return None
            problem = None
            if guess.is_training:
                after, problem = self._gone_on(room, guess)
                guess = self._noted(visitor, room_id, guess, after)
            return self._progress(guess, problem)

    def vote_again(self, visitor: str, room_id: str, number: int) -> None:
        """Let the class vote once more, after the result of the guess with this ``number``."""
        self._rooms.change(visitor, room_id, partial(asking.voting_again, number=number))

    def _gone_on(self, room: Room, guess: ClassGuess) -> tuple[ClassGuess, Message | None]:
        """The guess after one look at its runs, and why nothing goes on."""
        snapshots = [self._runner.snapshot(run_id) for run_id in guess.runs]
        if any(map(self._is_gone, guess.runs, snapshots)):
            return guess.model_copy(update={"is_lost": True}), None
        runs = [run for run in snapshots if run is not None]
        if len(runs) == COUNT and all(run.state == RunState.FINISHED for run in runs):
            final = {run.id: run.history[-1].validation.accuracy for run in runs}
            of_a, of_b = (tuple(final[run_id] for run_id in of_one) for of_one in (guess.of_a, guess.of_b))
            return guess.model_copy(update={"accuracies": (of_a, of_b)}), None
        if not room.lesson.eyes_up:
            self._wake(runs)
        if len(runs) < COUNT and not self._has_desk(guess.trained_by, room):
            return guess.model_copy(update={"is_lost": True}), None
        after, problem = self._begun(guess)
        stands_still = after == guess and all(run.state.is_over for run in runs)
        return after, problem if stands_still else None

    def _has_desk(self, visitor: str, room: Room) -> bool:
        """Not after Forget me: nothing more may be made for whoever is forgotten."""
        try:
            self._rooms.taught(visitor, room.id)
        except RoomError:
            return False
        return True

    def _noted(self, visitor: str, room_id: str, before: ClassGuess, after: ClassGuess) -> ClassGuess:
        """``after`` in the lesson in place of ``before``. Where another server was faster, or the room is
        gone, what was begun for it is deleted again."""
        if after == before:
            return before
        begun = [run_id for run_id in after.runs if run_id not in before.runs]
        try:
            self._rooms.change(visitor, room_id, partial(_with_guess, before, after))
        except MessageError:
            with suppress(MessageError):
                self._runner.delete(begun)
            raise
        noted = self._rooms.taught(visitor, room_id).lesson.guess
        if noted == after:
            return after
        self._runner.delete([run_id for run_id in begun if noted is None or run_id not in noted.runs])
        return noted or before

    def _is_gone(self, run_id: str, run: RunSnapshot | None) -> bool:
        """Whether a run will tell nothing any more; one that cannot be read in this moment may."""
        if run is not None:
            return not run.keeps_recipe
        none: int | None = None
        return self._runner.writer.read(none, stored.version_of, run_id) is None

    def _wake(self, runs: Sequence[RunSnapshot]) -> None:
        """Let runs go on that nobody has looked at for long, or that a former server has left."""
        for run in runs:
            if run.state == RunState.PAUSED:
                with suppress(MessageError):
                    self._runner.resume(run.id)

    def _begun(self, guess: ClassGuess) -> tuple[ClassGuess, Message | None]:
        """With as many more of the missing runs as their visitor may have; the others follow later. Beside
        it, why not all were begun."""
        recipes = [
            variant.config for trial in trials(*variants(guess), MAX_SEEDS) for variant in (trial.a, trial.b)
        ]
        begun, problem = [], None
        try:
            for recipe in recipes[len(guess.runs) :]:
                begun.append(self._runner.submit(recipe, guess.trained_by))
        except QuotaExceededError:
            problem = Message(
                N_(
                    "A and B have to wait: whoever pressed Train both has too many unfinished runs. Stop one "
                    "of them on the Train page."
                )
            )
        except StorageError as error:
            problem = error.message
        # A server that reads of a run, and finds none, takes it for deleted.
        if not self._runner.wait_until_saved(begun, _PATIENCE):
            self._runner.delete(begun)
            return guess, Message(N_("A and B have to wait: nothing can be saved at the moment."))
        return guess.model_copy(update={"runs": (*guess.runs, *begun)}), problem

    def _progress(self, guess: ClassGuess, problem: Message | None) -> BothTrained:
        snapshots = {run_id: self._runner.snapshot(run_id) for run_id in guess.runs}

        def curves(run_ids: Sequence[str]) -> Curves:
            return tuple(
                tuple(point.validation.accuracy for point in run.history)
                for run_id in run_ids
                if (run := snapshots[run_id]) is not None
            )

        done = sum(run is not None and run.state == RunState.FINISHED for run in snapshots.values())
        return BothTrained(done, COUNT, curves(guess.of_a), curves(guess.of_b), problem)


def _with_guess(before: ClassGuess, after: ClassGuess, lesson: Lesson) -> Lesson:
    """``lesson`` with ``after`` in place of ``before``, unless that was changed by another server."""
    guesses = tuple(after if guess == before else guess for guess in lesson.guesses)
    return lesson.changed(guesses=guesses)
