"""How this server is, as JSON for a program that watches it: the figures of the page Status."""

import json
from typing import Any

import streamlit as st
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from classroom import operator
from model.messages import Message
from ui.base import resources
from visitors.codes import CodeError

_PATH = "/api/status"
_SCHEME = "bearer"
_ABOUT = f"Send the header Authorization: Bearer, with the token of {operator.STATUS_VARIABLE}."
_NO_TOKEN = (
    f"This server shows its status to nobody: set {operator.STATUS_VARIABLE} to a token of at least "
    f"{operator.MIN_TOKEN} characters."
)


def status_route() -> Route:
    """``GET /api/status``, under the base path where there is one."""
    base = st.get_option("server.baseUrlPath").strip("/")
    return Route(f"/{base}{_PATH}" if base else _PATH, status, methods=["GET"])


def status(request: Request) -> Response:
    """The figures, for who sends the token; Starlette calls it in a thread, since it asks the database."""
    if not operator.has_status_token():
        return _answer({"error": _NO_TOKEN}, 403)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != _SCHEME:
        return _answer({"error": _ABOUT}, 401)
    try:
        operator.check_status_token(token.strip())
    except CodeError as error:
        return _answer({"error": str(error)}, 401)
    figures = resources.runner().status()
    return _answer({"troubles": figures.troubles, **vars(figures)}, 200)


def _answer(content: dict[str, Any], code: int) -> Response:
    headers = {"Cache-Control": "no-store"}
    if code == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(json.dumps(content, default=_plain), code, headers, media_type="application/json")


def _plain(value: Any) -> Any:
    """The messages of the floors below as English sentences, and their records field by field."""
    return str(value) if isinstance(value, Message) else vars(value)
