"""The scripts of our components: modules in files, one text for the browser."""

import re
from pathlib import Path

import pytest

from ui.components.script import script

COMPONENTS = Path(__file__).parents[2] / "ui/components"
ENTRIES = [path for path in COMPONENTS.rglob("*.js") if "export default" in path.read_text()]
_NAME = re.compile(r"^(?:export )?(?:async )?(?:const|let|function|class) (\w+)", re.MULTILINE)


def test_a_module_stands_once_and_before_those_that_import_it(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "entry.js").write_text(
        'import { two } from "./parts/two.js"\nimport {\n  one,\n} from "./one.js"\nexport default one\n'
    )
    (tmp_path / "parts/two.js").write_text('import { one } from "../one.js"\nexport const two = 2 * one\n')
    (tmp_path / "one.js").write_text("export const one = 1\n")
    text = script(tmp_path / "entry.js")
    assert text == "export const one = 1\n\nexport const two = 2 * one\n\nexport default one\n"


def test_there_are_components_to_look_at() -> None:
    assert {path.name for path in ENTRIES} >= {"chart.js", "lens.js", "tiles.js"}


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda path: path.stem)
def test_no_import_is_left_and_no_two_modules_share_a_name(entry: Path) -> None:
    text = script(entry)
    names = _NAME.findall(text)
    assert "export default function" in text
    assert not re.search(r"^import\b", text, re.MULTILINE)
    assert sorted(names) == sorted(set(names))
