"""What the report of a lesson is made of."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_BOLD = re.compile(r"\*\*(.+?)\*\*")


class Html(str):
    """Text that is HTML already; all other is escaped."""

    def __html__(self) -> str:
        return self


@dataclass(frozen=True)
class Section:
    """A part with a ``heading``; below it ``lines``, ``figures``, a ``table`` whose first row is its head,
    and a ``note``. One that ``is_long`` may go on on the next page."""

    heading: str
    lines: Sequence[str] = ()
    figures: Sequence[Html] = ()
    table: Sequence[Sequence[str]] = ()
    note: str = ""
    is_long: bool = False


def bold(text: str) -> Html:
    """A text of ours with ``**`` around what is bold in it."""
    return Html(_BOLD.sub(r"<strong>\1</strong>", escape(text)))
