"""The last recipe and the last drawing of a visitor, who finds them again."""

import json
from contextlib import suppress

import streamlit as st

from model.config import ConfigError, TrainingConfig
from model.messages import MessageError
from ui.base import resources, session
from ui.base.text import _
from ui.components.drawing import Size
from visitors.desks import MAX_DRAWING


def recall() -> None:
    """At the beginning of a session, put there what lay there last, unless a link has brought something. With
    every change of page, take over what another tab or device has put there since.

    What cannot be read at the beginning is looked for again with the next run of a page, and not written
    over.
    """
    with suppress(MessageError):
        if session.on_desk.get() is None:
            _begin()
        elif session.recalled_on.get() != session.visit.get():
            _catch_up()


def _begin() -> None:
    recipe, drawing = found = resources.desks().of(session.visitor())
    resources.desks().greet(session.visitor())
    if recipe is not None and session.config_text() is None:
        session.set_config(_recipe(recipe), restart=True)
    if drawing is not None and not session.pad()["objects"]:
        _put_on_pad(drawing)
    session.on_desk.set(_on_desk())
    session.kept_on_desk.set(list(found))
    session.recalled_on.set(session.visit.get())


def _catch_up() -> None:
    """What was changed elsewhere since this session looked last is the later one, unless it was changed here,
    too, and is not kept yet."""
    session.recalled_on.set(session.visit.get())
    session.desk_news.reset()
    found, known = resources.desks().of(session.visitor()), session.kept_on_desk.get()
    now, before = _on_desk(), session.on_desk.get() or []
    is_later = [
        text is not None and text != old and new == kept
        for text, old, new, kept in zip(found, known, now, before, strict=True)
    ]
    recipe, drawing = (text if later else None for text, later in zip(found, is_later, strict=True))
    if recipe is not None:
        session.set_config(_recipe(recipe), restart=True)
    if drawing is not None:
        _put_on_pad(drawing)
    taken = _on_desk()
    session.desk_news.set([new != old for new, old in zip(taken, now, strict=True)])
    parts = zip(taken, before, is_later, strict=True)
    session.on_desk.set([new if later else old for new, old, later in parts])
    session.kept_on_desk.set(list(found))


def show_news() -> None:
    """What another tab or device has changed since the last page."""
    match session.desk_news.get():
        case [True, True]:
            st.caption(
                _(
                    "The recipe and the drawing were changed in another tab or on another device. These are "
                    "the later ones."
                )
            )
        case [True, False]:
            st.caption(
                _("The recipe was changed in another tab or on another device. This is the later one.")
            )
        case [False, True]:
            st.caption(
                _("The drawing was changed in another tab or on another device. This is the later one.")
            )


def keep() -> None:
    """Keep what has changed of both."""
    now, before = _on_desk(), session.on_desk.get()
    if before is None or now == before:
        return
    session.on_desk.set(now)
    recipe, drawing = (new if new != old else None for new, old in zip(now, before, strict=True))
    if drawing is not None and len(drawing) > MAX_DRAWING:
        drawing = None
    if recipe or drawing:
        resources.desks().keep(session.visitor(), recipe, drawing)
        known = session.kept_on_desk.get()
        session.kept_on_desk.set([recipe or known[0], drawing or known[1]])


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
        pad["discarded"] = pad["erased_from"] = None
        session.digit_of_number.reset()
