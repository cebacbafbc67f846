"""Pages without a browser: where they lie, and what they say."""

from typing import Any, Protocol

from streamlit.testing.v1 import AppTest

FILES = {
    name: f"pages/{name}.py"
    for name in (
        "learn",
        "train",
        "draw",
        "own_test",
        "evaluate",
        "compare",
        "guess",
        "look_inside",
        "my_work",
    )
}
PAGES = ["home", *FILES]
# Those of a class, which no lesson without one comes to.
_OF_CLASSES = ("join", "class_guess", "our_handwriting", "teach_it", "exit_question")
FILES |= {name: f"pages/{name}.py" for name in _OF_CLASSES}
# A teacher's, and the operator's, which end in no button to a next one.
OF_TEACHERS = ("teach", "desk", "projector", "paper", "take_home", "status")
FILES |= {name: f"pages/{name}.py" for name in OF_TEACHERS}


class OpenPage(Protocol):
    """``open_page("train", **session)`` opens a page for a new visitor whose session holds ``session``."""

    def __call__(self, name: str, **session: Any) -> AppTest: ...


def navigation(app: AppTest) -> list[Any]:
    """The links of the navigation, those within a group behind the others."""
    blocks: Any = [block for block in app.main.children.values() if block.type != "page_link"]
    return [
        link
        for block in blocks
        if getattr(block.proto, "id", "").endswith(("-navigation", "-group"))
        for link in block.get("page_link")
    ]


def texts(app: AppTest) -> list[str]:
    """Everything that the page says in words, errors and captions included."""
    kinds = (
        "title",
        "header",
        "subheader",
        "markdown",
        "caption",
        "text",
        "error",
        "warning",
        "info",
        "success",
    )
    elements: Any = [element for kind in kinds for element in app.get(kind)]
    bars: Any = app.get("progress")
    images: Any = app.get("image")
    return [
        *(element.value for element in elements),
        *(bar.proto.text for bar in bars),
        *(image.caption for element in images for image in element.proto.imgs if image.caption),
    ]


def says(app: AppTest, part: str) -> bool:
    """Whether ``part`` stands in anything that the page says."""
    return any(part in shown for shown in texts(app))
