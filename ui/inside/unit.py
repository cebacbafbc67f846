"""TODO"""

from ui.inside.subject import Subject


def show_unit(shown: Subject) -> None:
    pass
