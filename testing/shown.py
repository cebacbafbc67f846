"""What a page shows, put together from the messages that a server sends, as a browser does it."""

from collections.abc import Iterator
from dataclasses import dataclass

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

Path = tuple[int, ...]

# A browser forgets a large message when so many runs of the whole page have done without it.
_KEPT_FOR_RUNS = 2


@dataclass(frozen=True)
class Widget:
    """What can be pressed or filled in: its id, the fragment that it belongs to ("" for none), and the
    element as it came."""

    id: str
    fragment: str
    element: Element


@dataclass(frozen=True)
class _Node:
    element: Element
    run: str
    fragment: str


class Shown:
    """``take`` each message in turn. ``errors`` grows with each exception and each error that was shown."""

    def __init__(self) -> None:
        self.errors: list[str] = []
        # Large messages by their hashes, and the run that showed each last.
        self._kept: dict[str, tuple[ForwardMsg, int]] = {}
        self._nodes: dict[Path, _Node] = {}
        self._blocks: set[Path] = set()
        self._run, self._fragments = "", frozenset[str]()
        self._runs = 0

    def take(self, message: ForwardMsg) -> None:
        """Show what ``message`` says."""
        path = tuple(message.metadata.delta_path)
        if message.ref_hash:
            message = self._kept[message.ref_hash][0]
        if message.metadata.cacheable:
            self._kept[message.hash] = (message, self._runs)
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._begin(message)
        elif kind == "delta":
            self._draw(path, message)
        elif kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
            if message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                self.errors.append("a page does not compile")
            self._end()

    @property
    def kept(self) -> list[str]:
        """The hashes of the large messages that a browser still has. Not sent anew, they are all remembered
        here: the server may refer to one that was forgotten while its answer was on the way."""
        return [name for name, (_message, run) in self._kept.items() if self._runs - run <= _KEPT_FOR_RUNS]

    @property
    def elements(self) -> Iterator[Element]:
        """All that is shown, from top to bottom."""
        return (self._nodes[path].element for path in sorted(self._nodes))

    def says(self, text: str) -> bool:
        """Whether ``text`` stands in any element."""
        return any(text.encode() in element.SerializeToString() for element in self.elements)

    def says_all(self, *texts: str) -> bool:
        """Whether all of ``texts`` are shown."""
        return all(map(self.says, texts))

    def headings(self) -> list[str]:
        """The texts of all headings."""
        return [element.heading.body for element in self.elements if element.WhichOneof("type") == "heading"]

    def widget(self, key: str) -> Widget | None:
        """The one that the app calls ``key``, or whose label that is."""
        for node in self._nodes.values():
            content = _content(node.element)
            name = str(getattr(content, "id", ""))
            if name and key in (_key(name), getattr(content, "label", None)):
                return Widget(name, node.fragment, node.element)
        return None

    @property
    def keys(self) -> list[str]:
        """What the app calls its widgets."""
        return [_key(name) for name in self.ids()]

    def ids(self) -> set[str]:
        """Of all widgets."""
        return {str(getattr(_content(element), "id", "")) for element in self.elements} - {""}

    def _begin(self, message: ForwardMsg) -> None:
        self._run = message.metadata.run.script_run_id
        self._fragments = frozenset(message.metadata.run.fragment_ids)
        self._blocks = set()

    def _draw(self, path: Path, message: ForwardMsg) -> None:
        delta = message.delta
        if delta.HasField("add_block"):
            self._nodes.pop(path, None)
            self._blocks.add(path)
        elif delta.HasField("new_element"):
            for below in [other for other in self._nodes if other[: len(path)] == path]:
                del self._nodes[below]
            self._nodes[path] = _Node(delta.new_element, self._run, delta.fragment_id)
            self._note_error(delta.new_element)

    def _note_error(self, element: Element) -> None:
        if element.HasField("exception"):
            self.errors.append(f"{element.exception.type}: {element.exception.message}")
        elif element.HasField("alert") and element.alert.format == Alert.ERROR:
            self.errors.append(element.alert.body)

    def _end(self) -> None:
        """What this run has not drawn again is gone: everything, or what its fragments drew before."""
        self._nodes = {path: node for path, node in self._nodes.items() if not self._is_stale(path, node)}
        self._runs += not self._fragments

    def _is_stale(self, path: Path, node: _Node) -> bool:
        if node.run == self._run:
            return False
        if not self._fragments or node.fragment in self._fragments:
            return True
        return any(path[: len(block)] == block for block in self._blocks)


def _key(name: str) -> str:
    """The key in the id of a widget: ``$$ID-<hash>-<key>``."""
    return name.split("-", 2)[-1]


def _content(element: Element) -> object:
    kind = element.WhichOneof("type")
    return getattr(element, kind) if kind else None
