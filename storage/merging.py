"""JSON that two servers have changed at the same time."""

import json
from typing import Any


def merged(before: str, mine: str, theirs: str) -> str:
    """``theirs`` with what is other in ``mine`` than it was ``before``. Where both have changed the same,
    mine counts; but what was null before stays as they have set it first."""
    return json.dumps(_merged(json.loads(before), json.loads(mine), json.loads(theirs)))


def _merged(before: Any, mine: Any, theirs: Any) -> Any:
    if mine == before:
        return theirs
    values = before, mine, theirs
    if all(isinstance(value, dict) for value in values):
        changed = {name: _merged(before.get(name), mine[name], theirs.get(name)) for name in mine}
        return {**theirs, **changed}
    if all(isinstance(value, list) for value in values) and len(before) == len(mine) == len(theirs):
        return [_merged(*each) for each in zip(*values, strict=True)]
    return theirs if before is None and theirs is not None else mine
