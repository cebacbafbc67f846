"""A real server and a real Chromium, shared by the browser tests of a session."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

expect.set_options(timeout=30_000)

_ROOT = Path(__file__).parents[2]
_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chromium-browser")
    if path is None:
        reason = "there is no Chromium on this machine (Debian: apt-get install chromium)"
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(chromium: Browser) -> Iterator[str]:
    """The address of the app, served as a class server would, its engine ready."""
    with serve() as address:
        page = chromium.new_context(locale="en-US").new_page()
        page.goto(f"{address}/train")
        # The worker has a low priority: beside the last tests of another process it starts slowly.
        expect(page.get_by_text("Not started yet. Press Train.")).to_be_visible(timeout=150_000)
        expect(page.get_by_text("The engine has been starting")).to_have_count(0, timeout=150_000)
        page.context.close()
        yield address


class serve:  # noqa: N801
    """``with serve(environment) as address``: the app on a free port, ended with all its workers."""

    def __init__(self, environment: dict[str, str] | None = None, folder: Path = _ROOT) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self._environment = {
            **os.environ,
            "STREAMLIT_SERVER_FILE_WATCHER_TYPE": "none",
            **(environment or {}),
        }
        self._folder = folder

    @property
    def process_id(self) -> int:
        return self._process.pid

    def __enter__(self) -> str:
        command = [sys.executable, "-m", "streamlit", "run", "app.py"]
        options = ["--server.port", str(self._port), "--server.headless", "true"]
        self._process = subprocess.Popen(
            [*command, *options],
            cwd=self._folder,
            env=self._environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        address = f"http://127.0.0.1:{self._port}"
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2):
                    return address
            except OSError:
                time.sleep(0.1)
        self._process.kill()
        raise TimeoutError("the app did not start within 60 s")

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@pytest.fixture
def page(chromium: Browser, server: str) -> Iterator[Page]:
    """An empty tab of a visitor of its own, on a laptop's screen."""
    context = chromium.new_context(viewport={"width": 1366, "height": 768}, base_url=server, locale="en-US")
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()
