"""The page and the JSON for whoever runs the server."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import streamlit as st
from starlette.requests import Request
from starlette.responses import Response
from streamlit.testing.v1 import AppTest

from classroom import operator
from model.messages import Message
from runs.engine import EngineState, EngineStatus
from storage.database import Database
from storage.problems import unreachable
from testing.engines import TINY, HeldEngine
from testing.pages import OpenPage, says
from ui.base import resources
from ui.operating.monitoring import status, status_route
from visitors.codes import CodeError

TOKEN = "a token that is long enough"


@pytest.fixture
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(operator.STATUS_VARIABLE, TOKEN)


def _get(authorization: str = f"Bearer {TOKEN}") -> Response:
    """What a program gets that sends this header, and the token in the address."""
    headers = [(b"authorization", authorization.encode())] if authorization else []
    query = f"token={TOKEN}".encode()
    scope = {"type": "http", "headers": headers, "client": ("10.0.0.7", 4711), "query_string": query}
    return status(Request(scope))


def _content(response: Response) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(bytes(response.body))
    return content


def _say(app: AppTest, text: str) -> AppTest:
    app.text_input(key="token").set_value(text)
    [submit] = app.button
    return submit.click().run()


def _metrics(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def test_without_a_token_in_the_environment_the_page_says_how_to_set_one_and_shows_nothing(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(operator.STATUS_VARIABLE, raising=False)
    app = open_page("status", sees_status=True)
    assert says(app, "at least 16 characters in the variable `DIGITLAB_STATUS_TOKEN`")
    assert not app.metric
    assert not app.text_input


@pytest.mark.usefixtures("token")
def test_the_right_token_shows_the_figures_and_a_wrong_one_nothing(
    open_page_with_database: OpenPage,
) -> None:
    app = _say(open_page_with_database("status"), "a wrong one")
    assert says(app, "not the token")
    assert not app.metric
    runner = resources.runner()
    assert runner.writer.wait_until_open(10)
    runner.submit(TINY, "ada")
    app = _say(app, TOKEN)
    assert not app.text_input
    assert says(app, "All is well.")
    shown = _metrics(app)
    assert shown["Training"] == "Ready"
    assert shown["Memory of this process"].endswith("MB") or shown["Memory of this process"].endswith("GB")
    workers, servers = (table.value for table in app.table)
    assert list(workers["worker"]) == ["0"]
    assert list(servers["server"]) == [f"{runner.writer.server} (this one)"]
    assert TOKEN not in str(app.query_params)
    assert app.run().metric, "the token is asked for once"


class Broken(HeldEngine):
    def status(self) -> EngineStatus:
        return EngineStatus(EngineState.FAILED, 3.0, Message("No {what}.", {"what": "TensorFlow"}))


@pytest.mark.usefixtures("token")
def test_what_is_wrong_stands_first(
    open_page_with_database: OpenPage, use_engine: Callable[[Any], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise unreachable("it was unplugged")

    app = open_page_with_database("status", sees_status=True)
    monkeypatch.setattr(resources.engine(), "status", Broken().status)
    monkeypatch.setattr(Database, "read", gone)
    app.run()
    failed, database = (error.value.replace("\\", "") for error in app.error)
    assert "Nothing is trained. No TensorFlow" in failed
    assert "The database cannot be reached" in database
    assert not says(app, "All is well.")
    assert _metrics(app)["Training"] == "Failed"
    assert len(app.table) == 1, "the workers; of the servers nothing is known"


@pytest.mark.usefixtures("token", "open_page")
def test_a_program_that_sends_the_token_gets_the_same_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = _get()
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    figures = _content(answer)
    assert figures["troubles"] == []
    assert figures["engine"]["state"] == "ready"
    assert figures["workers"] == [{"name": "0", "memory": None, "calls": 0}]
    assert figures["saving"]["seconds_behind"] == 0
    monkeypatch.setattr(resources.engine(), "status", Broken().status)
    figures = _content(_get())
    assert figures["troubles"] == ["Nothing is trained. No TensorFlow."]
    assert figures["engine"]["problem"] == "No TensorFlow."


@pytest.mark.usefixtures("token", "open_page")
@pytest.mark.parametrize("authorization", ["", TOKEN, f"Basic {TOKEN}", "Bearer wrong", "Bearer "])
def test_without_the_token_there_is_no_figure(authorization: str) -> None:
    answer = _get(authorization)
    assert answer.status_code == 401
    assert list(_content(answer)) == ["error"]


@pytest.mark.usefixtures("token", "open_page")
def test_wrong_tokens_of_strangers_do_not_keep_out_the_program_that_watches() -> None:
    for _ in range(60):
        assert _get("Bearer wrong").status_code == 401
    assert _get().status_code == 200


@pytest.mark.usefixtures("open_page")
@pytest.mark.parametrize("token", ["", "fifteen letters"])
def test_a_token_that_is_not_set_or_short_enough_to_be_guessed_opens_nothing(
    monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    monkeypatch.setenv(operator.STATUS_VARIABLE, token)
    answer = _get(f"Bearer {token}")
    assert answer.status_code == 403
    assert "DIGITLAB_STATUS_TOKEN to a token of at least 16 characters" in _content(answer)["error"]
    with pytest.raises(CodeError):
        operator.check_status_token(token)


@pytest.mark.parametrize(("base", "path"), [("", "/api/status"), ("/lab/", "/lab/api/status")])
def test_the_address_begins_with_the_base_path(monkeypatch: pytest.MonkeyPatch, base: str, path: str) -> None:
    monkeypatch.setattr(st, "get_option", {"server.baseUrlPath": base}.get)
    assert status_route().path == path
