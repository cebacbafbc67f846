"""Words that several parts of a report use."""

from model.evaluation.metrics import Interval
from ui.base.text import _, percent


def interval_text(interval: Interval | None, digits: int = 0) -> str:
    """From where to where, or that nobody can tell."""
    if interval is None:
        return _("cannot tell")
    return _("{low} to {high}", low=percent(interval[0], digits), high=percent(interval[1], digits))
