"""What is there for servers, held against the programs that read it."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from testing.documented import ROOT, commands

DEPLOY = ROOT / "deploy"
COMPOSE = ROOT / "compose.yaml"
PASSWORDS = {"DATABASE_PASSWORD": "a", "DIGITLAB_OPERATOR_PASSWORD": "b"}
_VARIABLE = re.compile(r"\bDIGITLAB_[A-Z_]+")


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd on this machine")
def test_systemd_understands_every_line_of_the_units(tmp_path: Path) -> None:
    for unit in DEPLOY.glob("*.service"):
        installed = unit.read_text(encoding="utf-8").replace("/opt/digitlab/bin/digitlab", "/bin/true")
        named = tmp_path / unit.name.replace("@", "@8501")
        named.write_text(installed, encoding="utf-8")
        done = subprocess.run(["systemd-analyze", "verify", str(named)], capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, ""), unit.name


def test_the_documented_backup_goes_into_a_folder_that_systemd_makes_for_the_user() -> None:
    document = ROOT / "docs/operating/backups_and_upgrades.md"
    [command] = [line for line in commands(document) if " data backup --data /var/lib" in line]
    folder = Path(command.split()[-1]).parent
    unit = (DEPLOY / "digitlab@.service").read_text(encoding="utf-8")
    [made] = re.findall("^StateDirectory=(.+)", unit, re.MULTILINE)
    assert str(folder.relative_to("/var/lib")) in made.split()


def test_every_variable_that_is_set_for_servers_is_read_by_the_app() -> None:
    folders = ("classroom", "digitlab", "model", "runs", "storage", "ui", "visitors")
    sources = "".join(
        file.read_text("utf-8") for folder in folders for file in ROOT.glob(f"{folder}/**/*.py")
    )
    files = [*DEPLOY.iterdir(), COMPOSE, *ROOT.glob("docs/operating/*.md")]
    named = {name for file in files for name in _VARIABLE.findall(file.read_text(encoding="utf-8"))}
    assert len(named) > 5
    assert named <= set(_VARIABLE.findall(sources))


@pytest.mark.skipif(not shutil.which("docker"), reason="there is no docker on this machine")
def test_docker_understands_the_composition() -> None:
    """No engine is asked."""
    command = ["docker", "stack", "config", "--compose-file", str(COMPOSE)]
    done = subprocess.run(command, env={**os.environ, **PASSWORDS}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_nginx_finds_the_web_servers_of_the_composition_by_their_names() -> None:
    yaml = pytest.importorskip("yaml", reason="PyYAML comes with the cluster's requirements")
    services = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]
    addresses = set(re.findall(r"server (web\d):(\d+)", (DEPLOY / "nginx.conf").read_text(encoding="utf-8")))
    ports = {
        (name, service["command"][service["command"].index("--port") + 1])
        for name, service in services.items()
        if name.startswith("web")
    }
    assert ports == addresses
    assert services["web2"]["healthcheck"]["test"][-1].count("8502") == 1
    mounted = [volume.split(":")[0] for volume in services["nginx"]["volumes"]]
    made = {"./digitlab.crt", "./digitlab.key"}
    assert [name for name in mounted if name not in made and not (ROOT / name).is_file()] == []
