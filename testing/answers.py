"""What somebody has asked of a page, and when it was answered."""

import asyncio
import time
from collections.abc import Collection
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Rerun:
    """What somebody did, when by ``time.monotonic``, and the seconds until the page had answered."""

    what: str
    at: float
    seconds: float


@dataclass
class _Asked:
    what: str
    at: float
    fragment: str
    answer: asyncio.Future[None]
    is_begun: bool = False


@dataclass
class Answers:
    """``reruns`` are those that came."""

    reruns: list[Rerun] = field(default_factory=list)
    _waiting: list[_Asked] = field(default_factory=list)

    def expect(self, what: str, fragment: str) -> asyncio.Future[None]:
        """Somebody asks the page, or a ``fragment`` of it, now; done with its answer."""
        answer = asyncio.get_running_loop().create_future()
        self._waiting.append(_Asked(what, time.monotonic(), fragment, answer))
        return answer

    def begin(self, fragments: Collection[str]) -> None:
        """A run of these fragments begins, or of the whole page. That is the answer to everything: a fragment
        that it replaces runs no more."""
        for asked in self._waiting:
            asked.is_begun = asked.is_begun or not fragments or asked.fragment in fragments

    def finish(self) -> None:
        """The run has ended, and no other one takes its place."""
        now = time.monotonic()
        for asked in [asked for asked in self._waiting if asked.is_begun]:
            self._waiting.remove(asked)
            self.reruns.append(Rerun(asked.what, asked.at, now - asked.at))
            if not asked.answer.done():
                asked.answer.set_result(None)

    def give_up(self, error: Exception) -> None:
        """No answer will come."""
        for asked in self._waiting:
            if not asked.answer.done():
                asked.answer.set_exception(error)
                # Nobody may be waiting: who asks while the connection breaks is told by that.
                asked.answer.exception()
        self._waiting = []
