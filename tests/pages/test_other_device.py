"""A visitor finds the work on another device by a code, and a device whose work was forgotten begins anew."""

import pytest
from streamlit.testing.v1 import AppTest

from model.messages import Message
from storage.problems import StorageError
from testing.engines import TINY
from testing.pages import OpenPage, says
from testing.waiting import over
from ui.base import resources, session
from visitors.devices import Devices
from visitors.identity import visitor_id

ADA = visitor_id("ada's secret")


def _enter(app: AppTest, code: str) -> AppTest:
    app.text_input(key="code").set_value(code)
    button = next(button for button in app.button if button.label == "Show that work")
    return button.click().run()


def _code(app: AppTest) -> str:
    shown: str = app.button(key="make_code").click().run().code[0].value
    return shown


def test_a_code_shows_the_work_of_one_device_on_another(open_page_with_database: OpenPage) -> None:
    first = open_page_with_database("my_work", visitor=ADA)
    over(resources.runner(), resources.runner().submit(TINY, ADA), 10)
    second = _enter(open_page_with_database("my_work"), _code(first))
    assert list(second.dataframe[0].value["run"]) == [1]
    # The browser keeps a secret of its own, by which it finds the same work in a new session.
    secret = second.session_state["secret"]
    assert open_page_with_database("my_work", secret=secret).dataframe
    assert not open_page_with_database("my_work").dataframe


def test_a_wrong_code_is_refused_in_words_and_changes_nothing(open_page_with_database: OpenPage) -> None:
    app = open_page_with_database("my_work")
    before = app.session_state["secret"]
    _enter(app, "<b>AAAA</b>")
    assert says(app, "This code is not valid")
    assert app.session_state["secret"] == before


def test_who_has_work_here_reads_that_it_is_left_behind(open_page_with_database: OpenPage) -> None:
    warning = "It no longer finds what was made in it so far"
    assert not says(open_page_with_database("my_work"), warning)
    over(resources.runner(), resources.runner().submit(TINY, ADA), 10)
    assert says(open_page_with_database("my_work", visitor=ADA), warning)


def test_a_device_whose_work_was_forgotten_on_another_begins_anew(open_page_with_database: OpenPage) -> None:
    first = open_page_with_database("my_work", visitor=ADA)
    second = _enter(open_page_with_database("my_work"), _code(first))
    first.button(key="forget_me").click().run()
    for device in (second, open_page_with_database("home", visitor=ADA)):
        device.switch_page("pages/learn.py").run()
        assert device.session_state["visitor"] != ADA


def test_a_linked_browser_waits_for_the_database_where_others_go_on(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_devices: Devices, _browser: str) -> str:
        raise StorageError(Message("The database is away"))

    open_page("home")
    monkeypatch.setattr(Devices, "visitor_of", away)
    own = open_page("learn")
    assert not says(own, "The database is away")
    assert own.header
    linked = open_page("learn", secret=session.new_secret(linked=True))
    assert says(linked, "The database is away")
    assert not linked.header
