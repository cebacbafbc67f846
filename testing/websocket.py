"""A visitor without a browser: the websocket that Streamlit's own pages speak."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory

_PATH = "/_stcore/stream"
_MAX_SECONDS = 120


class Visitor:
    """``async with visitor(address) as somebody``: a session of its own, on no page yet."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    async def open(self, page: str) -> list[ForwardMsg]:
        """Go to ``page``, "" for the first one; returns all messages up to the end of its script.

        Raises:
            TimeoutError: it did not end within two minutes.
            RuntimeError: it failed.
        """
        request = BackMsg()
        request.rerun_script.page_name = page
        await self._connection.send(request.SerializeToString())
        async with asyncio.timeout(_MAX_SECONDS):
            messages = []
            while True:
                message = ForwardMsg.FromString(await self._connection.recv(decode=False))
                messages.append(message)
                if message.delta.new_element.WhichOneof("type") == "exception":
                    raise RuntimeError(f"{page} failed: {message.delta.new_element.exception.message}")
                if message.WhichOneof("type") == "script_finished" and (
                    message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
                ):
                    return messages


@asynccontextmanager
async def visitor(address: str) -> AsyncIterator[Visitor]:
    """Somebody who has never been at the ``address`` of a server."""
    url = address.replace("http", "ws", 1) + _PATH
    async with connect(url, subprotocols=["streamlit"], max_size=None, compression=None) as connection:  # type: ignore[list-item]
        yield Visitor(connection)


def says(messages: list[ForwardMsg], text: str) -> bool:
    """Whether ``text`` stands in any element among ``messages``."""
    return any(text.encode() in message.SerializeToString() for message in messages)


class Counted(ClientConnection):
    """A connection that counts its bytes on the network, headers included."""

    received = sent = 0

    def data_received(self, data: bytes) -> None:
        self.received += len(data)
        super().data_received(data)

    def send_data(self) -> None:
        self.sent += sum(map(len, self.protocol.writes))
        super().send_data()


async def as_a_browser(address: str, cookies: Mapping[str, str], session: str = "") -> Counted:
    """A websocket as Chromium opens it, compressed; of a ``session`` that has lost its own, if named."""
    protocols = ["streamlit", "none", session] if session else ["streamlit"]
    connection = await connect(
        address.replace("http", "ws", 1) + _PATH,
        subprotocols=protocols,  # type: ignore[arg-type]
        additional_headers={"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())},
        extensions=[ClientPerMessageDeflateFactory(client_max_window_bits=True)],
        compression=None,
        max_size=None,
        create_connection=Counted,
    )
    assert isinstance(connection, Counted)
    return connection
