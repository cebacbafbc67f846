"""A tab of a browser, without the browser: a session of its own that reruns pages as Streamlit's code does.

It keeps what is filled in, repeats the fragments that are to be repeated, follows changes of page, keeps the
visitor's cookie, and counts its bytes on the network as they are there, compressed.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from testing.answers import Answers, Rerun
from testing.shown import Shown, Widget
from testing.websocket import Counted, as_a_browser
from ui.base.session import COOKIE

T = TypeVar("T")

_KEEPER = "digitlab_visitor"
_MAX_SECONDS = 120


class BrokenTabError(Exception):
    """A session that ended by itself, or a page that did not become what it should have."""


class Tab:
    """``async with tab(address)``. ``heard`` gets every message as it came, if it is set, and ``told`` every
    one that was sent. ``secret`` is in the cookie of the browser; ``None`` until the server has given one."""

    def __init__(self, address: str, secret: str | None = None) -> None:
        self.address, self.secret = address, secret
        self.shown = Shown()
        self.heard: Callable[[bytes], None] | None = None
        self.told: list[BackMsg] | None = None
        self.problems: list[str] = []
        self.page = ""
        self._query, self._page_hash, self._session = "", "", ""
        self._values: dict[str, WidgetState] = {}
        self._answers = Answers()
        self._ticks: dict[str, asyncio.Task[None]] = {}
        self._news = asyncio.Event()
        self._bytes = 0
        self._connection: Counted | None = None
        self._listening: asyncio.Task[None] | None = None

    @property
    def reruns(self) -> list[Rerun]:
        """What was done here and answered, in the order of the answers."""
        return self._answers.reruns

    @property
    def bytes(self) -> int:
        """On the network, in both directions, headers included."""
        now = self._connection
        return self._bytes + (now.received + now.sent if now else 0)

    @property
    def errors(self) -> list[str]:
        """What it has shown as an error, and how it broke."""
        return [*self.shown.errors, *self.problems]

    @property
    def is_open(self) -> bool:
        """Whether there is a connection."""
        return self._listening is not None and not self._listening.done()

    async def connect(self) -> None:
        """Open the websocket, as the same session if it had one that the server still has."""
        cookies = {COOKIE: self.secret} if self.secret else {}
        connection = await as_a_browser(self.address, cookies, self._session)
        self._connection = connection
        self._listening = asyncio.create_task(self._listen(connection))

    async def close(self) -> None:
        """Leave, as a tab that is closed."""
        self._stop_ticks()
        listening, connection = self._listening, self._connection
        self._listening = self._connection = None
        if listening:
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening
        if connection:
            self._bytes += connection.received + connection.sent
            await connection.close()

    async def open(self, page: str, query: str = "") -> None:
        """Go to ``page``, "" for the first one, as by typing its address, and wait until it is there."""
        self.page, self._query, self._page_hash = page, query, ""
        self._values = {}
        await self._ask(f"open {page}", "")

    async def reconnect(self) -> None:
        """Come back after the connection was lost, or with another cookie; as the same session if the server
        still has it. What is on the page is asked for again with the next visit or rerun."""
        await self.close()
        await self.connect()

    async def rerun(self) -> None:
        """Let the whole page run again."""
        await self._ask("rerun", "")

    async def press(self, key: str) -> None:
        """Press a button, by its key or label, and wait until the page has answered."""
        button = self.widget(key)
        state = WidgetState(id=button.id, trigger_value=True)
        await self._ask(f"press {key}", button.fragment, [state])

    async def fill(self, key: str, value: Any, waits: bool = True) -> None:
        """Give a widget a value: text, several texts, a truth value, or what a component of our own sends as
        JSON. What is in a form is sent with its button: then it does not wait."""
        widget = self.widget(key)
        state = WidgetState(id=widget.id)
        if widget.element.HasField("bidi_component"):
            state.json_value = json.dumps(value)
        elif isinstance(value, bool):
            state.bool_value = value
        elif isinstance(value, list):
            state.string_array_value.data.extend(value)
        else:
            state.string_value = value
        self._values[widget.id] = state
        if waits:
            await self._ask(f"fill {key}", widget.fragment)

    def widget(self, key: str) -> Widget:
        """The widget with this key or label.

        Raises:
            BrokenTabError: there is none on the page.
        """
        found = self.shown.widget(key)
        if found is None:
            raise BrokenTabError(f"no widget {key} on {self.page}, which shows {self.shown.headings()}")
        return found

    async def until(
        self, condition: Callable[[Shown], object], what: str, seconds: float = _MAX_SECONDS
    ) -> None:
        """Wait until the page is as it should be.

        Raises:
            BrokenTabError: it was not, for so many ``seconds``, or the session broke.
        """
        try:
            async with asyncio.timeout(seconds):
                while not condition(self.shown):
                    self._check()
                    news = self._news
                    await news.wait()
        except TimeoutError:
            shows = (self.shown.headings(), self.errors[-3:])
            raise BrokenTabError(
                f"{what} did not come within {seconds} s; {self.page} shows {shows}"
            ) from None

    async def send(self, message: BackMsg) -> None:
        """Send any message, as it is."""
        self._check()
        assert self._connection is not None
        if self.told is not None:
            self.told.append(message)
        await self._connection.send(message.SerializeToString())

    def _check(self) -> None:
        if self._connection is None:
            raise BrokenTabError("it is closed")
        if not self.is_open:
            raise BrokenTabError(f"the session broke: {self.problems[-1:]}")

    async def _ask(self, what: str, fragment: str, triggers: list[WidgetState] | None = None) -> None:
        """Let the page run, or a fragment of it, and wait for its end."""
        answer = self._answers.expect(what, fragment)
        await self._rerun(fragment, triggers)
        try:
            async with asyncio.timeout(_MAX_SECONDS):
                await answer
        except TimeoutError:
            raise BrokenTabError(f"no answer to {what} within {_MAX_SECONDS} s") from None

    async def _rerun(
        self, fragment: str = "", triggers: list[WidgetState] | None = None, is_tick: bool = False
    ) -> None:
        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.fragment_id, state.is_auto_rerun = self._query, fragment, is_tick
        if self._page_hash:
            state.page_script_hash = self._page_hash
        else:
            state.page_name = self.page
        state.widget_states.widgets.extend([*self._values.values(), *(triggers or [])])
        state.cached_message_hashes.extend(self.shown.kept)
        state.context_info.url = f"{self.address}/{self.page}"
        state.context_info.locale = "en-US"
        await self.send(message)

    async def _listen(self, connection: Counted) -> None:
        try:
            async for content in connection:
                assert isinstance(content, bytes)
                if self.heard:
                    self.heard(content)
                self._take(ForwardMsg.FromString(content))
        except Exception as error:
            self.problems.append(f"broken: {error!r}")
        else:
            self.problems.append("the server has closed the session")
        finally:
            self._stop_ticks()
            self._answers.give_up(BrokenTabError(f"the session broke: {self.problems[-1:]}"))
            self._tell()

    def _take(self, message: ForwardMsg) -> None:
        errors = len(self.shown.errors)
        self.shown.take(message)
        match message.WhichOneof("type"):
            case "new_session":
                self._begin(message)
            case "navigation":
                way = message.navigation
                self._page_hash = way.page_script_hash
                names = {page.page_script_hash: page.url_pathname for page in way.app_pages}
                self.page = names[self._page_hash]
            case "auto_rerun":
                self._tick(message.auto_rerun.fragment_id, message.auto_rerun.interval)
            case "stop_auto_rerun":
                for fragment in message.stop_auto_rerun.fragment_ids:
                    self._stop_tick(fragment)
            case "page_info_changed":
                self._query = message.page_info_changed.query_string
            case "delta":
                self._keep_cookie(message)
            case "script_finished":
                if message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    self._finish()
        if len(self.shown.errors) > errors:
            self._tell()

    def _begin(self, message: ForwardMsg) -> None:
        new, fragments = message.new_session, message.metadata.run.fragment_ids
        self._session = new.initialize.session_id
        self._answers.begin(fragments)
        if not fragments:
            self._stop_ticks()

    def _finish(self) -> None:
        self._answers.finish()
        shown = self.shown.ids()
        self._values = {name: state for name, state in self._values.items() if name in shown}
        self._tell()

    def _keep_cookie(self, message: ForwardMsg) -> None:
        component = message.delta.new_element.bidi_component
        if component.component_name.endswith(_KEEPER):
            self.secret = json.loads(component.json)["secret"]

    def _tick(self, fragment: str, interval: float) -> None:
        async def again() -> None:
            while True:
                await asyncio.sleep(interval)
                await self._rerun(fragment, is_tick=True)

        self._stop_tick(fragment)
        self._ticks[fragment] = asyncio.create_task(again())

    def _stop_tick(self, fragment: str) -> None:
        if task := self._ticks.pop(fragment, None):
            task.cancel()

    def _stop_ticks(self) -> None:
        for fragment in list(self._ticks):
            self._stop_tick(fragment)

    def _tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()


def run_apart(lesson: Coroutine[Any, Any, T]) -> T:
    """In a thread of its own: in a test's, Playwright's loop may be running."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, lesson).result()


@asynccontextmanager
async def tab(address: str, secret: str | None = None) -> AsyncIterator[Tab]:
    """A new tab in a browser that has this ``secret`` in its cookie, on no page yet."""
    opened = Tab(address, secret)
    await opened.connect()
    try:
        yield opened
    finally:
        await opened.close()
