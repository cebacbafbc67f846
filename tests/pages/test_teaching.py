"""A teacher opens a room, leads a class from its desk, and shows its work; nobody else does."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from classroom import operator
from classroom.handwriting import ClassDrawing
from classroom.lesson import Lesson, Step
from model.drawing.collection import Trial, submit
from testing.engines import TINY
from testing.pages import FILES, OpenPage, says, texts
from testing.rooms import draw_sevens, rehearsed
from testing.waiting import over
from ui.base import connection, resources
from ui.teaching.projector import _of_everybody
from visitors.identity import visitor_id

TEACHER, OTHER = visitor_id("the teacher"), visitor_id("another teacher")
ADA, BOB = visitor_id("ada"), visitor_id("bob")
LINE = [np.array([[10.0, 20.0], [30.5, 200.25], [31.0, 210.0]])]


class Class:
    """A room with Ada, who has a name of her own, drew a digit and trained a run, and Bob."""

    def __init__(self, teacher: str = TEACHER) -> None:
        rooms = resources.rooms()
        self.teacher = teacher
        self.id, self.pin = rooms.open(teacher, is_operator=True, free_names=True)
        self.code = rooms.taught(teacher, self.id).code
        self.ada = resources.seats().join(ADA, self.code, "Ada *Lovelace*")
        self.bob = resources.seats().join(BOB, self.code)
        resources.own_tests().change(ADA, partial(submit, number=0, strokes=LINE))
        over(resources.runner(), resources.runner().submit(TINY, ADA), 10)
        assert resources.runner().writer.backlog.flush(10)

    def lesson(self) -> Lesson:
        return resources.rooms().taught(self.teacher, self.id).lesson

    def teach(self, **fields: object) -> None:
        resources.rooms().change(self.teacher, self.id, lambda lesson: lesson.changed(**fields))

    @property
    def secrets(self) -> list[str]:
        """What only the desk shows."""
        return ["Lovelace", str(self.bob.animal), self.ada.code, self.bob.code, self.pin]


Show = Callable[..., AppTest]


@pytest.fixture
def show(open_page_with_database: OpenPage) -> Show:
    """``show("desk", visitor, code)`` opens a page of a teacher for the room with this code."""

    def open_at(page: str, visitor: str, code: str = "", **session: Any) -> AppTest:
        app = open_page_with_database("home", visitor=visitor, **session)
        app.query_params["room"] = code
        return app.switch_page(FILES[page]).run()

    open_page_with_database("home")
    return open_at


def _press(app: AppTest, key: str) -> AppTest:
    return app.button(key=key).click().run()


def _submit(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def _keys(app: AppTest) -> set[str | None]:
    return {button.key for button in app.button}


def test_home_leads_teachers_to_their_page(open_page: OpenPage) -> None:
    assert any(link.proto.page == "teach" for link in open_page("home").main.get("page_link"))


def test_whoever_is_at_the_machine_opens_a_room_and_reads_its_pin(
    show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "is_at_the_machine", lambda: True)
    app = _press(show("teach", TEACHER), "open_room")
    [room] = resources.rooms().taught_by(TEACHER)
    pin = str(app.metric[0].value)
    assert says(app, "Write it down")
    assert resources.rooms().take_desk(OTHER, room.code, pin) == room.id
    assert not show("teach", TEACHER).metric, "it is shown only now"


def test_others_read_how_rooms_are_opened_and_cannot(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(operator.VARIABLE, raising=False)
    app = show("teach", ADA)
    assert says(app, "Only the person who runs this server can open a room")
    assert "open_room" not in _keys(app)
    assert not [field for field in app.text_input if field.key == "password"]


def test_the_operators_password_opens_rooms_and_is_tried_a_few_times_only(
    show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(operator.VARIABLE, "correct horse")

    def type_in(app: AppTest, password: str) -> AppTest:
        app.text_input(key="password").set_value(password)
        return _submit(app, "I run this server")

    app = show("teach", ADA)
    for _ in range(5):
        type_in(app, "battery staple")
        assert says(app, "This is not the operator")
    type_in(app, "correct horse")
    assert says(app, "Too many wrong codes")
    assert "open_room" not in _keys(show("teach", ADA))
    assert not says(show("teach", ADA), "localhost"), "where a password is set it alone counts"
    app = _press(type_in(show("teach", TEACHER), "correct horse"), "open_room")
    assert len(resources.rooms().taught_by(TEACHER)) == 1
    assert "open_room" not in _keys(show("teach", ADA)), "the password opens one browser"


def test_a_desk_is_opened_elsewhere_by_code_and_pin(show: Show) -> None:
    taught = Class()
    app = show("desk", OTHER, taught.code)
    assert "eyes_up" not in _keys(app)
    assert app.text_input(key="room_code").value == taught.code
    app.text_input(key="room_pin").set_value("000000" if taught.pin != "000000" else "111111")
    _submit(app, "Open")
    assert says(app, "There is no room with this code and this PIN")
    app.text_input(key="room_pin").set_value(taught.pin)
    _submit(app, "Open")
    assert resources.rooms().taught(OTHER, taught.id).code == taught.code
    assert "eyes_up" in _keys(show("desk", OTHER, taught.code))


def test_a_room_whose_pin_was_lost_is_recovered(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    taught = Class()
    taught.teach(step=Step.TRAIN)
    assert not [field for field in show("teach", OTHER).text_input if field.key == "lost_code"]
    monkeypatch.setattr(connection, "is_at_the_machine", lambda: True)
    app = show("teach", OTHER)
    app.text_input(key="lost_code").set_value(taught.code)
    app = _submit(app, "New PIN")
    assert resources.rooms().taught(OTHER, taught.id).lesson.step == Step.TRAIN
    assert resources.rooms().take_desk(BOB, taught.code, str(app.metric[0].value)) == taught.id


def test_a_room_is_deleted_from_the_list(show: Show) -> None:
    taught = Class()
    _press(show("teach", TEACHER), f"delete_now_{taught.id}")
    assert resources.rooms().taught_by(TEACHER) == []


def test_an_empty_desk_says_what_to_know_before_pupils_come(show: Show) -> None:
    resources.rooms().open(TEACHER, is_operator=True)
    over(resources.runner(), resources.runner().submit(TINY, OTHER), 10)
    app = show("desk", TEACHER)
    assert says(app, "Training is ready.")
    assert says(app, "Nobody has reached this address yet.")
    assert says(app, "they wait about")
    chosen = next(box for box in app.selectbox if box.label == "Pupils open")
    assert chosen.value in chosen.options


def test_a_server_that_answers_its_own_computer_alone_says_so_and_offers_no_address(
    show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    resources.rooms().open(TEACHER, is_operator=True)
    real = st.get_option

    def images(app: AppTest) -> int:
        return len(app.main.get("image"))

    assert images(show("projector", TEACHER)) == 1
    monkeypatch.setattr(st, "get_option", lambda key: "localhost" if key == "server.address" else real(key))
    desk, projector = show("desk", TEACHER), show("projector", TEACHER)
    for app in (desk, projector):
        assert says(app, "answers only this computer. Start it with `--host 0.0.0.0`")
    assert not [box for box in desk.selectbox if box.label == "Pupils open"]
    assert images(projector) == 0
    assert not says(projector, "choose *Join a class*")


def test_the_desk_shows_every_seat_with_a_name_and_a_state(show: Show) -> None:
    taught = Class()
    app = show("desk", TEACHER, taught.code)
    ada, bob = (app.button(key=f"tile_{number}").label for number in (1, 2))
    assert r"Ada \*Lovelace\*" in ada, "letter for letter"
    assert "working" in ada
    assert "1 of 10" in ada
    assert f"{taught.bob.animal} 2" in bob
    assert app.button(key="step_draw").label == "Now: Draw"
    taught.teach(step=Step.TRAIN, shown=(1,))
    resources.seats().want_help(BOB, True)
    app.run()
    assert app.button(key="step_draw").label == "Draw"
    ada, bob = (app.button(key=f"tile_{number}").label for number in (1, 2))
    assert "done" in ada
    assert "epoch 3" in ada
    assert "needs help" in bob
    assert "no run" in bob
    assert "shown" in ada
    assert ":material" not in ada + bob, "read aloud by its name"


def test_a_desk_closes_and_opens_its_room_for_new_pupils(show: Show) -> None:
    room_id, _pin = resources.rooms().open(TEACHER, is_operator=True)
    app = show("desk", TEACHER)
    for is_open in (False, True):
        [toggle] = [toggle for toggle in app.toggle if str(toggle.key).startswith("joining_")]
        toggle.set_value(is_open).run()
        assert resources.rooms().taught(TEACHER, room_id).lesson.is_joining_open == is_open


@pytest.mark.parametrize("page", ["desk", "projector"])
@pytest.mark.parametrize("named", [True, False])
def test_a_page_whose_room_was_deleted_shows_no_other_one(show: Show, page: str, named: bool) -> None:
    older, newer = Class(), Class()
    app = show(page, TEACHER, newer.code if named else "")
    resources.rooms().delete(TEACHER, newer.id)
    app.run()
    assert says(app, "This page is for the teacher of a room.")
    assert not [secret for secret in older.secrets if secret in repr(app.main)]


def test_next_takes_the_class_along_and_undo_takes_it_back(show: Show) -> None:
    taught = Class()
    app = _press(show("desk", TEACHER, taught.code), "next_step_of_class")
    assert taught.lesson().step == Step.GUESS
    last = list(Step)[-1]
    _press(app, f"step_{last}")
    assert taught.lesson().step == last
    assert app.button(key="next_step_of_class").disabled
    _press(app, "undo_step")
    assert taught.lesson().step == Step.GUESS
    _press(app, "open_all")
    assert taught.lesson().is_everything_open


def test_two_desks_that_press_next_in_the_same_moment_go_on_by_one_step(show: Show) -> None:
    taught = Class()
    desks = [show("desk", TEACHER, taught.code) for _ in range(2)]
    for desk in desks:
        _press(desk, "next_step_of_class")
        assert taught.lesson().step == Step.GUESS
    for desk in desks:
        _press(desk, "undo_step")
    assert taught.lesson().step == Step.DRAW


def test_eyes_go_up_and_down_again(show: Show) -> None:
    taught = Class()
    app = show("desk", TEACHER, taught.code)
    app.toggle(key="runs_go_on").set_value(False)
    _press(app, "eyes_up")
    assert (taught.lesson().eyes_up, taught.lesson().runs_go_on) == (True, False)
    _press(app, "eyes_down")
    assert not taught.lesson().eyes_up


def test_a_seat_is_looked_at_helped_shown_and_freed(show: Show) -> None:
    taught = Class()
    resources.seats().want_help(ADA, True)
    app = _press(show("desk", TEACHER, taught.code), "tile_1")
    _press(app, "helped_1")
    assert not resources.rooms().seats(TEACHER, taught.id)[0].wants_help
    _press(app, "show_1")
    assert taught.lesson().shown == (1,)
    taught.teach(step=Step.GUESS)
    assert "show_1" not in _keys(app.run()), "there the projector shows no works"
    taught.teach(step=Step.DRAW)
    app.run()
    _press(app, "hide_1_0")
    assert [drawing.is_hidden for drawing in resources.handwriting().of_room(TEACHER, taught.id)] == [True]
    _press(app, "hide_1_0")
    assert [drawing.is_hidden for drawing in resources.handwriting().of_room(TEACHER, taught.id)] == [False]
    _press(app, "free_now_1")
    assert resources.rooms().seats(TEACHER, taught.id)[0].visitor is None
    assert taught.lesson().shown == ()
    assert "free" in app.button(key="tile_1").label


def test_more_works_than_fit_are_refused_in_words(show: Show) -> None:
    taught = Class()
    for number in range(3):
        resources.seats().join(visitor_id(f"pupil {number}"), taught.code)
    taught.teach(shown=(1, 3, 4, 5))
    app = _press(_press(show("desk", TEACHER, taught.code), "tile_2"), "show_2")
    assert says(app, "The projector shows at most 4 works")
    assert taught.lesson().shown == (1, 3, 4, 5)


def test_a_rehearsal_is_opened_with_one_press_and_marked_wherever_it_is_seen(
    show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "is_at_the_machine", lambda: True)
    app = _press(show("teach", TEACHER), "rehearse")
    [room] = resources.rooms().taught_by(TEACHER)
    assert says(app, "Write it down")
    assert says(app, "Rehearsal")
    for page in ("desk", "projector"):
        app = show(page, TEACHER, room.code)
        assert says(app, "Rehearsal: these pupils are made up.")
        assert not says(app, "The made-up pupils have stopped")
    resources.rehearsals.clear()
    assert says(show("desk", TEACHER, room.code), "The made-up pupils have stopped"), (
        "the server was started again"
    )
    assert not says(show("projector", TEACHER, room.code), "The made-up pupils have stopped")


def test_nobody_else_is_offered_a_rehearsal_and_no_other_room_is_marked_as_one(show: Show) -> None:
    taught = Class()
    assert "rehearse" not in _keys(show("teach", ADA))
    for page in ("desk", "projector"):
        assert not says(show(page, TEACHER, taught.code), "Rehearsal")


def test_a_lesson_ends_and_the_room_is_kept(show: Show) -> None:
    taught = Class()
    app = _press(show("desk", TEACHER, taught.code), "keep_room")
    assert taught.lesson().is_over
    assert says(app, "The lesson is over.")
    assert resources.seats().of(ADA) is None


def test_every_desk_of_a_lesson_that_is_over_says_so_and_leads_to_what_is_left(show: Show) -> None:
    taught = Class()
    other_tab = show("desk", TEACHER, taught.code)
    resources.rooms().keep(TEACHER, taught.id)
    _press(other_tab, "next_step_of_class")
    assert taught.lesson().step == Step.DRAW
    for app in (other_tab.run(), show("desk", TEACHER, taught.code)):
        assert says(app, "This lesson is over.")
        assert not _keys(app)
        assert [link.proto.page for link in app.main.get("page_link")] == ["teach", "take_home"]


def test_a_lesson_ends_and_the_room_is_deleted_after_a_second_question(show: Show) -> None:
    taught = Class()
    app = show("desk", TEACHER, taught.code)
    assert app.button(key="delete_room").disabled
    app.checkbox(key="delete_is_sure").check().run()
    _press(app, "delete_room")
    assert resources.rooms().taught_by(TEACHER) == []


@pytest.mark.parametrize("step", Step)
def test_the_projector_says_no_name_and_no_code_of_a_seat(show: Show, step: Step) -> None:
    taught = Class()
    taught.teach(step=step, shown=(1, 2))
    app = show("projector", TEACHER, taught.code)
    assert not app.error
    assert any(taught.code in text for text in texts(app)), "the code of the room"
    assert not [secret for secret in taught.secrets if secret in repr(app.main)]


def test_the_projector_shows_what_the_class_has_drawn_and_trained(show: Show) -> None:
    taught = Class()
    assert says(show("projector", TEACHER, taught.code), "**1** digit drawn")
    taught.teach(step=Step.TRAIN)
    assert says(show("projector", TEACHER, taught.code), "**1** run")
    taught.teach(step=Step.OUR_HANDWRITING)
    app = show("projector", TEACHER, taught.code)
    assert says(app, "**1** digit by 1 writer")
    resources.handwriting().hide(TEACHER, taught.id, 1, 0)
    app = show("projector", TEACHER, taught.code)
    assert says(app, "**0** digits by 0 writers")
    assert not app.get("imgs")
    taught.teach(step=Step.DRAW)
    assert says(show("projector", TEACHER, taught.code), "**0** digits drawn"), "the same number at each step"


def test_a_wall_that_is_too_small_for_all_has_digits_of_everybody_on_paper_too() -> None:
    trial = Trial(7, (), np.zeros((28, 28), np.float32))
    drawn = [ClassDrawing(seat, index, trial) for seat in range(1, 21) for index in range(10)]
    drawn += [
        ClassDrawing(None, index, trial, paper=writer) for writer in range(1, 25) for index in range(10)
    ]
    on_wall = _of_everybody(drawn, 160)
    assert len(on_wall) == 160
    assert {one.writer for one in on_wall} == {one.writer for one in drawn}
    assert _of_everybody(drawn[:3], 160) == drawn[:3]
    assert _of_everybody([], 160) == []


def test_the_projector_says_how_well_the_lessons_network_reads_the_class(show: Show) -> None:
    taught = rehearsed(Step.OUR_HANDWRITING)
    app = show("projector", TEACHER, taught.code)
    assert says(app, "**120** digits by 12 writers")
    assert says(app, "**94.9%** of MNIST's test images and **83.3%** of our digits")
    assert says(app, "95% interval")
    first = taught.visitors[0]
    assert first is not None
    before = _gap_of_class(app)
    resources.own_tests().delete(first)
    draw_sevens(first, 10)
    assert resources.runner().writer.backlog.flush(10)
    after = _gap_of_class(show("projector", TEACHER, taught.code))
    assert after != before, "the same seats have drawn other digits"


def test_one_writer_or_nine_digits_say_too_little(show: Show) -> None:
    taught = rehearsed(Step.OUR_HANDWRITING)
    for number in range(2, 13):
        resources.rooms().free_seat(TEACHER, taught.id, number)
    app = show("projector", TEACHER, taught.code)
    assert says(app, "**100.0%** of our digits")
    assert says(app, "One writer is not enough to say")
    assert not says(app, "95% interval")
    resources.handwriting().hide(TEACHER, taught.id, 1, 0)
    assert not says(show("projector", TEACHER, taught.code), "of our digits")


def _gap_of_class(app: AppTest) -> str:
    return next(text for text in texts(app) if "of our digits" in text)


def test_a_desk_with_twelve_pupils_shows_what_each_has_drawn(show: Show) -> None:
    taught = rehearsed()
    app = _press(show("desk", TEACHER, taught.code), "tile_12")
    hiding = [button.label for button in app.button if str(button.key).startswith("hide_")]
    assert len(set(hiding)) == 10, "a screen reader says which digit each of them hides"
    assert [app.button(key=f"tile_{number}").label.count("10 of 10") for number in range(1, 13)] == [1] * 12
    assert {f"hide_12_{number}" for number in range(10)} <= _keys(app)


def test_the_projector_joins_in_eyes_up(show: Show) -> None:
    taught = Class()
    taught.teach(eyes_up=True)
    assert [title.value for title in show("projector", TEACHER, taught.code).title] == ["Eyes up"]


@pytest.mark.parametrize("page", ["desk", "projector"])
@pytest.mark.parametrize("who", [ADA, OTHER])
def test_whoever_has_not_the_desk_sees_nothing_of_the_room(show: Show, page: str, who: str) -> None:
    taught = Class()
    Class(OTHER)
    app = show(page, who, taught.code)
    assert says(app, "This page is for the teacher of a room.")
    assert not [secret for secret in taught.secrets if secret in repr(app.main)]


def test_what_a_teachers_browser_has_sent_changes_nothing_when_a_pupils_sends_it(show: Show) -> None:
    taught = Class()
    desk = show("desk", TEACHER, taught.code)
    desk.button(key="step_train").click()
    recorded = desk._tree.get_widget_states()
    pupil = show("desk", ADA, taught.code, seat=1)
    pupil._run(recorded)
    assert taught.lesson() == Lesson(free_names=True)
    assert not [secret for secret in taught.secrets if secret in repr(pupil.main)]
    show("desk", TEACHER, taught.code)._run(recorded)
    assert taught.lesson().step == Step.TRAIN, "the teacher's own browser changes the lesson by it"


def test_a_teacher_who_sits_in_the_class_too_still_has_the_desk(show: Show) -> None:
    taught = Class()
    resources.seats().join(TEACHER, taught.code)
    taught.teach(eyes_up=True)
    assert "eyes_down" in _keys(show("desk", TEACHER, taught.code))
