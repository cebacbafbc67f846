"""The sections of Learn: a few sentences and one picture or widget each, with real numbers."""

from ui.lesson.learning import how_it_improves, how_wrong
from ui.lesson.network import how_it_works, what_it_is
from ui.lesson.steps import in_keras
from ui.lesson.uses import what_for

__all__ = ["how_it_improves", "how_it_works", "how_wrong", "in_keras", "what_for", "what_it_is"]
