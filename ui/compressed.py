"""Streamlit's scripts and styles on their way to the browser, and the canvas', compressed once and kept.

Streamlit leaves its own files to a proxy to compress, since its middleware would compress them anew for
every visitor. A class server has no proxy, and thirty browsers that fetch 7 MB each on the first visit.
gzip, because a browser takes nothing better over plain http.

It does not say how long a browser may keep the files of a component. Without that the canvas' script came
again with every reload, and its style with every canvas, which stood too low until the style was there: what
was drawn meanwhile went to the wrong place.
"""

import asyncio
import posixpath

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_COMPONENTS = "/_stcore/bidi-components/"
_FOLDERS = ("/static/", _COMPONENTS)
# A day: the name of the canvas' style says nothing of its content, which another version may change.
_COMPONENT_CACHING = "public, max-age=86400"
_KINDS = (".js", ".css")
# What asks for a part of a file, or whether it has changed.
_CONDITIONS = ("range", "if-none-match", "if-modified-since")


class CompressedOnce:
    """ASGI middleware. Files that are the same for everybody are kept compressed in this process: 7 MB, if
    all of them are asked for."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._compress = GZipMiddleware(app)
        self._kept: dict[str, list[Message]] = {}
        self._at_work = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _is_for_all(scope):
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        response = self._kept.get(path)
        if response is None:
            # Thirty browsers ask for the same file in the same second.
            async with self._at_work:
                response = self._kept.get(path) or await self._respond(scope)
                headers = MutableHeaders(raw=response[0]["headers"])
                if _COMPONENTS in path and response[0]["status"] == 200:
                    headers["cache-control"] = _COMPONENT_CACHING
                # Not what Streamlit answers for a file that is not there: its start page, or an error.
                if "max-age" in headers.get("cache-control", ""):
                    self._kept[path] = response
        for message in response:
            await send(message)

    async def _respond(self, scope: Scope) -> list[Message]:
        response: list[Message] = []

        async def keep(message: Message) -> None:
            response.append(message)

        await self._compress(scope, _nobody_leaves, keep)
        return response


async def _nobody_leaves() -> Message:
    """In place of what the first browser says: what is compressed is for all, even if that one leaves."""
    never: asyncio.Future[Message] = asyncio.Future()
    return await never


def _is_for_all(scope: Scope) -> bool:
    """A whole script or style, by its one name, for a browser that takes it compressed."""
    if scope["type"] != "http" or scope["method"] != "GET":
        return False
    headers = Headers(scope=scope)
    return (
        any(folder in scope["path"] for folder in _FOLDERS)
        and scope["path"].endswith(_KINDS)
        and posixpath.normpath(scope["path"]) == scope["path"]
        and "gzip" in headers.get("accept-encoding", "")
        and not any(name in headers for name in _CONDITIONS)
    )
