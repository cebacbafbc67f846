"""The last recipe and the last drawing of a visitor, who finds them again."""

import json

from model.config import ConfigError, TrainingConfig
from ui.base import resources, session

# Characters; longer than any digit, and as long as nobody draws on purpose.
_MAX_DRAWING = 300_000


def recall() -> None:
    """At the beginning of a session: put there what lay there last, unless a link has brought something."""
    if session.on_desk.get() is not None:
        return
    recipe, drawing = resources.desks().of(session.visitor())
    resources.desks().greet(session.visitor())
    if recipe is not None and session.config_text() is None:
        session.set_config(_read(recipe))
    if drawing is not None:
        session.pad().update(json.loads(drawing))
    session.on_desk.set(_on_desk())


def keep() -> None:
    """Keep both, where one of them has changed."""
    now, before = _on_desk(), session.on_desk.get()
    if before is not None and now != before and len(now[1]) <= _MAX_DRAWING:
        session.on_desk.set(now)
        resources.desks().keep(session.visitor(), *now)


def _on_desk() -> list[str]:
    pad = session.pad()
    drawing = {"objects": pad["objects"], "initial": pad["objects"], "size": pad["size"]}
    return [session.config_text() or TrainingConfig().to_json(), json.dumps(drawing)]


def _read(recipe: str) -> TrainingConfig:
    try:
        return TrainingConfig.from_json(recipe)
    except ConfigError:
        # A field of another version.
        return TrainingConfig()
