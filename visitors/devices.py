"""The same work on several devices: a code that one browser shows links another one to it."""

import secrets
import threading
import time
from collections.abc import Callable

from cachetools import TTLCache

from model.messages import N_, Message, MessageError
from storage import devices as stored
from storage.writer import Writer
from visitors.identity import hash_of

# Without those that look alike: 0 and O, 1, I and L. Eight of them are one of 8.5e11 codes.
_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_LENGTH = 8
MINUTES = 10
# Wrong codes within those minutes, of one browser and of all together.
_MAX_WRONG, _MAX_WRONG_OF_ALL = 5, 300
_ALL = ""


class CodeError(MessageError):
    """A code that does not link, or too many of those."""


class Devices:
    """Every method may be called from any thread."""

    def __init__(self, writer: Writer, clock: Callable[[], float] = time.monotonic) -> None:
        """``clock`` gives seconds and never goes back."""
        self._writer = writer
        self._lock = threading.Lock()
        # How many wrong codes a browser has sent, forgotten some minutes after the last one.
        self._wrong: TTLCache[str, int] = TTLCache(10_000, 60 * MINUTES, clock)

    def visitor_of(self, browser: str) -> str | None:
        """Whose work the ``browser`` finds, which is known by the hash of its secret: its own, or that of the
        one that it was linked to; ``None`` where that was forgotten, and it needs another secret.

        Raises:
            StorageError: the database does not answer.
        """
        own: str | None = browser
        return self._writer.read(own, stored.visitor_of, browser)

    def new_code(self, visitor: str) -> str:
        """A code for one other browser, valid for ``MINUTES``; the one before it is not any more.

        Raises:
            CodeError: without a database no code can be kept.
            StorageError: the database cannot be written to now.
        """
        if self._writer.database is None:
            raise CodeError(Message(N_("Nothing is saved here, so no other device can find it.")))
        code = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
        self._writer.change(stored.put_code, hash_of(code), visitor, 60.0 * MINUTES)
        half = _LENGTH // 2
        return f"{code[:half]}-{code[half:]}"

    def link(self, code: str, browser: str, asked_by: str) -> None:
        """Let the ``browser``, known by the hash of its secret, find the work that ``code`` stands for, which
        links no other one. ``asked_by`` is whose wrong codes are counted.

        Raises:
            CodeError: the code is not valid, or too many were not.
            StorageError: the database cannot be written to now.
        """
        self._check_tries(asked_by)
        typed = "".join(letter for letter in code.upper() if letter in _LETTERS)
        if self._writer.change(stored.redeem, hash_of(typed), browser) is None:
            self._count_wrong(asked_by)
            raise CodeError(
                Message(
                    N_(
                        "This code is not valid. A code has {count} letters and digits, works once, and "
                        "ends after {minutes} minutes: make a new one on the other device."
                    ),
                    {"count": _LENGTH, "minutes": MINUTES},
                )
            )

    def _check_tries(self, asked_by: str) -> None:
        with self._lock:
            own, all_together = self._wrong.get(asked_by, 0), self._wrong.get(_ALL, 0)
        if own >= _MAX_WRONG or all_together >= _MAX_WRONG_OF_ALL:
            raise CodeError(
                Message(N_("Too many wrong codes. Try again in {minutes} minutes."), {"minutes": MINUTES})
            )

    def _count_wrong(self, asked_by: str) -> None:
        with self._lock:
            for whose in (asked_by, _ALL):
                self._wrong[whose] = self._wrong.get(whose, 0) + 1
