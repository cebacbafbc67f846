"""Guess together, and the question at the end: what the desk asks, pupils answer, and the projector shows."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from classroom import asking
from classroom.answers import ExitAnswer
from classroom.guessing import BothTrained
from classroom.lesson import Lesson, Step
from model.evaluation.hypothesis import Guess
from model.messages import Message
from testing.pages import FILES, OpenPage, says
from testing.rooms import TEACHER, TaughtRoom, seat_of
from testing.waiting import wait_until
from ui.base import resources
from visitors.identity import visitor_id

ADA, BOB = visitor_id("ada"), visitor_id("bob")
FIRST, AGAIN = "guess_1_round_1", "guess_1_round_2"
RUDE = "**rude** :red[word] <b>&"


class Class(TaughtRoom):
    """A room with Ada and Bob, at the steps of whose pages somebody looks."""

    def __init__(self, open_page: OpenPage) -> None:
        open_page("home")
        super().__init__()
        self._open_page = open_page
        for visitor in (ADA, BOB):
            self.seat(visitor)

    def at(self, step: Step) -> "Class":
        """The class is at another step."""
        self.teach(lambda lesson: lesson.at(step))
        return self

    def page(self, name: str, visitor: str = TEACHER) -> AppTest:
        """A page of the teacher or of a pupil."""
        app = self._open_page("home", visitor=visitor)
        if visitor == TEACHER:
            app.query_params["room"] = self.code
        app.switch_page(FILES[name]).run()
        assert not app.error
        return app

    def lesson(self) -> Lesson:
        return resources.rooms().taught(TEACHER, self.id).lesson

    def ask(self, prepared: str, text: str = "") -> None:
        """Ask at the end of the lesson."""
        self.teach(partial(asking.asking_at_the_end, prepared=prepared, text=text))


@pytest.fixture
def room(open_page_with_database: OpenPage) -> Class:
    return Class(open_page_with_database)


def _press(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click().run()
    assert not app.exception
    return app


def _guess(app: AppTest, question: str, guess: Guess, why: str = "") -> AppTest:
    app.segmented_control(key=f"guess_{question}").set_value(str(guess))
    app.text_input(key=f"why_{question}").set_value(why)
    return _press(app, "hand_in_guess")


def _tile(app: AppTest, number: int) -> str:
    return str(app.button(key=f"tile_{number}").label)


def _keys(app: AppTest) -> set[str | None]:
    return {button.key for button in app.button}


def test_a_class_guesses_sees_what_comes_of_it_and_votes_again(room: Class) -> None:
    room.at(Step.GUESS)
    assert says(room.page("class_guess", ADA), "Your teacher will choose what to change.")
    assert says(room.page("projector"), "Guess first.")
    desk = room.page("desk")
    assert "no guess" not in _tile(desk, 1), "there is nothing to guess yet"
    desk.selectbox(key="class_guess_choice").set_value(0).run()
    _press(desk, "let_guess")
    assert room.lesson().guess is not None
    assert "no guess yet" in _tile(desk, 1)

    ada, bob = (room.page("class_guess", visitor) for visitor in (ADA, BOB))
    assert [metric.value for metric in ada.metric] == ["0.01", "0.1"]
    assert says(_press(ada, "hand_in_guess"), "Choose your guess first.")
    assert says(_guess(ada, FIRST, Guess.LOWER), "Your guess: **lower**")
    assert says(_guess(ada, FIRST, Guess.HIGHER, RUDE), "Your guess: **higher**")
    _guess(bob, FIRST, Guess.SAME)
    desk.run()
    assert "guessed" in _tile(desk, 1)
    assert says(desk, "1 higher · 1 about the same · 0 lower")
    assert says(_press(desk, "tile_1"), r"**Higher** \*\*rude\*\* \:red\[word\] \<b\>\&")
    wall = room.page("projector")
    assert says(wall, "**2** have guessed")
    assert "rude" not in repr(wall.main), "a reason is for the teacher"
    desk.number_input(key=f"hands_{FIRST}_2").set_value(3).run()
    for uncounted in (1e308, -5, 2.5):
        desk.number_input(key=f"hands_{FIRST}_2").set_value(uncounted).run()
        assert says(desk, "Count from 0 to 99 hands")
    assert says(desk, "1 higher · 1 about the same · 3 lower")
    assert says(wall.run(), "**5** have guessed")

    _press(desk, "train_both")
    wait_until(lambda: room.page("projector") and room.lesson().guess.accuracies)  # type: ignore[union-attr]
    assert len(resources.runner().runs_of(TEACHER)) == 6
    wall.run()
    assert says(wall, "**1 of 5** were right.")
    assert says(wall, "**About the same**")
    assert says(ada.run(), "These runs cannot tell")
    assert "hand_in_guess" not in _keys(ada)
    assert says(bob.run(), "Your guess was right: **about the same**")

    _press(desk.run(), "vote_again")
    assert "no guess yet" in _tile(desk, 1)
    _guess(ada.run(), AGAIN, Guess.SAME)
    assert says(desk.run(), "1 higher") is False
    assert says(desk, "0 higher · 1 about the same · 0 lower")
    assert says(wall.run(), "**1** has guessed again")
    assert room.lesson().guess == room.lesson().guesses[0]


def test_a_guess_that_was_lost_says_so_on_every_page(room: Class) -> None:
    room.at(Step.GUESS).teach(partial(asking.guessing, setting="learning_rate", value=0.1))
    room.teach(partial(asking.training_both, number=1, visitor=TEACHER))
    room.teach(partial(asking.changing_guess, number=1, is_lost=True))
    lost = "Not all of the 6 runs ended as planned, so there is no result."
    assert says(room.page("class_guess", ADA), lost)
    assert says(room.page("projector"), lost)
    desk = room.page("desk")
    assert says(desk, lost)
    assert _tile(desk, 1).endswith("no guess"), "it is too late for one"
    _press(desk, "let_guess")
    assert room.lesson().guess.number == 2  # type: ignore[union-attr]


def test_the_desk_goes_on_with_a_guess_once_a_refresh_and_says_what_holds_it_up(
    room: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.at(Step.GUESS).teach(partial(asking.guessing, setting="learning_rate", value=0.1))
    room.teach(partial(asking.training_both, number=1, visitor=TEACHER))
    calls = []

    def go_on(*args: str) -> BothTrained:
        calls.append(args)
        return BothTrained(0, 6, (), (), Message("The disk is full."))

    monkeypatch.setattr(resources.guessing(), "go_on", go_on)
    assert says(room.page("desk"), "The disk is full")
    assert len(calls) == 1


def test_a_class_answers_a_question_with_one_right_answer(room: Class) -> None:
    desk = room.at(Step.EXIT_QUESTION).page("desk")
    assert says(room.page("exit_question", ADA), "Your teacher will ask you a question here.")
    assert says(room.page("projector"), "One question before we go.")
    desk.selectbox(key="exit_choice").set_value("weights").run()
    _press(desk, "ask_at_the_end")
    assert "no answer yet" in _tile(desk, 1)
    ada = room.page("exit_question", ADA)
    assert says(ada, "What changes while a network learns")
    assert says(_press(ada, "hand_in_answer"), "Choose an answer first")
    ada.radio(key="answer_exit_1").set_value(0)
    assert says(_press(ada, "hand_in_answer"), "Your answer is handed in.")
    assert "answered" in _tile(desk.run(), 1)
    wall = room.page("projector")
    assert says(wall, "**1** has answered")
    assert not wall.get("plotly_chart"), "before the teacher shows it"
    room.teach(lambda lesson: lesson.changed(step=Step.DRAW, is_everything_open=True))
    assert not says(room.page("exit_question", ADA), "Right."), (
        "an open question, looked at from another step"
    )
    room.teach(lambda lesson: lesson.changed(step=Step.EXIT_QUESTION, is_everything_open=False))
    _press(desk, "show_answers")
    assert wall.run().get("plotly_chart")
    assert says(ada.run(), "Your answer.")
    assert says(ada, "**Its weights and biases**  \nRight.")
    assert "hand_in_answer" not in _keys(ada)
    _press(desk, "show_answers")
    assert "hand_in_answer" in _keys(ada.run())


def test_a_question_of_the_teachers_own_and_its_answers_are_shown_letter_for_letter(room: Class) -> None:
    desk = room.at(Step.EXIT_QUESTION).page("desk")
    desk.selectbox(key="exit_choice").set_value("").run()
    desk.text_area(key="exit_own").set_value(f"What was new? {RUDE}").run()
    _press(desk, "ask_at_the_end")
    shown = r"\*\*rude\*\* \:red\[word\] \<b\>\&"
    ada = room.page("exit_question", ADA)
    assert says(ada, shown)
    ada.text_area(key="answer_exit_1").set_value(f"\u202e{RUDE} 😀")
    _press(ada, "hand_in_answer")
    assert says(desk.run(), f"**1** {shown} 😀")
    wall = room.page("projector")
    assert says(wall, shown), "the question"
    assert says(wall, "**1** has answered")
    assert "😀" not in repr(wall.main)
    _press(desk, "show_answers")
    assert "😀" not in repr(wall.run().main), "words are never shown by themselves"
    assert says(ada.run(), "Your answer: ")


def test_a_reason_an_answer_and_a_question_that_are_too_long_are_refused_in_words(room: Class) -> None:
    refused, long = "Type at most 200 letters", "x" * 201
    room.at(Step.GUESS).teach(partial(asking.guessing, setting="learning_rate", value=0.1))
    ada = room.page("class_guess", ADA)
    assert ada.text_input(key=f"why_{FIRST}").proto.max_chars >= 2000, "of a longer one nothing is taken"
    assert says(_guess(ada, FIRST, Guess.HIGHER, long), refused)
    assert resources.answers().guesses(TEACHER, room.id, FIRST) == {}
    desk = room.at(Step.EXIT_QUESTION).page("desk")
    desk.selectbox(key="exit_choice").set_value("").run()
    desk.text_area(key="exit_own").set_value(long).run()
    assert says(_press(desk, "ask_at_the_end"), refused)
    room.ask("", "What was new?")
    ada = room.page("exit_question", ADA)
    ada.text_area(key="answer_exit_1").set_value(long)
    assert says(_press(ada, "hand_in_answer"), refused)
    assert resources.answers().at_the_end(TEACHER, room.id, "exit_1") == {}


def test_what_went_wrong_at_a_desk_stays_until_the_next_press_or_until_it_was_read(room: Class) -> None:
    refused = "Choose a question"
    desk = room.at(Step.EXIT_QUESTION).page("desk")
    desk.selectbox(key="exit_choice").set_value("").run()
    for _refresh in range(2):
        _press(desk, "ask_at_the_end")
        assert says(desk, refused)
        assert says(desk.run(), refused), "the desk was drawn anew by itself"
        text, since = desk.session_state["trouble"]
        desk.session_state["trouble"] = (text, since - 15)
        assert not says(desk.run(), refused)
    _press(desk, "ask_at_the_end")
    desk.text_area(key="exit_own").set_value("What was new?").run()
    assert says(desk, refused)
    _press(desk, "ask_at_the_end")
    assert not says(desk, refused)


# What a form of an old page calls.
_OLD = """
from model.evaluation.hypothesis import Guess
from ui.base import resources, session
from ui.base.errors import plain_errors
with plain_errors():
    resources.answers().guess(session.visitor(), "guess_1_round_1", Guess.HIGHER)
with plain_errors():
    resources.answers().answer(session.visitor(), "exit_1", 1)
"""


def test_an_old_page_answers_nothing_after_the_step_or_while_eyes_are_up(room: Class) -> None:
    room.at(Step.GUESS).teach(partial(asking.guessing, setting="learning_rate", value=0.1))
    room.ask("weights")
    ways: list[Callable[[Lesson], Lesson]] = [
        lambda lesson: lesson.at(Step.TRAIN),
        lambda lesson: lesson.at(Step.GUESS).changed(eyes_up=True, is_everything_open=True),
        lambda lesson: lesson.at(Step.EXIT_QUESTION),
    ]
    for way in ways:
        room.teach(way)
        old = AppTest.from_string(_OLD)
        old.session_state["visitor"] = ADA
        old.run()
        assert len(old.error) == 2
    assert resources.answers().guess_of(seat_of(ADA), FIRST) is None
    room.teach(lambda lesson: lesson.changed(eyes_up=False, is_everything_open=False))
    old.run()
    assert len(old.error) == 1, "the question of the step was answered"
    assert resources.answers().answer_of(seat_of(ADA), "exit_1") == ExitAnswer(option=1)


@pytest.mark.parametrize(
    ("name", "text"), [("class_guess", "Here a class guesses"), ("exit_question", "Here a")]
)
def test_who_is_in_no_class_finds_the_way_into_one(open_page: OpenPage, name: str, text: str) -> None:
    app: Any = open_page(name)
    assert says(app, text)
    assert any(link.proto.page == "join" for link in app.main.get("page_link"))
