"""Gettext in this visitor's language. A language is a folder in ``ui/locales``, never a change of code.

Message ids are English sentences with ``{placeholders}``. Nothing here may be called at import
or inside a cached function: the language belongs to the visitor who is looking.
"""

import math
import re
from collections.abc import Iterable
from datetime import timedelta
from functools import lru_cache
from gettext import NullTranslations
from pathlib import Path
from typing import Any

import streamlit as st
from babel import Locale, UnknownLocaleError, negotiate_locale
from babel.dates import format_timedelta
from babel.numbers import format_decimal, format_percent
from babel.support import Translations

from model.messages import Message
from ui.base import session

CATALOGUES = Path(__file__).parents[1] / "locales"
_DOMAIN = "digitlab"
_SOURCE = "en"
_WHOLE, _SHORT = "#,##0", "#,##0.########"


def _(message: str, **values: Any) -> str:
    """``message`` in this visitor's language, with ``values`` in its placeholders."""
    code = language()
    return _translations(code).gettext(message).format(**_shown(values, code))


def plural(one: str, many: str, count: int, **values: Any) -> str:
    """The form for ``count``, which is also the placeholder ``{count}``."""
    code = language()
    text = _translations(code).ngettext(one, many, count)
    return text.format(**_shown({"count": count, **values}, code))


def message(text: Message) -> str:
    """A message from a floor below, translated."""
    return _(text.text, **text.values)


def verbatim(text: str) -> str:
    """``text`` so that markdown shows it letter for letter, for what this app did not write itself."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)


def number(value: float, digits: int = 0) -> str:
    """``value`` with this language's separators and exactly ``digits`` decimals."""
    return _decimal(round(value, digits), f"#,##0.{'0' * digits}" if digits else _WHOLE, language())


def signed(value: float, digits: int = 0) -> str:
    """As ``number``, with a sign before what is above 0, too."""
    pattern = f"#,##0.{'0' * digits}" if digits else _WHOLE
    return _decimal(round(value, digits), f"+{pattern};-{pattern}", language())


def short_number(value: float) -> str:
    """``value`` with as many decimals as it needs, such as a learning rate of 0.00001."""
    return _decimal(value, _SHORT, language())


def decimals(values: Iterable[float], digits: int = 3) -> int:
    """How many decimals show the largest of ``values``, without its sign, with ``digits`` digits; the
    same for all of them, so that what is added up stands in columns. From 2 to 10."""
    largest = max((abs(value) for value in values), default=0.0)
    if not 0 < largest < math.inf:
        return 2
    return min(max(2, digits - 1 - math.floor(math.log10(largest))), 10)


def precise(value: float, digits: int = 3) -> str:
    """``value`` with at least ``digits`` digits that count, whatever its size; see ``decimals``."""
    return number(value, decimals([value], digits))


def percent(share: float, digits: int = 0) -> str:
    """A share from 0 to 1 as a percentage."""
    return str(format_percent(share, format=f"0.{'0' * digits}%" if digits else "0%", locale=language()))


def duration(seconds: float) -> str:
    """About how long that is, in one unit: "1 second" at least, minutes from 90 seconds on."""
    # Babel cuts fractions of a second off.
    whole = timedelta(seconds=max(1, round(seconds)))
    return str(format_timedelta(whole, threshold=1.5, locale=language()))


def language() -> str:
    """The best catalogue for what a link or the browser asks for; English where there is none."""
    try:
        wanted = session.language.get() or st.context.locale or _SOURCE
    except (AttributeError, RuntimeError):
        return _SOURCE
    return _best(wanted, CATALOGUES)


def languages() -> list[str]:
    """The languages that there are, English first."""
    return list(dict.fromkeys(_available(CATALOGUES)))


def language_name(code: str) -> str:
    """What its speakers call a language."""
    return str(Locale.parse(code, sep="-").get_display_name() or code)


def _shown(values: dict[str, Any], code: str) -> dict[str, Any]:
    """Values as a visitor reads them: messages translated, numbers with the separators of a language."""
    return {name: _show(value, code) for name, value in values.items()}


def _show(value: Any, code: str) -> Any:
    # Not isinstance: after a source change a long-lived run holds messages of the class as it was.
    if hasattr(value, "text") and hasattr(value, "values"):
        return message(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return _decimal(value, _WHOLE, code)
    if isinstance(value, float):
        return _decimal(value, _SHORT, code)
    return value


# A page shows the same numbers to everybody, and Babel takes 50 µs for each.
@lru_cache(maxsize=4096)
def _decimal(value: float, pattern: str, code: str) -> str:
    # Adding 0 makes 0 of -0, which is the same key.
    return str(format_decimal(value + 0, format=pattern, locale=code))


@lru_cache(maxsize=256)
def _best(wanted: str, catalogues: Path) -> str:
    try:
        chosen = negotiate_locale([wanted], _available(catalogues), sep="-")
        return str(Locale.parse(chosen or _SOURCE, sep="-"))
    except (UnknownLocaleError, ValueError):
        return _SOURCE


@lru_cache(maxsize=32)
def _available(folder: Path) -> list[str]:
    return [_SOURCE, *sorted(path.parent.parent.name for path in folder.glob(f"*/LC_MESSAGES/{_DOMAIN}.mo"))]


@lru_cache(maxsize=32)
def _translations(name: str) -> NullTranslations:
    catalogue: NullTranslations = Translations.load(CATALOGUES, [name], _DOMAIN)
    return catalogue
