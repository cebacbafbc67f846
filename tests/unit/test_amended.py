"""The start page with a script, the canvas without its toolbar, and everything else as it is."""

import asyncio
import gzip
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ui.amended import Amended

PAGE = b"<!DOCTYPE html><html><head><script src='main.js'></script></head><body></body></html>" * 10
RELOADS = b"location.reload()"


STYLE_OF_CANVAS = "/lab/_stcore/bidi-components/streamlit-drawable-canvas.canvas/index-style.css"


def get(
    body: bytes = PAGE, kind: str = "text/html", method: str = "GET", path: str = "/", **headers: str
) -> tuple[dict[str, str], bytes]:
    """Headers and body as they leave the server."""

    async def respond(_request: Request) -> Response:
        return Response(body, media_type=kind, headers={"etag": "as it was"})

    app = Starlette(
        routes=[Route("/{path:path}", respond)],
        middleware=[Middleware(Amended), Middleware(GZipMiddleware, minimum_size=10)],
    )
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": path, "headers": raw, "query_string": b""}
    asyncio.run(app(scope, asyncio.Event().wait, send))  # type: ignore[arg-type]
    start, *parts = sent
    found = {name.decode(): value.decode() for name, value in start["headers"]}
    return found, b"".join(part.get("body", b"") for part in parts)


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_the_script_stands_before_the_first_file_that_may_not_arrive(encoding: str) -> None:
    headers, body = get(accept_encoding=encoding)
    assert int(headers["content-length"]) == len(body)
    assert headers.get("content-encoding", "identity") == encoding
    page = gzip.decompress(body) if encoding == "gzip" else body
    assert page.count(RELOADS) == 1
    assert page.index(RELOADS) < page.index(b"main.js")
    assert "etag" not in headers, "a browser may have the page as it was"


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_the_toolbar_of_the_canvas_is_hidden(encoding: str) -> None:
    style = b".dc-toolbar{display:flex}" * 10
    headers, body = get(style, "text/css", path=STYLE_OF_CANVAS, accept_encoding=encoding)
    assert int(headers["content-length"]) == len(body)
    changed = gzip.decompress(body) if encoding == "gzip" else body
    assert changed.startswith(style)
    assert changed.rstrip().endswith(b".dc-toolbar{display:none!important}")


def test_everything_else_is_left_as_it_is() -> None:
    headers, body = get(kind="text/css", path="/static/a.css")
    assert (headers["etag"], body) == ("as it was", PAGE)
    headers, _body = get(method="HEAD")
    assert headers["content-length"] == str(len(PAGE))
