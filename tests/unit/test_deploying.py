"""What ``deploy/`` has for servers, held against the programs that read it."""

import shutil
import subprocess
from pathlib import Path

import pytest

from testing.documented import ROOT


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd on this machine")
@pytest.mark.parametrize("unit", sorted((ROOT / "deploy").glob("*.service")), ids=lambda path: path.name)
def test_systemd_understands_every_line_of_a_unit(unit: Path, tmp_path: Path) -> None:
    installed = unit.read_text(encoding="utf-8").replace("/opt/digitlab/bin/digitlab", "/bin/true")
    named = tmp_path / unit.name.replace("@", "@8501")
    named.write_text(installed, encoding="utf-8")
    done = subprocess.run(["systemd-analyze", "verify", str(named)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
