"""The whole app under a limit of memory, as in a small container: the web process and its workers together.

Needs a control group of its own: root on Linux, with the memory controller of version 1 or 2.
"""

import os
import sys
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest
from playwright.sync_api import Browser, Page, expect

from runs.cluster import settings
from testing.chromium import settle, visitor
from testing.clusters import Cluster
from testing.hand import draw
from testing.navigation import visit
from testing.pages import PAGES
from testing.server import serve

MIB = 2**20
_MOUNTS = {Path("/sys/fs/cgroup/memory"): "memory.limit_in_bytes", Path("/sys/fs/cgroup"): "memory.max"}
# What cannot be given back, in the two versions' memory.stat.
_OWN = ("total_rss", "anon")
# Where they count what was killed.
_KILLS = ("memory.oom_control", "memory.events")
# The pages that measure networks on whole sets of images.
_MEASURING = ("evaluate", "compare")


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

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Look at ``own`` again and again meanwhile; at the end say what it was at most, and how many
        processes were killed."""
        is_over, most = Event(), [0.0]

        def watch() -> None:
            while not is_over.wait(0.1):
                most.append(max(most.pop(), self._own()))

        thread = Thread(target=watch)
        thread.start()
        try:
            yield
        finally:
            is_over.set()
            thread.join()
            print(f"at most {most[0]:.0f} MB without cached files, {self._killed} killed")  # noqa: T201

    def remove(self) -> None:
        while (self._folder / "cgroup.procs").read_text():
            time.sleep(0.1)
        self._folder.rmdir()

    def _own(self) -> float:
        """What cannot be given back now, in MB of 1e6 bytes."""
        return sum(value for name, value in self._read("memory.stat") if name in _OWN) / 1e6

    @property
    def _killed(self) -> int:
        """How many processes the kernel has ended for want of memory."""
        file = next(name for name in _KILLS if (self._folder / name).exists())
        return dict(self._read(file))["oom_kill"]

    def _read(self, file: str) -> list[tuple[str, int]]:
        lines = (line.split() for line in (self._folder / file).read_text().splitlines())
        return [(name, int(value)) for name, value in lines]


@pytest.fixture
def tab(request: pytest.FixtureRequest, chromium: Browser, tmp_path: Path) -> Iterator[Page]:
    """A visitor of the app under a limit of so many MiB."""
    with _limited(chromium, tmp_path, request.param) as page:
        yield page


@pytest.fixture
def tab_of_cluster(request: pytest.FixtureRequest, chromium: Browser, tmp_path: Path) -> Iterator[Page]:
    """A visitor of a web process under a limit of so many MiB, whose runs a worker outside of it trains."""
    pytest.importorskip("distributed")
    with Cluster(tmp_path) as cluster:
        cluster.start_workers(1, pretend=False)
        with _limited(chromium, tmp_path, request.param, cluster.address) as page:
            yield page


@pytest.mark.timeout(400)
@pytest.mark.parametrize("tab", [2_765, 1_000, 700], indirect=True)
def test_the_seed_recipe_is_trained(tab: Page) -> None:
    _trains(tab)
    _serves_everything_else(tab)


@pytest.mark.timeout(400)
@pytest.mark.parametrize("tab", [600, 450], indirect=True)
def test_where_it_cannot_be_trained_the_page_says_why(tab: Page) -> None:
    _says_why_it_does_not_train(tab)
    _serves_everything_else(tab)


@pytest.mark.timeout(400)
@pytest.mark.parametrize("tab", [300], indirect=True)
def test_pages_that_measure_networks_need_more_than_the_others(tab: Page) -> None:
    _says_why_it_does_not_train(tab)
    _serves_everything_else(tab, without=_MEASURING)


@pytest.mark.timeout(400)
@pytest.mark.parametrize("tab_of_cluster", [2_765, 1_000, 700, 600, 450], indirect=True)
def test_where_a_cluster_trains_the_web_process_needs_little(tab_of_cluster: Page) -> None:
    _trains(tab_of_cluster)
    _serves_everything_else(tab_of_cluster)


@pytest.mark.timeout(400)
@pytest.mark.parametrize("tab_of_cluster", [300], indirect=True)
def test_where_a_cluster_trains_too(tab_of_cluster: Page) -> None:
    _trains(tab_of_cluster)
    _serves_everything_else(tab_of_cluster, without=_MEASURING)


@contextmanager
def _limited(chromium: Browser, folder: Path, mebibytes: int, scheduler: str = "") -> Iterator[Page]:
    group = Limited(mebibytes)
    print(f"limit {mebibytes} MiB:", end=" ")  # noqa: T201
    environment = {settings.SCHEDULER: scheduler}
    with (
        group.watched(),
        serve(environment, python=group.python(folder)) as address,
        visitor(chromium, address) as page,
    ):
        yield page
    group.remove()


def _says_why_it_does_not_train(page: Page) -> None:
    page.goto("/train")
    expect(page.get_by_text("Training is unavailable right now.")).to_contain_text(
        "There may be too little memory", timeout=120_000
    )


def _trains(page: Page) -> None:
    """The seed recipe, to its end."""
    page.goto("/train")
    expect(page.get_by_text("Not started yet. Press Train.")).to_be_visible(timeout=120_000)
    page.locator(".st-key-train button").click()
    expect(page.get_by_text("Finished: validation accuracy")).to_be_visible(timeout=200_000)


def _serves_everything_else(page: Page, without: Collection[str] = ()) -> None:
    """A drawing is read, and every page opens."""
    visit(page, "Draw")
    expect(page.locator("canvas.upper-canvas")).to_be_visible(timeout=60_000)
    draw(page, 7)
    expect(page.get_by_role("heading", name="Read as 7")).to_be_visible(timeout=60_000)
    for name in (name for name in PAGES if name not in without):
        page.goto("/" if name == "home" else f"/{name}")
        expect(page.locator("h2").first).to_be_visible(timeout=60_000)
        settle(page)
        expect(page.get_by_test_id("stException")).to_have_count(0)
