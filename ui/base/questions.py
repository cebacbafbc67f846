"""What a class is asked at its end, in words."""

from classroom.questions import ExitQuestion
from ui.base.text import _, verbatim


def question_text(asked: ExitQuestion) -> str:
    """The question, safe in markdown."""
    return verbatim(_(asked.choice.text) if asked.choice else asked.text)
