"""Streamlit's start page on its way to the browser, with a script that reloads a page that stays blank.

On wifi that drops connections pages stayed blank for two reasons: a browser does not ask again for a module
that it could not load, and Streamlit's page crashes ("'setIn' cannot be called on an ElementNode") where what
comes after reconnecting does not fit what is shown.
"""

import gzip
from functools import cache
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_BEFORE = b"<head>"
# What says that the page is as it was: of the page without the script.
_UNCHANGED = ("etag", "last-modified")


class ReloadsHalfPages:
    """ASGI middleware around what may have compressed the page."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        start: Message | None = None
        body = b""

        async def change(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start" and _is_page(message):
                start = message
            elif start is None:
                await send(message)
            else:
                body += message.get("body", b"")
                if not message.get("more_body"):
                    headers = MutableHeaders(raw=start["headers"])
                    changed = _changed(body, is_compressed="content-encoding" in headers)
                    headers["content-length"] = str(len(changed))
                    for name in _UNCHANGED:
                        del headers[name]
                    await send(start)
                    await send({"type": "http.response.body", "body": changed})

        is_asked = scope["type"] == "http" and scope["method"] == "GET"
        await self._app(scope, receive, change if is_asked else send)


def _is_page(message: Message) -> bool:
    headers = Headers(raw=message["headers"])
    return (
        message["status"] == 200
        and headers.get("content-type", "").startswith("text/html")
        and headers.get("content-encoding", "gzip") == "gzip"
    )


def _changed(body: bytes, is_compressed: bool) -> bytes:
    if is_compressed:
        return gzip.compress(_changed(gzip.decompress(body), is_compressed=False))
    return body.replace(_BEFORE, _BEFORE + _script(), 1)


@cache
def _script() -> bytes:
    text = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
    return f"\n<script>\n{text}</script>".encode()
