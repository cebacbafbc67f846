"""A drawing of the canvas from an archive: paths of a pen and nothing else, since a canvas also knows objects
that fetch what a stranger names."""

import json
import re
from typing import Any

from model.messages import N_, Message
from visitors.archive.format import DESK, PadFile
from visitors.archive.problems import wrong
from visitors.desks import MAX_DRAWING

# Names and colours: no address, no markup.
_WORD = re.compile(r"[\w#%., ()-]{0,40}", re.ASCII)
# Beyond it no pad reaches.
_FARTHEST = 1e6


def plain_drawing(drawing: PadFile) -> str:
    """The drawing as JSON, without whatever is no plain value.

    Raises:
        ArchiveError: it is not made of paths.
    """
    objects = [_plain_path(item) for item in drawing.objects]
    text = json.dumps({"objects": objects, "size": drawing.size})
    if len(text) > MAX_DRAWING:
        raise _wrong()
    return text


def _plain_path(item: dict[str, Any]) -> dict[str, Any]:
    path = item.get("path")
    if str(item.get("type")).lower() != "path" or not isinstance(path, list):
        raise _wrong()
    if not all(isinstance(command, list) and all(map(_is_plain, command)) for command in path):
        raise _wrong()
    kept = {name: value for name, value in item.items() if name == "path" or _is_plain(value)}
    return {name: value for name, value in kept.items() if _WORD.fullmatch(name)}


def _is_plain(value: object) -> bool:
    if isinstance(value, str):
        return bool(_WORD.fullmatch(value))
    is_number = isinstance(value, int | float) and abs(value) < _FARTHEST
    return value is None or is_number


def _wrong() -> Exception:
    return wrong(DESK, Message(N_("a drawing of strokes")), Message(N_("something else")))
