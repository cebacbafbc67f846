"""What recorded pupils write, and what they do next: no thread, no time, no database."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from classroom.lesson import Lesson, Step
from classroom.questions import PREPARED, ClassGuess, ExitQuestion
from classroom.rehearsal.acting import Action, Done, answer_of, guess_of, next_actions
from classroom.rehearsal.recording import FILE, PLANS, Plan, pupils
from model.drawing.collection import Pointer
from model.drawing.strokes import prepare
from model.evaluation.hypothesis import Guess
from model.inference import logits
from model.starter import starter
from testing.made_up_hands import written

PLAN = Plan(joins_at=5, seconds_a_digit=4, trains_at=10, answers_at=7)
SEATED = Done(has_seat=True)
DRAW, TRAIN = Lesson(), Lesson(step=Step.TRAIN)
ASKED = ClassGuess(number=1, setting="learning_rate", value=0.1)
GUESS = Lesson(step=Step.GUESS, guesses=(ASKED,))


def played(plan: Plan, lesson: Lesson, seconds: int, done: Done = SEATED) -> list[tuple[int, Action]]:
    """What a pupil does, looks apart, and in which second."""
    deeds: list[tuple[int, Action]] = []
    for second in range(seconds):
        for action in next_actions(plan, lesson, second, done):
            match action:
                case Action.LOOK:
                    continue
                case Action.JOIN:
                    done = replace(done, has_seat=True)
                case Action.DRAW:
                    done = replace(done, drawn=done.drawn + 1)
                case Action.ASK_FOR_HELP:
                    done = replace(done, has_asked=True, wants_help=True)
                case Action.TRAIN:
                    done = replace(done, has_trained=True)
                case Action.ANSWER:
                    assert lesson.asked
                    done = replace(done, answered=lesson.asked.question)
            done = replace(done, acted_at=second)
            deeds.append((second, action))
    return deeds


def test_twelve_pupils_write_all_digits_each_in_a_hand_of_their_own() -> None:
    assert len(pupils()) == len(PLANS) == 12
    assert {pupil.pointer for pupil in pupils()} == {Pointer.FINGER, Pointer.PEN, Pointer.MOUSE}
    points = np.concatenate([stroke for pupil in pupils() for digit in pupil.digits for stroke in digit])
    assert (points.min() >= 0, points.max() < 280) == (True, True)
    heights = [np.ptp(np.concatenate(pupil.digits[5])[:, 1]) for pupil in pupils()]
    assert max(heights) > 1.5 * min(heights)
    assert {len(pupil.digits[7]) for pupil in pupils()} == {1, 2}, "some cross their 7"
    assert FILE.stat().st_size < 50_000


def test_the_starter_reads_most_of_their_digits_and_not_all_of_one_hand() -> None:
    inks = [prepare(digit) for pupil in pupils() for digit in pupil.digits]
    images = np.stack([ink.ravel() for ink in inks if ink is not None])
    right = logits(starter.load().network, images).argmax(axis=1).reshape(12, 10) == np.arange(10)
    assert 0.85 <= right.mean() <= 0.97
    assert len(set(right.sum(axis=1).tolist())) > 1


def test_the_digits_are_those_that_the_program_writes() -> None:
    for pupil, (pointer, digits) in zip(pupils(), written(), strict=True):
        assert pupil.pointer == pointer
        for strokes, again in zip(pupil.digits, digits, strict=True):
            np.testing.assert_allclose(np.concatenate(strokes), np.concatenate(again), atol=1)


def test_the_recorded_class_has_somebody_late_offline_stuck_and_in_need_of_help() -> None:
    joined = sorted(plan.joins_at for plan in PLANS)
    assert joined[-1] > 2 * joined[-2]
    assert [plan.away is not None for plan in PLANS].count(True) == 1
    assert [plan.asks_after is not None for plan in PLANS].count(True) == 1
    assert Counter(plan.digits for plan in PLANS) == {10: 11, 4: 1}
    assert 4 <= sum(plan.trains_at is not None for plan in PLANS) < 12


def test_a_pupil_joins_and_draws_ten_digits_one_after_the_other() -> None:
    assert played(PLAN, DRAW, 100, Done()) == [
        (5, Action.JOIN),
        *((second, Action.DRAW) for second in range(9, 9 + 40, 4)),
    ]


def test_nobody_joins_a_closed_room() -> None:
    assert played(PLAN, DRAW.changed(is_joining_open=False), 20, Done()) == []


def test_who_stops_after_four_digits_still_looks() -> None:
    done = replace(SEATED, drawn=4)
    assert next_actions(replace(PLAN, digits=4), DRAW, 100, done) == (Action.LOOK,)


def test_who_asks_for_help_waits_for_it_and_goes_on() -> None:
    plan = replace(PLAN, asks_after=2)
    deeds = played(plan, DRAW, 60)
    assert [action for _second, action in deeds] == [Action.DRAW, Action.DRAW, Action.ASK_FOR_HELP]
    helped = Done(has_seat=True, drawn=2, has_asked=True)
    assert [action for _second, action in played(plan, DRAW, 60, helped)] == [Action.DRAW] * 8


def test_who_is_away_does_not_even_look_and_is_there_at_the_next_step() -> None:
    plan = replace(PLAN, away=(10, 20))
    seconds = [second for second, _action in played(plan, DRAW, 40)]
    assert not [second for second in seconds if 10 <= second < 20]
    assert next_actions(plan, DRAW, 15, SEATED) == ()
    assert next_actions(plan, TRAIN, 15, SEATED) == (Action.LOOK, Action.TRAIN)


def test_who_trains_does_it_once_and_who_does_not_looks_on() -> None:
    assert played(PLAN, TRAIN, 30) == [(10, Action.TRAIN)]
    assert played(replace(PLAN, trains_at=None), TRAIN, 30) == []


@pytest.mark.parametrize("step", Step)
def test_while_eyes_are_up_nobody_does_anything(step: Step) -> None:
    lesson = Lesson(step=step, eyes_up=True)
    assert played(PLAN, lesson, 60) == []
    assert next_actions(PLAN, lesson, 60, SEATED) == (Action.LOOK,)


def test_who_is_asked_answers_once_and_anew_when_asked_again() -> None:
    assert played(PLAN, GUESS, 30) == [(7, Action.ANSWER)]
    assert played(replace(PLAN, answers_at=None), GUESS, 30) == []
    again = GUESS.changed(guesses=(ASKED.model_copy(update={"trained_by": "x", "is_voting_again": True}),))
    assert played(PLAN, again, 30, replace(SEATED, answered=ASKED.question)) == [(7, Action.ANSWER)]
    asked = ExitQuestion(number=1, prepared="weights")
    assert played(PLAN, Lesson(step=Step.EXIT_QUESTION, exit_questions=(asked,)), 30) == [(7, Action.ANSWER)]


def test_nobody_answers_what_takes_no_answers() -> None:
    closed = GUESS.changed(guesses=(ASKED.model_copy(update={"trained_by": "x"}),))
    assert played(PLAN, closed, 30) == []


def test_guesses_differ_and_some_go_over_to_what_came_out() -> None:
    guesses = Counter(guess_of(plan, ASKED).guess for plan in PLANS if plan.answers_at is not None)
    assert set(guesses) == set(Guess)
    seen = ASKED.model_copy(update={"accuracies": ((0.9, 0.9, 0.9), (0.8, 0.8, 0.8))})
    later = Counter(guess_of(plan, seen).guess for plan in PLANS if plan.answers_at is not None)
    assert guesses[Guess.LOWER] < later[Guess.LOWER] < later.total()
    nobody_can_tell = ASKED.model_copy(update={"accuracies": ((0.9, 0.8, 0.7), (0.8, 0.9, 0.7))})
    assert [guess_of(plan, nobody_can_tell) for plan in PLANS] == [guess_of(plan, ASKED) for plan in PLANS]


@pytest.mark.parametrize("name", PREPARED)
def test_most_are_right_at_the_end(name: str) -> None:
    asked = ExitQuestion(number=1, prepared=name)
    chosen = [answer_of(plan, asked).option for plan in PLANS]
    assert len(PLANS) / 2 < chosen.count(PREPARED[name].right) < len(PLANS)
    assert set(chosen) <= set(range(len(PREPARED[name].options)))


def test_a_question_of_the_teachers_own_is_answered_in_words() -> None:
    assert answer_of(PLAN, ExitQuestion(number=1, text="What did you see?")).text


@pytest.mark.parametrize("step", [step for step in Step if step not in {Step.DRAW, Step.TRAIN}])
def test_at_every_other_step_and_before_they_are_asked_pupils_look_on(step: Step) -> None:
    assert next_actions(PLAN, Lesson(step=step), 30, SEATED) == (Action.LOOK,)
