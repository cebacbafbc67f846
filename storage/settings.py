"""Numbers that the environment or a command line sets, checked before anything relies on them."""

import math
import os

from model.messages import N_, Message, MessageError


class SettingError(MessageError):
    """A setting is no number, or none that does."""


def from_environment(name: str, default: float, most: float, is_whole: bool = False) -> float:
    """What the variable ``name`` sets, as ``checked``; ``default`` where it is not there, or empty."""
    text = os.environ.get(name, "")
    return checked(name, text, most, is_whole) if text else default


def checked(name: str, text: str, most: float, is_whole: bool = False) -> float:
    """The number in ``text``, from 1 to ``most``.

    Raises:
        SettingError: it is another one, or none.
    """
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if 1 <= number <= most and not (is_whole and number % 1):
        return number
    values = {"name": name, "most": f"{most:.0f}", "text": ascii(text)}
    if is_whole:
        raise SettingError(
            Message(
                N_("{name} needs a whole number from 1 to {most}, not {text}. Set such a number, or none."),
                values,
            )
        )
    raise SettingError(
        Message(N_("{name} needs a number from 1 to {most}, not {text}. Set such a number, or none."), values)
    )
