"""Codes that people type: short, without letters and digits that look alike, not to be found by trying."""

import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from cachetools import LRUCache

from model.messages import N_, Message, MessageError

# Without 0 and O, 1, I and L.
_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"


class CodeError(MessageError):
    """A code that is not valid, or too many of those."""


def new_code(length: int) -> str:
    """One of 31^length codes."""
    return "".join(secrets.choice(_LETTERS) for _ in range(length))


def typed(text: str) -> str:
    """The code that somebody has typed, in small letters or with hyphens perhaps."""
    return "".join(letter for letter in text.upper() if letter in _LETTERS)


class Tries:
    """How many wrong codes there were. Every method may be called from any thread."""

    def __init__(
        self, most: int, most_of_all: int, minutes: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Of one asker so many in those ``minutes``, and of all together; ``clock`` gives seconds and never
        goes back."""
        self._most, self._most_of_all, self._minutes = most, most_of_all, minutes
        self._lock = threading.Lock()
        self._clock = clock
        # When each was, the oldest first.
        self._wrong: LRUCache[str | None, deque[float]] = LRUCache(10_000)

    @contextmanager
    def attempt(self, asked_by: str) -> Iterator[None]:
        """A code is looked up inside of this, which counts as a wrong one unless that ends without a
        ``CodeError``: of many at the same moment no more are looked up than may be.

        Raises:
            CodeError: there were too many wrong ones.
        """
        moment = self._count(asked_by)
        try:
            yield
        except CodeError:
            raise
        except BaseException:
            self._take_back(asked_by, moment)
            raise
        else:
            self._take_back(asked_by, moment)

    def _count(self, asked_by: str) -> float:
        with self._lock:
            own, all_together = self._recent(asked_by), self._recent(None)
            if len(own) >= self._most or len(all_together) >= self._most_of_all:
                text = N_("Too many wrong codes. Try again in {minutes} minutes.")
                raise CodeError(Message(text, {"minutes": self._minutes}))
            moment = self._clock()
            for whose, moments in ((asked_by, own), (None, all_together)):
                moments.append(moment)
                self._wrong[whose] = moments
            return moment

    def _take_back(self, asked_by: str, moment: float) -> None:
        with self._lock:
            for whose in (asked_by, None):
                with suppress(ValueError):
                    self._recent(whose).remove(moment)

    def _recent(self, whose: str | None) -> deque[float]:
        moments = self._wrong.get(whose) or deque()
        while moments and moments[0] <= self._clock() - 60 * self._minutes:
            moments.popleft()
        return moments
