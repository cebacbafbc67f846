"""TODO"""

from ui.inside.subject import Subject


def show_diagram(shown: Subject) -> None:
    pass
