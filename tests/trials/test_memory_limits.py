"""The whole app under a limit of memory, as in a small container: the web process and its workers together.

Needs a control group of its own: root on Linux, with the memory controller of version 1 or 2.
"""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from testing.chromium import visitor
from testing.navigation import visit
from testing.server import serve

MIB = 2**20
_MOUNTS = {Path("/sys/fs/cgroup/memory"): "memory.limit_in_bytes", Path("/sys/fs/cgroup"): "memory.max"}
# What cannot be given back, in the two versions' memory.stat.
_OWN = ("total_rss", "anon")
_PEAKS = ("memory.max_usage_in_bytes", "memory.peak")


class Limited:
    """A control group with a limit."""

    def __init__(self, mebibytes: int) -> None:
        for mount, file in _MOUNTS.items():
            self._folder = mount / f"digitlab-trial-{os.getpid()}-{mebibytes}"
            try:
                self._folder.mkdir()
                (self._folder / file).write_text(str(mebibytes * MIB))
            except OSError:
                continue
            return
        pytest.skip("no control group can be made here: that takes root, and a memory controller")

    def python(self, folder: Path) -> Path:
        """A Python in ``folder`` that begins its life in the group, so that all its memory is counted."""
        script = folder / "python"
        script.write_text(f'#!/bin/sh\necho $$ > {self._folder}/cgroup.procs\nexec {sys.executable} "$@"\n')
        script.chmod(0o755)
        return script

    @property
    def peak(self) -> float:
        """In MB of 1e6 bytes, cached files included."""
        file = next(self._folder / name for name in _PEAKS if (self._folder / name).exists())
        return int(file.read_text()) / 1e6

    @property
    def own(self) -> float:
        """What of it is no cached file now, in MB of 1e6 bytes."""
        lines = (line.split() for line in (self._folder / "memory.stat").read_text().splitlines())
        return sum(int(value) for name, value in lines if name in _OWN) / 1e6

    def remove(self) -> None:
        while (self._folder / "cgroup.procs").read_text():
            time.sleep(0.1)
        self._folder.rmdir()


@pytest.fixture
def tab(request: pytest.FixtureRequest, chromium: Browser, tmp_path: Path) -> Iterator[Page]:
    """A visitor of the app under a limit of so many MiB; says in the end what the app took at most."""
    group = Limited(request.param)
    with serve(python=group.python(tmp_path)) as address, visitor(chromium, address) as page:
        yield page
        peak = f"at most {group.peak:.0f} MB with cached files, {group.own:.0f} MB without at the end"
        print(f"limit {request.param} MiB: {peak}")  # noqa: T201
    group.remove()


@pytest.mark.timeout(400)
@pytest.mark.parametrize("tab", [1_000, 700], indirect=True)
def test_the_seed_recipe_is_trained(tab: Page) -> None:
    tab.goto("/train")
    expect(tab.get_by_text("Not started yet. Press Train.")).to_be_visible(timeout=120_000)
    tab.locator(".st-key-train button").click()
    expect(tab.get_by_text("Finished: validation accuracy")).to_be_visible(timeout=200_000)
    _serves_everything_else(tab)


@pytest.mark.timeout(400)
@pytest.mark.parametrize("tab", [600, 450], indirect=True)
def test_where_it_cannot_be_trained_the_page_says_why(tab: Page) -> None:
    tab.goto("/train")
    expect(tab.get_by_text("Training is unavailable right now.")).to_contain_text(
        "There may be too little memory", timeout=120_000
    )
    _serves_everything_else(tab)


def _serves_everything_else(page: Page) -> None:
    page.locator(".st-key-navigation").get_by_role("link", name="Digit Lab").click()
    expect(page.get_by_role("button", name="Train your own")).to_be_visible(timeout=60_000)
    expect(page.locator("canvas.upper-canvas")).to_be_visible(timeout=60_000)
    visit(page, "Draw")
    expect(page.locator("canvas.upper-canvas")).to_be_visible(timeout=60_000)
    visit(page, "Evaluate")
    expect(page.locator("h2").first).to_be_visible(timeout=60_000)
    expect(page.get_by_test_id("stException")).to_have_count(0)
