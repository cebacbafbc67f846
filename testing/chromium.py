"""Chromium: where it is, how it is started, and a visitor's tab in it."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from start import BROWSERS

MISSING = "there is no Chromium on this machine (Debian: apt-get install chromium-headless-shell)"
LAPTOP: dict[str, Any] = {"viewport": {"width": 1366, "height": 768}}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}

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


def executable() -> str | None:
    """The path of Chromium, or None: ``MISSING``."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


@contextmanager
def launched() -> Iterator[Browser]:
    """A Chromium without a window; FileNotFoundError where there is none."""
    path = executable()
    if path is None:
        raise FileNotFoundError(MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_FLAGS)
        yield browser
        browser.close()


@contextmanager
def visitor(browser: Browser, address: str, screen: dict[str, Any] = LAPTOP) -> Iterator[Page]:
    """An empty tab of somebody who has never been at ``address``, on a laptop's screen or another."""
    with _profile(browser, address, screen) as context:
        yield context.new_page()


NextVisitor = Callable[[], AbstractContextManager[Page]]


@contextmanager
def visitors(browser: Browser, address: str, screen: dict[str, Any] = LAPTOP) -> Iterator[NextVisitor]:
    """What gives an empty tab to one visitor after the other, all on the same device: whoever comes is new
    to the app, but the device has loaded and compiled its scripts before."""

    with _profile(browser, address, screen) as context:
        # Tabs that are opened from another one share its process, and what that has compiled.
        opener = context.new_page()

        @contextmanager
        def next_visitor() -> Iterator[Page]:
            with opener.expect_popup() as opened:
                opener.evaluate("void open('about:blank')")
            yield opened.value
            opened.value.close()
            context.clear_cookies()

        yield next_visitor


@contextmanager
def _profile(browser: Browser, address: str, screen: dict[str, Any]) -> Iterator[BrowserContext]:
    context = browser.new_context(**screen, base_url=address, locale="en-US")
    context.set_default_timeout(30_000)
    try:
        yield context
    finally:
        context.close()


def settle(page: Page) -> None:
    """Until no script of the page runs, so that nothing is about to be mounted anew, and nothing that unfolds
    is still on its way: a button may move between the press and the release of the mouse."""
    expect(page.get_by_test_id("stApp")).to_have_attribute(
        "data-test-script-state", "notRunning", timeout=30_000
    )
    page.wait_for_function(
        "document.getAnimations().every(({ playState, effect }) =>"
        " playState !== 'running' || effect.getComputedTiming().endTime === Infinity)"
    )
