"""Chromium as the benchmarks use it: new visitors, and waits that end in plain words."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page
from playwright.sync_api import TimeoutError as PageTimeout

from testing.chromium import launched, visitor
from testing.server import serve


@contextmanager
def chromium() -> Iterator[Browser]:
    """A Chromium; without one, or without a server that answers, the benchmark ends and says so."""
    try:
        with launched() as browser:
            yield browser
    except (FileNotFoundError, TimeoutError) as error:
        raise SystemExit(str(error)) from error


@contextmanager
def new_visitor(browser: Browser, address: str, instrument: Path) -> Iterator[Page]:
    """A page of somebody who has never been at ``address``; ``instrument`` is the script that times it."""
    with visitor(browser, address) as page:
        page.add_init_script(path=instrument)
        yield page


@contextmanager
def waiting_for(what: str) -> Iterator[None]:
    """Where a page does not get there in time, 30 s a wait, the benchmark ends and says what for."""
    try:
        yield
    except (PageTimeout, AssertionError) as error:
        reason = str(error).partition("\n")[0]
        raise SystemExit(f"waited in vain for {what}: {reason}") from error


def serve_bare(name: str) -> serve:
    """The page ``benchmarks/bare/<name>.py`` with the app's settings, in a server of its own."""
    return serve(script=f"benchmarks/bare/{name}.py")
