"""TODO"""

from ui.inside.subject import Subject


def show_softmax(shown: Subject) -> None:
    pass
