"""Floors: who may import whom, held against the code itself.

``FLOORS`` is the architecture as data. Imports are read with ``ast``, those inside
function bodies and under ``TYPE_CHECKING`` included, and an import of ours is followed: into a
module of another floor for as long as that floor is not allowed the name itself. So a page may
use the runner although the runner uses threads, but nobody above may reach TensorFlow.
"""

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]


@dataclass(frozen=True)
class Floor:
    """``parts`` of the tree that lie on this floor; ``may`` import these of ours, never ``never``.

    ``libraries``: the only ones allowed, ``None`` for any. ``excepted``: modules and folders that may
    import some of ``never``, and what.
    """

    parts: tuple[str, ...]
    may: tuple[str, ...]
    never: tuple[str, ...]
    libraries: tuple[str, ...] | None = None
    excepted: tuple[tuple[str, tuple[str, ...]], ...] = ()


_TENSORFLOW = ("tensorflow", "keras")
_SQL = ("sqlalchemy", "alembic")

FLOORS = {
    "digitlab": Floor(
        parts=("digitlab",),
        may=("runs", "storage", "model"),
        never=("plotly", *_TENSORFLOW, "concurrent.futures"),
        libraries=("streamlit",),
    ),
    "pages": Floor(
        parts=("app", "pages"),
        may=("ui", "classroom", "visitors", "runs", "model"),
        never=(*_TENSORFLOW, *_SQL, "threading", "concurrent.futures"),
    ),
    "ui": Floor(parts=("ui",), may=("classroom", "visitors", "runs", "model"), never=(*_TENSORFLOW, *_SQL)),
    "classroom": Floor(
        parts=("classroom",),
        may=("visitors", "runs", "storage", "model"),
        never=("streamlit", "plotly", *_TENSORFLOW, *_SQL),
    ),
    "visitors": Floor(
        parts=("visitors",),
        may=("runs", "storage", "model"),
        never=("streamlit", "plotly", *_TENSORFLOW, *_SQL),
    ),
    "runs": Floor(
        parts=("runs",), may=("storage", "model"), never=("streamlit", "plotly", *_TENSORFLOW, *_SQL)
    ),
    "storage": Floor(parts=("storage",), may=("model",), never=("streamlit", "plotly", *_TENSORFLOW)),
    "model": Floor(
        parts=("model",),
        may=(),
        never=("streamlit", "plotly", "threading", *_TENSORFLOW, *_SQL),
        libraries=("numpy", "PIL", "scipy", "pydantic", "jinja2", "cv2", "pillow_heif", *_TENSORFLOW),
        excepted=(("model.training", _TENSORFLOW),),
    ),
}

# Opened inside its functions, so only in the engine's processes: checked, but not followed.
DEFERRED = {"model.worker": ("model.training.train_slice", "model.training.keras_file")}

# The folders of ui/ that pages share; every other one belongs to one page.
SHARED = ("base", "components", "figures", "recipe", "networks", "reading", "handwriting")

MAX_LINES = 300

# Not floors: they may import anything, and no floor may import them.
OUTSIDE = ("benchmarks", "testing", "tests")

# Of those, what may not be imported by whom. What tests and benchmarks share lies in testing.
APART = {"benchmarks": ("tests",), "testing": ("benchmarks", "tests"), "tests": ("benchmarks",)}
# Tests of the benchmarks themselves.
OF_BENCHMARKS = "tests.unit.test_benchmarks"


@pytest.mark.parametrize("floor", FLOORS)
def test_a_floor_imports_only_what_the_table_allows(floor: str) -> None:
    assert _Tree(REPOSITORY).violations(floor) == []


@pytest.mark.parametrize("floor", FLOORS)
def test_the_checker_finds_the_modules_of_a_floor(floor: str) -> None:
    tree = _Tree(REPOSITORY)
    modules = [module for module in tree.modules if tree.floor_of(module) == floor]
    assert len(modules) > 1
    assert any(imported.name in tree.modules for module in modules for imported in tree.imports(module))


def test_the_deferred_imports_of_the_worker_are_still_what_the_table_excepts() -> None:
    found = {imported.name for imported in _Tree(REPOSITORY).imports("model.worker") if not imported.at_top}
    assert found == set(DEFERRED["model.worker"])


@pytest.mark.parametrize("package", APART)
def test_tests_and_benchmarks_stand_apart(package: str) -> None:
    tree = _Tree(REPOSITORY)
    modules = [module for module in tree.modules if _within(module, package) and module != OF_BENCHMARKS]
    found = [(module, imported.name) for module in modules for imported in tree.imports(module)]
    assert any(_within(name, "model") for _module, name in found)
    assert [
        (module, name) for module, name in found if any(_within(name, other) for other in APART[package])
    ] == []


def test_no_test_imports_another_test_or_its_fixtures() -> None:
    tree = _Tree(REPOSITORY)
    found = [
        (module, imported.name)
        for module in tree.modules
        if _within(module, "tests")
        for imported in tree.imports(module)
        if imported.name.startswith("tests.") and imported.name != module
    ]
    assert found
    assert [pair for pair in found if "conftest" in pair[1] or ".test_" in pair[1]] == []


def test_nobody_on_a_floor_imports_the_starters_workshop() -> None:
    tree = _Tree(REPOSITORY)
    users = [
        module
        for module in tree.modules
        if tree.floor_of(module)
        and any(imported.name.startswith("model.training.make_") for imported in tree.imports(module))
    ]
    assert users == []


def test_only_the_cluster_knows_dask() -> None:
    tree = _Tree(REPOSITORY)
    users = {
        module
        for module in tree.modules
        if tree.floor_of(module)
        and any(_within(i.name, library) for i in tree.imports(module) for library in ("dask", "distributed"))
    }
    assert users
    assert [module for module in users if not _within(module, "runs.cluster")] == []


def test_nothing_public_on_a_floor_is_there_for_tests_alone() -> None:
    used, defined = set(), {}
    for module, file in _Tree(REPOSITORY).modules.items():
        # Alembic calls what stands in migrations.
        if module.partition(".")[0] in OUTSIDE or "migrations" in module:
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Name):
                used.add(node.id)
            elif isinstance(node, ast.Attribute):
                used.add(node.attr)
            elif isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                defined[node.name] = module
    assert len(defined) > 1000
    assert {name: module for name, module in defined.items() if name not in used} == {}


def test_a_module_of_the_app_is_short_or_says_in_its_first_line_why_not() -> None:
    tree = _Tree(REPOSITORY)
    texts = {
        name: file.read_text(encoding="utf-8") for name, file in tree.modules.items() if tree.floor_of(name)
    }
    long = {name: text.partition("\n")[0] for name, text in texts.items() if text.count("\n") > MAX_LINES}
    assert [name for name, first in long.items() if "long, since" not in first.lower()] == []


def test_no_page_folder_imports_another() -> None:
    assert _Tree(REPOSITORY).between_pages() == []


def test_only_pages_import_the_frame() -> None:
    assert _Tree(REPOSITORY).users("ui.frame", "ui") == []


@pytest.mark.parametrize("floor", ["ui", "classroom", "visitors", "runs", "storage", "model"])
def test_no_folder_imports_itself_by_way_of_another(floor: str) -> None:
    assert _Tree(REPOSITORY).circle(floor) == []


def test_the_tree_for_contributors_has_every_folder_and_nothing_that_is_gone() -> None:
    tree = _named_in_tree((REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    folders = {part for floor in FLOORS.values() for part in floor.parts} - {"app", "pages"}
    assert {*folders, *OUTSIDE} <= tree.keys()
    for name in folders:
        folder, named = REPOSITORY / name, tree[name]
        missing = {file.parent.name for file in folder.glob("*/__init__.py")} - named
        gone = {inside for inside in named if not any(folder.rglob(inside))}
        assert (missing, gone) == (set(), set()), name


def _named_in_tree(text: str) -> dict[str, set[str]]:
    """The folders of the tree, and which files and folders are named in the lines of each."""
    tree = text.partition("    app.py  pages/*.py")[2].partition("\n## ")[0]
    _first, *parts = re.split(r"^ {4}(\w+)/", tree, flags=re.MULTILINE)
    pairs = zip(parts[::2], parts[1::2], strict=True)
    return {name: {*re.findall(r"\b(\w+\.py|\w+(?=/))", lines)} for name, lines in pairs}


def test_the_picture_of_the_floors_has_every_folder_of_ui() -> None:
    text = (REPOSITORY / "docs/architecture.md").read_text(encoding="utf-8")
    picture = text.partition("subgraph ui [")[2].partition("    end\n")[0]
    folders = {file.parent.name for file in REPOSITORY.glob("ui/*/__init__.py")}
    assert {name for name in folders if not re.search(rf"\b{name}\b", picture)} == set()


@pytest.mark.parametrize("floor", FLOORS)
def test_the_table_for_readers_says_what_a_floor_may_import(floor: str) -> None:
    rows = (REPOSITORY / "docs/architecture.md").read_text(encoding="utf-8")
    row = re.search(rf"^\| [^|]*`{floor}/` \|[^|]*\| ([^|]*) \|", rows, re.MULTILINE)
    assert row
    assert row[1] == (", ".join(FLOORS[floor].may) or "nothing")


def test_contributors_are_told_what_ui_may_import() -> None:
    told = (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8")
    *names, last = [f"`{name}`" for name in FLOORS["ui"].may]
    assert f"`ui/` may import {', '.join(names)} and {last}, never" in told


def test_a_page_folder_that_imports_another_is_found(tmp_path: Path) -> None:
    _plant(
        tmp_path,
        {
            "ui/base/text.py": "",
            "ui/train/curve.py": "from ui.base import text\nfrom ui.train import hints\n",
            "ui/train/hints.py": "def f():\n    from ui.draw.pad import pad\n",
            "ui/draw/pad.py": "from ui import frame\n",
            "ui/frame.py": "",
        },
    )
    assert _Tree(tmp_path).between_pages() == ["ui.train.hints:2 -> ui.draw.pad"]
    assert _Tree(tmp_path).users("ui.frame", "ui") == ["ui.draw.pad:1 -> ui.frame"]
    assert _Tree(tmp_path).circle("ui") == []


def test_a_circle_of_folders_is_found(tmp_path: Path) -> None:
    _plant(
        tmp_path,
        {
            "model/config.py": "",
            "model/a/one.py": "from model import config\nfrom model.b import two\n",
            "model/b/two.py": "from model.c import three\n",
            "model/c/three.py": "from model.b import four\nfrom model.a import five\n",
            "model/b/four.py": "",
            "model/a/five.py": "",
        },
    )
    assert _Tree(tmp_path).circle("model") == ["model.a", "model.b", "model.c"]


def test_a_violation_hidden_inside_a_function_is_found(tmp_path: Path) -> None:
    _plant(tmp_path, {"runs/__init__.py": "", "runs/late.py": "def f():\n    import streamlit as st\n"})
    assert _Tree(tmp_path).violations("runs") == ["runs.late:2 -> streamlit"]


def test_a_violation_reached_through_other_modules_is_found(tmp_path: Path) -> None:
    _plant(
        tmp_path,
        {
            "pages/draw.py": "from ui.parts import helper\n",
            "ui/__init__.py": "",
            "ui/parts/__init__.py": "",
            "ui/parts/helper.py": "def f():\n    from ..other import g\n",
            "ui/other.py": "from model.training import train_slice\n",
            "model/__init__.py": "",
            "model/training/train_slice.py": "import tensorflow as tf\n",
        },
    )
    tree = _Tree(tmp_path)
    assert tree.violations("pages") == [
        "pages.draw:1 -> ui.parts.helper:2 -> ui.other:1 -> model.training.train_slice:1 -> tensorflow"
    ]
    assert len(tree.violations("ui")) == 2
    assert tree.violations("model") == []


def test_a_violation_in_a_package_that_an_import_passes_through_is_found(tmp_path: Path) -> None:
    _plant(
        tmp_path,
        {
            "app.py": "import ui.deep.leaf\n",
            "ui/__init__.py": "",
            "ui/deep/__init__.py": "import keras.layers\n",
            "ui/deep/leaf.py": "",
        },
    )
    assert _Tree(tmp_path).violations("pages") == ["app:1 -> ui.deep:1 -> keras.layers"]


@pytest.mark.parametrize(
    ("floor", "source", "name"),
    [
        ("model", "from runs.runner import Runner", "runs.runner"),
        ("model", "from concurrent import futures\nimport threading", "threading"),
        ("model", "import requests", "requests"),
        ("model", "import importlib\nimportlib.import_module('tensorflow')", "tensorflow"),
        ("runs", "__import__('plotly.graph_objects')", "plotly.graph_objects"),
        ("runs", "import ui", "ui"),
        ("runs", "import tests.helpers", "tests.helpers"),
        ("runs", "from benchmarks import speed", "benchmarks.speed"),
        ("pages", "from concurrent import futures", "concurrent.futures"),
        ("pages", "import concurrent.futures as f", "concurrent.futures"),
        ("ui", "if TYPE_CHECKING:\n    import keras.layers", "keras.layers"),
    ],
)
def test_each_kind_of_forbidden_import_is_found(tmp_path: Path, floor: str, source: str, name: str) -> None:
    _plant(
        tmp_path,
        {
            "runs/__init__.py": "",
            "runs/runner.py": "",
            "ui/__init__.py": "",
            "benchmarks/speed.py": "",
            "tests/helpers.py": "",
            f"{floor}/made_up.py": source,
        },
    )
    assert [text.split(" -> ")[-1] for text in _Tree(tmp_path).violations(floor)] == [name]


def test_a_clean_tree_has_no_violations(tmp_path: Path) -> None:
    _plant(
        tmp_path,
        {
            "app.py": "import streamlit\nfrom ui import frame\n",
            "pages/train.py": "from runs.runner import Runner\n",
            "ui/__init__.py": "",
            "ui/frame.py": "import streamlit\nfrom runs import runner\n",
            "runs/__init__.py": "",
            "runs/runner.py": "import threading, concurrent.futures\nfrom model import worker\n",
            "model/__init__.py": "",
            "model/worker.py": "import os\ndef f():\n    from model.training import train_slice\n",
            "model/training/train_slice.py": "import tensorflow, keras, numpy\n",
            "tests/test_x.py": "import tensorflow\nimport ui.frame, runs.runner\n",
        },
    )
    tree = _Tree(tmp_path)
    assert {floor: tree.violations(floor) for floor in FLOORS} == {floor: [] for floor in FLOORS}


def test_following_the_worker_would_reach_tensorflow() -> None:
    """The exception is needed, and it is the only thing between the web process and TensorFlow."""
    assert _Tree(REPOSITORY, deferred={}).violations("runs") != []


@dataclass(frozen=True)
class _Import:
    name: str
    line: int
    at_top: bool


class _Tree:
    """The Python files under ``root`` and what they import."""

    def __init__(self, root: Path, deferred: Mapping[str, tuple[str, ...]] = DEFERRED) -> None:
        self.deferred = deferred
        tops = [part for floor in FLOORS.values() for part in floor.parts] + list(OUTSIDE)
        files = [file for top in tops for file in (root / f"{top}.py", *sorted(root.glob(f"{top}/**/*.py")))]
        self.modules = {_module_name(file.relative_to(root)): file for file in files if file.is_file()}
        self.imports = cache(self._imports)

    def floor_of(self, module: str) -> str | None:
        top = module.partition(".")[0]
        return next((name for name, floor in FLOORS.items() if top in floor.parts), None)

    def violations(self, floor: str) -> list[str]:
        """Each forbidden import once, as a chain of ``module:line`` that ends in the name."""
        rules = FLOORS[floor]
        found = []
        for module in self.modules:
            if self.floor_of(module) != floor:
                continue
            found += [
                f"{module}:{i.line} -> {i.name}" for i in self.imports(module) if self._foreign(floor, i.name)
            ]
            for name in rules.never:
                excepted = any(_within(module, part) and name in names for part, names in rules.excepted)
                if not excepted and (chain := self._chain(module, name)):
                    found.append(chain)
        return list(dict.fromkeys(found))

    def between_pages(self) -> list[str]:
        """Imports from one page's folder of ui/ into another's."""
        folders = {module: module.split(".")[1] for module in self.modules if module.count(".") > 1}
        own = {
            module: folder
            for module, folder in folders.items()
            if self.floor_of(module) == "ui" and folder not in SHARED
        }
        return [
            f"{module}:{i.line} -> {i.name}"
            for module, folder in own.items()
            for i in self.imports(module)
            if own.get(i.name, folder) != folder
        ]

    def users(self, name: str, floor: str) -> list[str]:
        """Who of ``floor`` imports ``name``."""
        return [
            f"{module}:{i.line} -> {i.name}"
            for module in self.modules
            if self.floor_of(module) == floor
            for i in self.imports(module)
            if i.name == name
        ]

    def circle(self, floor: str) -> list[str]:
        """The rooms of ``floor``, its folders and single modules, that form a circle or lead into one."""
        rooms: dict[str, set[str]] = {}
        for module in self.modules:
            if self.floor_of(module) == floor and "." in module:
                names = [i.name for i in self.imports(module) if i.at_top and i.name in self.modules]
                rooms.setdefault(_room(module), set()).update(map(_room, names))
        for room, others in rooms.items():
            others.intersection_update(rooms.keys() - {room})
        while leaves := [room for room, others in rooms.items() if not others]:
            for leaf in leaves:
                del rooms[leaf]
            for others in rooms.values():
                others.difference_update(leaves)
        return sorted(rooms)

    def _foreign(self, floor: str, name: str) -> bool:
        """Is it one of ours, or a library, that the floor may not know? ``never`` is looked at apart."""
        rules = FLOORS[floor]
        if any(_within(name, never) for never in rules.never):
            return False
        top = name.partition(".")[0]
        if self.floor_of(name) or top in OUTSIDE:
            allowed = (*rules.parts, *rules.may)
            # ``from runs import store`` is read as runs and runs.store: the package on the way is no use.
            on_the_way = any(_within(may, name) for may in rules.may)
            return not on_the_way and not any(_within(name, may) for may in allowed)
        if rules.libraries is None or top in sys.stdlib_module_names:
            return False
        return top not in rules.libraries

    def _chain(self, start: str, name: str) -> str:
        """How ``start`` comes to import ``name``, the shortest way, or nothing."""
        queue, seen = [(start, "")], {start}
        while queue:
            module, so_far = queue.pop(0)
            for imported in self.imports(module):
                way = f"{so_far}{module}:{imported.line} -> "
                if _within(imported.name, name):
                    return way + imported.name
                for follow in self._ours(imported.name):
                    if follow not in seen and self._is_followed(module, follow, name, imported.at_top):
                        seen.add(follow)
                        queue.append((follow, way))
        return ""

    def _is_followed(self, module: str, imported: str, name: str, at_top: bool) -> bool:
        if not at_top and imported in self.deferred.get(module, ()):
            return False
        floor = self.floor_of(imported)
        return floor is not None and name in FLOORS[floor].never

    def _ours(self, name: str) -> Iterator[str]:
        """The modules that run when ``name`` is imported: its packages, then itself."""
        parts = name.split(".")
        for length in range(1, len(parts) + 1):
            if (module := ".".join(parts[:length])) in self.modules:
                yield module

    def _imports(self, module: str) -> list[_Import]:
        tree = ast.parse(self.modules[module].read_text(encoding="utf-8"))
        top = _outside_functions(tree)
        package = module if self.modules[module].name == "__init__.py" else module.rpartition(".")[0]
        return [
            _Import(name, node.lineno, node in top)
            for node in ast.walk(tree)
            if isinstance(node, ast.stmt | ast.expr)
            for name in _names(node, package, self.modules)
        ]


def _names(node: ast.AST, package: str, modules: dict[str, Path]) -> Iterator[str]:
    match node:
        case ast.Import(names=names):
            yield from (alias.name for alias in names)
        case ast.ImportFrom(module=source, names=names, level=level):
            if level:
                base = package.rsplit(".", level - 1)[0] if level > 1 else package
                source = f"{base}.{source}" if source else base
            # A name may be a submodule or something inside the module; which one, the tree tells
            # for ours, and for concurrent.futures it does not matter.
            submodules = [f"{source}.{alias.name}" for alias in names]
            is_ours = (source or "").partition(".")[0] in {m.partition(".")[0] for m in modules}
            known = [name for name in submodules if name in modules] if is_ours else submodules
            if len(known) < len(submodules) or not is_ours:
                yield source or ""
            yield from known if is_ours else [name for name in known if name == "concurrent.futures"]
        case ast.Call(func=function, args=[ast.Constant(value=str() as name), *_]):
            called = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
            if called in {"import_module", "__import__"}:
                yield name


def _outside_functions(tree: ast.Module) -> set[ast.AST]:
    """The nodes that run when the module is imported, as far as functions go."""
    found: set[ast.AST] = set()
    queue: list[ast.AST] = [tree]
    while queue:
        node = queue.pop()
        found.add(node)
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            queue.extend(ast.iter_child_nodes(node))
    return found


def _room(module: str) -> str:
    return ".".join(module.split(".")[:2])


def _within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def _module_name(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _plant(root: Path, files: dict[str, str]) -> None:
    for name, source in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")
