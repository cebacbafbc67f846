"""A component's JavaScript and CSS: files, and one text of each for the browser."""

import re
from pathlib import Path

_IMPORT = re.compile(r'^import \{[^}]*\} from "(\.[^"]+)"\n', re.MULTILINE)


def script(entry: Path) -> str:
    """``entry`` and the modules that it imports, each once and before those that need it, as one module.

    Streamlit takes a component's script as one text, whose imports would lead nowhere. The modules share
    one scope there: a name at the top of one must not be in another.
    """
    modules: dict[Path, str] = {}
    _collect(entry.resolve(), modules)
    return "\n".join(modules.values())


def style(*files: Path) -> str:
    """The rules of ``files``, one after the other, as one style sheet."""
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def _collect(module: Path, modules: dict[Path, str]) -> None:
    if module in modules:
        return
    text = module.read_text(encoding="utf-8")
    for address in _IMPORT.findall(text):
        _collect((module.parent / address).resolve(), modules)
    modules[module] = _IMPORT.sub("", text)
