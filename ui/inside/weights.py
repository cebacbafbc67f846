"""TODO"""

from ui.inside.subject import Subject


def show_weights(shown: Subject) -> None:
    pass
