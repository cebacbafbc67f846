"""Texts as data: a message id with its parameters, translated only where a page shows it.

The message id is the English sentence, so that a floor without translations still speaks
plain English when it raises or logs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


def N_(text: str) -> str:
    """Mark ``text`` for the translation catalogues and return it unchanged."""
    return text


@dataclass(frozen=True)
class Message:
    """A gettext message id and the values for its ``{placeholders}``."""

    text: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text.format(**self.values)


class MessageError(Exception):
    """An error that a page can show to a pupil: its ``message`` says what to do."""

    def __init__(self, message: Message) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return str(self.message)
