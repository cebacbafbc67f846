"""A pupil on bad wifi, without a browser: whose connection breaks, who comes back, and draws on."""

import asyncio
import re
import time
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from websockets.exceptions import WebSocketException

from testing.lesson_over_the_wire import Pupil, Submitted, asks
from testing.shown import Shown
from testing.tab import BrokenTabError, Tab

_DRAWN = re.compile(r"Drawn: (\d+)")
# Browsers fetch so many files at once, and Streamlit's page waits so long before it connects again.
_AT_ONCE, _AGAIN_SECONDS = 6, 0.5
_BROKEN = (BrokenTabError, WebSocketException, OSError, asyncio.IncompleteReadError)


@dataclass
class PatientPupil:
    """``submitted`` are the digits that the page has taken, with the moment when it said so by
    ``time.monotonic``; ``taken_back`` those that it asked for again later. ``arrived`` is how many seconds
    after the visit there were a pad and a seat, ``breaks`` how often the connection broke."""

    address: str
    code: str
    seed: int
    files: list[str] = field(default_factory=list)
    submitted: list[tuple[Submitted, float]] = field(default_factory=list)
    taken_back: list[tuple[Submitted, float]] = field(default_factory=list)
    arrived: float | None = None
    breaks: int = 0
    visitor: str = ""
    _begun: Submitted | None = None
    _seat_code: str = ""
    _is_on_new_device: bool = False

    def __post_init__(self) -> None:
        self._pupil = Pupil(Tab(self.address), self.seed)

    async def arrive(self) -> None:
        """With a cold profile: the page's files, then a seat and a pad."""
        began = time.monotonic()
        await self._fetch_files()
        await self._until_drawing()
        self.arrived = time.monotonic() - began
        self.visitor, self._seat_code = self._pupil.visitor, self._pupil.seat_code

    async def draw(self, count: int) -> None:
        """Until so many digits are handed in, whatever breaks meanwhile."""
        while True:
            await self._until_drawing()
            with suppress(*_BROKEN):
                self._settle()
                if len(self.submitted) >= count:
                    return
                await asyncio.sleep(self._pupil.chance.uniform(1, 3))
                self._begun = await self._pupil.begin()
                await self._pupil.tab.press("submit")
                await self._pupil.tab.until(self._has_taken, "the next digit")

    async def reload(self) -> None:
        """The same browser, a new page; what was on the pad is gone."""
        await self._pupil.tab.close()
        self._pupil.tab = Tab(self.address, self._pupil.tab.secret)
        await self._fetch_files()

    async def change_device(self) -> None:
        """Another browser, which finds the seat by its code."""
        await self._pupil.tab.close()
        self._pupil.tab, self._is_on_new_device = Tab(self.address), True
        await self._fetch_files()
        await self._until_drawing()

    async def leave(self) -> None:
        await self._pupil.tab.close()

    def _has_taken(self, page: Shown) -> bool:
        return _drawn(page) > len(self.submitted)

    def _settle(self) -> None:
        """What has become of the digit that was handed in last, by what the page says."""
        drawn, now = _drawn(self._pupil.tab.shown), time.monotonic()
        if self._begun and drawn == len(self.submitted) + 1:
            self.submitted.append((self._begun, now))
        self._begun = None
        self.taken_back += self.submitted[drawn:]
        del self.submitted[drawn:]

    async def _until_drawing(self) -> None:
        """Connect as often as it takes, until a digit is asked for."""
        tab = self._pupil.tab
        while not (tab.is_open and asks(tab.shown)):
            try:
                if not tab.is_open:
                    await tab.reconnect()
                    # As a page does that has lost its connection.
                    await (tab.rerun() if tab.page else self._join())
                if not asks(tab.shown):
                    await self._join()
            except _BROKEN:
                self.breaks += 1
                await asyncio.sleep(_AGAIN_SECONDS)

    async def _join(self) -> None:
        tab = self._pupil.tab
        if self._is_on_new_device:
            await self._pupil.come_back(self.code, self._seat_code)
            self._is_on_new_device = False
            return
        await tab.open("join", f"room={self.code}")
        if tab.shown.widget("still_here"):
            await tab.press("still_here")
        elif tab.shown.widget("Join"):
            await tab.press("Join")
        await tab.until(asks, "a digit to draw")

    async def _fetch_files(self) -> None:
        lanes = asyncio.Semaphore(_AT_ONCE)

        async def fetch(path: str) -> None:
            async with lanes:
                while not await self._is_fetched(path):
                    self.breaks += 1
                    await asyncio.sleep(_AGAIN_SECONDS)

        await asyncio.gather(*map(fetch, self.files))

    async def _is_fetched(self, path: str) -> bool:
        """Whether a file came whole."""
        to = urlsplit(self.address)
        asked = (f"GET {path} HTTP/1.1", f"Host: {to.netloc}", "Accept-Encoding: gzip", "Connection: close")
        try:
            reader, writer = await asyncio.open_connection(to.hostname, to.port)
            writer.write("\r\n".join([*asked, "", ""]).encode())
            head, _, body = (await reader.read(-1)).partition(b"\r\n\r\n")
            writer.close()
        except OSError:
            return False
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        return b" 200 " in head[:20] and (length is None or len(body) == int(length[1]))


def _drawn(page: Shown) -> int:
    """How many digits the page says were drawn."""
    for element in page.elements:
        if found := _DRAWN.search(element.markdown.body):
            return int(found[1])
    return 0
