"""The last recipe and the last drawing of a visitor, who finds them again."""

import json
from contextlib import suppress

from model.config import ConfigError, TrainingConfig
from model.messages import MessageError
from ui.base import resources, session
from ui.components.drawing import Size

# Characters; longer than any digit, and as long as nobody draws on purpose.
_MAX_DRAWING = 300_000


def recall() -> None:
    """At the beginning of a session: put there what lay there last, unless a link has brought something.
    What cannot be read now is looked for again with the next run of a page, and not written over."""
    if session.on_desk.get() is not None:
        return
    with suppress(MessageError):
        recipe, drawing = resources.desks().of(session.visitor())
        resources.desks().greet(session.visitor())
        if recipe is not None and session.config_text() is None:
            session.set_config(_recipe(recipe))
        if drawing is not None and not session.pad()["objects"]:
            _put_on_pad(drawing)
        session.on_desk.set(_on_desk())


def keep() -> None:
    """Keep what has changed of both."""
    now, before = _on_desk(), session.on_desk.get()
    if before is None or now == before:
        return
    session.on_desk.set(now)
    recipe, drawing = (new if new != old else None for new, old in zip(now, before, strict=True))
    if drawing is not None and len(drawing) > _MAX_DRAWING:
        drawing = None
    if recipe or drawing:
        resources.desks().keep(session.visitor(), recipe, drawing)


def _on_desk() -> list[str]:
    pad = session.pad()
    drawing = json.dumps({"objects": pad["objects"], "size": pad["size"]})
    return [session.config_text() or TrainingConfig().to_json(), drawing]


def _recipe(text: str) -> TrainingConfig:
    try:
        return TrainingConfig.from_json(text)
    except ConfigError:
        # A field of another version.
        return TrainingConfig()


def _put_on_pad(text: str) -> None:
    """Nothing, where another version has kept it in another way."""
    with suppress(ValueError, KeyError, TypeError):
        drawing = json.loads(text)
        objects, size = list(drawing["objects"]), Size(drawing["size"])
        pad = session.pad()
        pad["objects"] = pad["initial"] = objects
        pad["size"] = size.value
