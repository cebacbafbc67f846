"""A real server, shared by the browser tests of a session."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from testing import chromium as real
from testing.server import serve

expect.set_options(timeout=30_000)


@pytest.fixture(scope="session")
def server(chromium: Browser) -> Iterator[str]:
    """The address of the app, served as a class server would, its engine ready."""
    # One worker: a second one would start beside the first tests, on cores that they need.
    with serve({"DIGITLAB_WORKERS": "1"}) as address:
        with real.visitor(chromium, address) as page:
            page.goto("/train")
            # The worker has a low priority: beside the last tests of another process it starts slowly.
            expect(page.get_by_text("Not started yet. Press Train.")).to_be_visible(timeout=150_000)
            expect(page.get_by_text("The engine has been starting")).to_have_count(0, timeout=150_000)
        yield address


@pytest.fixture
def page(chromium: Browser, server: str) -> Iterator[Page]:
    """An empty tab of a visitor of its own, on a laptop's screen."""
    with real.visitor(chromium, server) as tab:
        yield tab
