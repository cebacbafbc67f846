"""The script that reloads a page that stays blank: where it stands, and where it does not."""

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

from ui.start_page import ReloadsHalfPages

PAGE = b"<!DOCTYPE html><html><head><script src='main.js'></script></head><body></body></html>" * 10
RELOADS = b"location.reload()"


def get(
    body: bytes = PAGE, kind: str = "text/html", method: str = "GET", **headers: str
) -> tuple[dict[str, str], bytes]:
    """Headers and body as they leave the server."""

    async def respond(_request: Request) -> Response:
        return Response(body, media_type=kind, headers={"etag": "as it was"})

    app = Starlette(
        routes=[Route("/", respond)],
        middleware=[Middleware(ReloadsHalfPages), Middleware(GZipMiddleware, minimum_size=10)],
    )
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": "/", "headers": raw, "query_string": b""}
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


def test_everything_else_is_left_as_it_is() -> None:
    headers, body = get(kind="text/css")
    assert (headers["etag"], body) == ("as it was", PAGE)
    headers, _body = get(method="HEAD")
    assert headers["content-length"] == str(len(PAGE))
