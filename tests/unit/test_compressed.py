"""Scripts that are compressed once: what a browser gets, and how often the app behind is asked."""

import asyncio
import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from ui.compressed import CompressedOnce

SCRIPT = b"const answer = 42;\n" * 1_000
_FOREVER = {"cache-control": "public, immutable, max-age=31536000"}


class Served:
    """The middleware around an app that counts what it is asked for."""

    def __init__(self, script: Callable[[], Response] | None = None) -> None:
        self._script = script or (lambda: Response(SCRIPT, media_type="text/javascript", headers=_FOREVER))
        self.asked: list[str] = []
        self._app = CompressedOnce(Starlette(routes=[Route("/{path:path}", self._respond)]))

    async def _respond(self, request: Request) -> Response:
        self.asked.append(request.url.path)
        if "missing" in request.url.path:
            return Response(b"<html>" * 200, media_type="text/html", headers={"cache-control": "no-cache"})
        return self._script()

    def get(self, path: str, leaves: bool = False, **headers: str) -> tuple[dict[str, str], bytes]:
        """Headers and body as they leave the server, for a browser that ``leaves`` once it has asked."""
        return asyncio.run(self._get(path, headers, leaves))

    def get_at_once(self, path: str, times: int) -> None:
        async def get_all() -> None:
            await asyncio.gather(*(self._get(path, {"accept-encoding": "gzip"}) for _ in range(times)))

        asyncio.run(get_all())

    async def _get(
        self, path: str, headers: dict[str, str], leaves: bool = False
    ) -> tuple[dict[str, str], bytes]:
        sent: list[Any] = []

        async def receive() -> Any:
            if leaves:
                return {"type": "http.disconnect"}
            return await asyncio.Future()

        async def send(message: Any) -> None:
            sent.append(message)

        raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        scope = {"type": "http", "method": "GET", "path": path, "headers": raw, "query_string": b""}
        await self._app(scope, receive, send)
        found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return found, b"".join(message.get("body", b"") for message in sent[1:])


@pytest.fixture
def served() -> Served:
    return Served()


def test_a_script_travels_compressed_and_is_the_same_script(served: Served) -> None:
    headers, body = served.get("/static/js/a.js", accept_encoding="gzip, deflate")
    assert headers["content-encoding"] == "gzip"
    assert "immutable" in headers["cache-control"]
    assert len(body) < len(SCRIPT) / 10
    assert gzip.decompress(body) == SCRIPT


def test_the_app_is_asked_once_for_a_script_however_many_want_it(served: Served) -> None:
    served.get_at_once("/static/js/a.js", times=30)
    served.get("/static/js/a.js", accept_encoding="gzip")
    assert served.asked == ["/static/js/a.js"]
    served.get("/static/js/b.js", accept_encoding="gzip")
    assert len(served.asked) == 2


def test_the_address_may_begin_with_a_folder(served: Served) -> None:
    served.get("/lab/static/js/a.js", accept_encoding="gzip")
    served.get("/lab/static/js/a.js", accept_encoding="gzip")
    assert len(served.asked) == 1


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/static/js/a.js", {}),
        ("/static/js/a.js", {"accept_encoding": "br"}),
        ("/static/js/a.js", {"accept_encoding": "gzip", "range": "bytes=0-9"}),
        ("/static/js/a.js", {"accept_encoding": "gzip", "if_none_match": '"x"'}),
        ("/static/media/font.woff2", {"accept_encoding": "gzip"}),
        ("/_stcore/health", {"accept_encoding": "gzip"}),
        ("/learn", {"accept_encoding": "gzip"}),
    ],
)
def test_what_is_no_whole_script_for_everybody_is_left_to_the_app(
    served: Served, path: str, headers: dict[str, str]
) -> None:
    for _ in range(2):
        found, body = served.get(path, False, **headers)
        assert "content-encoding" not in found
        assert body == SCRIPT
    assert len(served.asked) == 2


def test_a_browser_that_leaves_does_not_spoil_the_file_for_the_others(tmp_path: Path) -> None:
    file = tmp_path / "a.js"
    file.write_bytes(SCRIPT * 50)
    served = Served(lambda: FileResponse(file, headers=_FOREVER))
    served.get("/static/js/a.js", leaves=True, accept_encoding="gzip")
    _headers, body = served.get("/static/js/a.js", accept_encoding="gzip")
    assert gzip.decompress(body) == SCRIPT * 50


@pytest.mark.parametrize("path", ["/static//js/a.js", "/static/./js/a.js", "/static/js/../js/a.js"])
def test_a_file_is_kept_under_one_name_only(served: Served, path: str) -> None:
    for _ in range(2):
        served.get(path, accept_encoding="gzip")
    assert len(served.asked) == 2


def test_a_browser_keeps_the_files_of_a_component_and_the_app_is_asked_once() -> None:
    served = Served(lambda: Response(SCRIPT, media_type="text/css", headers={"cache-control": "public"}))
    for _ in range(2):
        headers, body = served.get("/lab/_stcore/bidi-components/canvas/a.css", accept_encoding="gzip")
        assert gzip.decompress(body) == SCRIPT
        assert headers["cache-control"] == "public, max-age=86400"
    assert len(served.asked) == 1


def test_that_a_file_of_a_component_is_missing_is_not_kept() -> None:
    served = Served(lambda: Response(b"not found", 404))
    for _ in range(2):
        headers, _body = served.get("/_stcore/bidi-components/canvas/a.css", accept_encoding="gzip")
        assert "cache-control" not in headers
    assert len(served.asked) == 2


def test_the_start_page_in_place_of_a_missing_script_is_not_kept(served: Served) -> None:
    for _ in range(2):
        _found, body = served.get("/static/js/missing.js", accept_encoding="gzip")
        assert gzip.decompress(body).startswith(b"<html>")
    assert len(served.asked) == 2
