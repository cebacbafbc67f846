"""The same work on several devices: a code that one browser shows links another one to it."""

import time
from collections.abc import Callable

from model.messages import N_, Message
from storage import devices as stored
from storage.writer import Writer
from visitors.codes import CodeError, Tries, new_code, typed
from visitors.identity import hash_of

# One of 8.5e11 codes.
_LENGTH = 8
MINUTES = 10
# Wrong codes within those minutes, of one browser and of all together.
_MAX_WRONG, _MAX_WRONG_OF_ALL = 5, 300


class Devices:
    """Every method may be called from any thread."""

    def __init__(self, writer: Writer, clock: Callable[[], float] = time.monotonic) -> None:
        """``clock`` gives seconds and never goes back."""
        self._writer = writer
        self._tries = Tries(_MAX_WRONG, _MAX_WRONG_OF_ALL, MINUTES, clock)

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
        code = new_code(_LENGTH)
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
        with self._tries.attempt(asked_by):
            if self._writer.change(stored.redeem, hash_of(typed(code)), browser) is None:
                raise CodeError(
                    Message(
                        N_(
                            "This code is not valid. A code has {count} letters and digits, works once, and "
                            "ends after {minutes} minutes: make a new one on the other device."
                        ),
                        {"count": _LENGTH, "minutes": MINUTES},
                    )
                )
