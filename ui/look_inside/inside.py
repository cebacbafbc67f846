"""What Look inside shows, kept in the session: clicks and links set it, too."""

from collections.abc import Mapping

from ui.base import session
from ui.base.session import Slot

# Widgets: the view, and of which image.
VIEW, SOURCE = "inside_view", "inside_source"

# The parameters of the address that were taken over last.
link = Slot[Mapping[str, str]]("inside_link", {})
# The network that a link to Look inside asked for.
linked = Slot[str | None]("linked", None)
# The unit that was opened last: its layer, 1 for the first behind the pixels, and its index in it, from 0.
# Another network may have no such unit.
opened = Slot[tuple[int, int] | None]("opened_unit", None)
# The units that the visitor picked to follow through a training step, by layer, the pixels being 0 and
# the answers -1.
followed = Slot[Mapping[int, int]]("followed", {})


def open_unit(layer: int, unit: int, view: str | None = None) -> None:
    """Remember the unit to show, and change to ``view``. Call it in a callback, or before the widgets."""
    opened.set((layer, unit))
    if view:
        session.prefer(VIEW, view, anew=True)


def look_at(image: int) -> None:
    """Let Look inside show a test image, from 0. Call it in a callback, or before the widgets."""
    session.prefer(SOURCE, "test", anew=True)
    session.prefer(session.TEST_IMAGE, image + 1, anew=True)


def follow(layer: int, unit: int) -> None:
    """Follow ``unit`` of ``layer`` through a training step; see ``followed``."""
    followed.set({**followed.get(), layer: unit})
