"""The sections of Learn: a few sentences and one picture or widget each, with real numbers."""

from ui.learn.keras_code import in_keras
from ui.learn.learning import how_it_improves, how_wrong
from ui.learn.network import how_it_works, what_it_is
from ui.learn.uses import what_for

__all__ = ["how_it_improves", "how_it_works", "how_wrong", "in_keras", "what_for", "what_it_is"]
