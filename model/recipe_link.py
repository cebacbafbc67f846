"""A recipe as a short text for a web address, such as ``hidden_layers:64-32,optimizer:adam``."""

import json
from itertools import pairwise
from typing import Any

from model.config import ConfigError, TrainingConfig, layers_text
from model.messages import N_, Message

# Every field at its longest is shorter.
_MAX_LENGTH = 500


def recipe_text(config: TrainingConfig) -> str:
    """What ``config`` changes in the seed recipe; empty where that is nothing."""
    seed = TrainingConfig().model_dump()
    changes = {name: value for name, value in config.model_dump().items() if value != seed[name]}
    return ",".join(f"{name}:{_text(value)}" for name, value in changes.items())


def recipe_of(text: str) -> TrainingConfig:
    """The seed recipe with the changes that ``recipe_text`` wrote.

    Raises:
        ConfigError: as ``TrainingConfig``, for a text that is longer than any recipe, and for a comma in a
            value.
    """
    if len(text) > _MAX_LENGTH:
        raise ConfigError(
            Message(
                N_("A recipe in a link may have at most {longest} characters; this one has {received}."),
                {"longest": _MAX_LENGTH, "received": len(text)},
            )
        )
    parts = [part for part in text.split(",") if part]
    for before, part in pairwise(["", *parts]):
        if ":" not in part:
            raise ConfigError(
                Message(
                    N_(
                        "“{received}” in the link is not a setting with its value. Commas separate "
                        "settings: write numbers with a point, such as learning_rate:0.5, and layers with "
                        "hyphens, such as hidden_layers:64-32."
                    ),
                    {"received": f"{before},{part}".removeprefix(",")[:60]},
                )
            )
    settings = (part.partition(":") for part in parts)
    return TrainingConfig(**{name: _value(name, value) for name, _colon, value in settings})


def _text(value: Any) -> str:
    return layers_text(value) if isinstance(value, tuple) else str(value)


def _value(name: str, text: str) -> Any:
    if name == "hidden_layers":
        return [_number(units) for units in text.split("-") if units]
    return _number(text)


def _number(text: str) -> Any:
    """The number that ``text`` is, or the text itself."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return value if isinstance(value, int | float) else text
