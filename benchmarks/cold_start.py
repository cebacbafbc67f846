"""How long does a newcomer wait, from ``streamlit run`` on?

    python -m benchmarks.cold_start --json

Starts the app in two ways, by turns, a fresh server and a fresh browser each time:

default  as the README says it: a virtual environment inside a copy of the app's folder, and the
         repository's own settings
bare     the fastest that could be: no file watcher, and the environment outside of the folder

The environments are real ones (``python -m venv``). Their packages are hard links to those of the
environment that runs the benchmark, or copies where the file system has no links, so that nothing is
downloaded; a Python without a virtual environment installs requirements.txt instead.

first_canvas_s  from the start of the process to the drawing canvas in Chromium
engine_ready_s  from there too, until Train says that training can begin
epochs20_s      the seed recipe, from the click on Train to the last epoch's point
log_lines       what the server has printed by then, in lines
ratio           epochs20_s of ``default`` as a share of ``bare``'s

All are medians of the pairs, by what is measured and by start; ``log_lines`` at the top is ``default``'s.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
import venv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from benchmarks.browser import chromium, new_visitor
from benchmarks.report import machine, report
from model.config import TrainingConfig
from testing.navigation import visit
from testing.server import serve

_ROOT = Path(__file__).parents[1]
_WATCH = Path(__file__).with_name("latency.js")
_TIMEOUT_MS = 240_000
_MEASURED = ("first_canvas_s", "engine_ready_s", "epochs20_s", "log_lines")
# What a clone does not have.
_LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache")


def new_environment(folder: Path) -> Path:
    """A virtual environment with the app's packages in ``folder``; returns its Python."""
    in_environment = sys.prefix != sys.base_prefix
    venv.create(folder, with_pip=not in_environment, symlinks=True)
    python = folder / "bin" / "python"
    if in_environment:
        packages = Path(sysconfig.get_path("purelib"))
        shutil.copytree(
            packages, folder / packages.relative_to(sys.prefix), copy_function=_link, dirs_exist_ok=True
        )
    else:
        subprocess.run([python, "-m", "pip", "install", "-q", "-r", _ROOT / "requirements.txt"], check=True)
    return python


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def start(browser: Browser, server: serve, log: Path) -> dict[str, float]:
    """What one newcomer sees of a ``server`` that prints into ``log``."""
    started = time.perf_counter()
    with server as address, new_visitor(browser, address, _WATCH) as page:
        page.set_default_timeout(_TIMEOUT_MS)
        page.goto("/")
        page.locator("canvas.upper-canvas").wait_for()
        first_canvas = time.perf_counter() - started
        visit(page, "Train")
        page.get_by_text("Not started yet. Press Train.").wait_for()
        engine_ready = time.perf_counter() - started
        page.evaluate("seen.watchCurve()")
        page.locator(".st-key-train button").click()
        page.wait_for_function("epochs => seen.curve.at(-1)?.x >= epochs", arg=TrainingConfig().epochs)
        seen = page.evaluate("seen")
        return {
            "first_canvas_s": first_canvas,
            "engine_ready_s": engine_ready,
            "epochs20_s": (seen["curve"][-1]["at"] - seen["clicked"]) / 1e3,
            "log_lines": len(log.read_text(errors="replace").splitlines()),
        }


def measure(pairs: int) -> dict[str, Any]:
    found: dict[str, list[dict[str, float]]] = {"default": [], "bare": []}
    with tempfile.TemporaryDirectory() as temporary, chromium() as browser:
        clone, bare = Path(temporary, "clone"), Path(temporary, "bare")
        for copy in (clone, bare):
            shutil.copytree(_ROOT, copy, ignore=_LEFT_OUT)
        inside = new_environment(clone / ".venv")
        outside = new_environment(Path(temporary, "environment"))
        log = Path(temporary, "log")
        for _ in range(pairs):
            found["default"].append(
                start(browser, serve(folder=clone, python=inside, watcher=None, log=log), log)
            )
            found["bare"].append(start(browser, serve(folder=bare, python=outside, log=log), log))
    return summary(found)


def summary(found: Mapping[str, Sequence[Mapping[str, float]]]) -> dict[str, Any]:
    """Medians of what the starts of each kind measured."""
    by_start = {
        kind: {name: statistics.median(start[name] for start in starts) for name in _MEASURED}
        for kind, starts in found.items()
    }
    by_name = {name: {kind: medians[name] for kind, medians in by_start.items()} for name in _MEASURED}
    return {
        **by_name,
        **by_start,
        "ratio": by_name["epochs20_s"]["default"] / by_name["epochs20_s"]["bare"],
        "log_lines": by_start["default"]["log_lines"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="From streamlit run to a trained network, as a newcomer.")
    parser.add_argument("--pairs", type=int, default=3, help="starts of each kind")
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    arguments = parser.parse_args()
    if arguments.pairs < 1:
        parser.error("at least 1 pair")
    result = measure(arguments.pairs)
    table = [(name, f"{result['default'][name]:.1f}", f"{result['bare'][name]:.1f}") for name in _MEASURED]
    report(
        (f"{arguments.pairs} pairs", "default", "bare"),
        [*table, ("ratio", f"{result['ratio']:.2f}", "")],
        {**result, "pairs": arguments.pairs, "machine": machine()},
        arguments.json,
    )


if __name__ == "__main__":
    main()
