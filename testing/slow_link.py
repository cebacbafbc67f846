"""A network link in between a browser and a server: slow, far away, and shared by all who use it."""

import asyncio
import random
import threading
from contextlib import suppress
from urllib.parse import urlsplit

_CHUNK = 16_384
_MAX_ON_THE_WAY = 64


class SlowLink:
    """``with SlowLink(address, ...) as link``: the server at ``address`` is at ``link.address`` too.

    ``bits_per_second`` to the browsers are shared by all connections, in the order in which the server
    answers; ``None`` for no limit. What browsers send is little, and not limited. Each direction takes half
    of ``round_trip_seconds``. With ``drops_per_second`` some of the connections, at random, break without a
    word. ``received`` counts the bytes that have reached browsers, ``dropped`` the broken connections.
    """

    def __init__(
        self,
        address: str,
        bits_per_second: float | None,
        round_trip_seconds: float,
        drops_per_second: float = 0.0,
    ) -> None:
        parts = urlsplit(address)
        self._server = (parts.hostname, parts.port)
        self._seconds_per_byte = 8 / bits_per_second if bits_per_second else 0.0
        self._delay = round_trip_seconds / 2
        self._is_free_at = 0.0
        self._drops_per_second = drops_per_second
        self._open: set[tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = set()
        self.received = self.dropped = 0
        self.address = ""

    def __enter__(self) -> "SlowLink":
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        listening = asyncio.start_server(self._connect, "127.0.0.1", 0)
        self._listener = asyncio.run_coroutine_threadsafe(listening, self._loop).result()
        if self._drops_per_second:
            asyncio.run_coroutine_threadsafe(self._drop(), self._loop)
        self.address = f"http://127.0.0.1:{self._listener.sockets[0].getsockname()[1]}"
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _close(self) -> None:
        self._listener.close()
        open_ones = asyncio.all_tasks() - {asyncio.current_task()}
        for task in open_ones:
            task.cancel()
        await asyncio.gather(*open_ones, return_exceptions=True)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Who is still connected when the link closes is no error.
        with suppress(ConnectionError, asyncio.CancelledError):
            # A connection is there and back before it carries anything.
            await asyncio.sleep(2 * self._delay)
            from_server, to_server = await asyncio.open_connection(*self._server)
            self._open.add(both := (writer, to_server))
            try:
                await asyncio.gather(
                    self._carry(reader, to_server, to_browser=False),
                    self._carry(from_server, writer, to_browser=True),
                )
            finally:
                self._open.discard(both)
        writer.close()

    async def _drop(self) -> None:
        with suppress(asyncio.CancelledError):
            while True:
                await asyncio.sleep(random.expovariate(self._drops_per_second))
                if self._open:
                    for end in random.choice(list(self._open)):
                        end.transport.abort()
                    self.dropped += 1

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, to_browser: bool
    ) -> None:
        """Each chunk arrives at its time; others are on their way meanwhile. An empty one is the end."""
        on_the_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(_MAX_ON_THE_WAY)

        async def send() -> None:
            chunk = b"?"
            while chunk:
                chunk = await reader.read(_CHUNK)
                leaves = self._loop.time()
                if to_browser:
                    leaves = max(leaves, self._is_free_at) + len(chunk) * self._seconds_per_byte
                    self._is_free_at = leaves
                await on_the_way.put((leaves + self._delay, chunk))

        async def arrive() -> None:
            chunk = b"?"
            while chunk:
                at, chunk = await on_the_way.get()
                await asyncio.sleep(at - self._loop.time())
                writer.write(chunk)
                await writer.drain()
                if to_browser:
                    self.received += len(chunk)

        # A browser that has left may break either end.
        with suppress(ConnectionError):
            await asyncio.gather(send(), arrive())
        writer.close()
