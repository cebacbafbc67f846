"""TODO"""

from ui.inside.subject import Subject


def show_step(shown: Subject) -> None:
    pass
