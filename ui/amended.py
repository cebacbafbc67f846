"""Answers of Streamlit's with something added on their way to the browser.

The start page gets a script that reloads a page that stays blank. On wifi that drops connections pages
stayed blank for two reasons: a browser does not ask again for a module that it could not load, and
Streamlit's page crashes ("'setIn' cannot be called on an ElementNode") where what comes after reconnecting
does not fit what is shown.

The canvas' style hides the canvas' own toolbar. Unseen, it lies over the upper right of every pad until a
mouse is there: with a finger a stroke that began there was lost, or its Reset or Edit was pressed.
"""

import gzip
from collections.abc import Callable
from functools import cache
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEAD = b"<head>"
_CANVAS = "/streamlit-drawable-canvas."
# The canvas writes how it is shown into the element itself.
_NO_TOOLBAR = b"\n.dc-toolbar{display:none!important}\n"
# What says that an answer is as it was: of the answer without the addition.
_UNCHANGED = ("etag", "last-modified")


class Amended:
    """ASGI middleware around what may have compressed the answers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        start: Message | None = None
        amend: Callable[[bytes], bytes] | None = None
        body = b""

        async def change(message: Message) -> None:
            nonlocal start, amend, body
            if message["type"] == "http.response.start" and (amend := _amendment(scope, message)):
                start = message
            elif start is None or amend is None:
                await send(message)
            else:
                body += message.get("body", b"")
                if not message.get("more_body"):
                    headers = MutableHeaders(raw=start["headers"])
                    if "content-encoding" in headers:
                        body = gzip.compress(amend(gzip.decompress(body)))
                    else:
                        body = amend(body)
                    headers["content-length"] = str(len(body))
                    for name in _UNCHANGED:
                        del headers[name]
                    await send(start)
                    await send({"type": "http.response.body", "body": body})

        is_asked = scope["type"] == "http" and scope["method"] == "GET"
        await self._app(scope, receive, change if is_asked else send)


def _amendment(scope: Scope, start: Message) -> Callable[[bytes], bytes] | None:
    """What is to be done to the body of an answer that starts so, if anything."""
    headers = Headers(raw=start["headers"])
    if start["status"] != 200 or headers.get("content-encoding", "gzip") != "gzip":
        return None
    kind = headers.get("content-type", "")
    if kind.startswith("text/html"):
        return _with_script
    if kind.startswith("text/css") and _CANVAS in scope["path"]:
        return _without_toolbar
    return None


def _with_script(page: bytes) -> bytes:
    return page.replace(_HEAD, _HEAD + _script(), 1)


def _without_toolbar(style: bytes) -> bytes:
    return style + _NO_TOOLBAR


@cache
def _script() -> bytes:
    text = Path(__file__).with_name("start_page.js").read_text(encoding="utf-8")
    return f"\n<script>\n{text}</script>".encode()
