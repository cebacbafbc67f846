"""A real server, shared by the browser tests of a session."""

from collections.abc import Generator, Iterator
from contextlib import suppress

import pytest
from playwright.sync_api import Browser, Error, Page, expect

from testing.chromium import PHONE, NextVisitor, visitor, visitors
from testing.server import serve

expect.set_options(timeout=30_000)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that failed says what stood on its page."""
    report = yield
    page = getattr(item, "funcargs", {}).get("page")
    if report.failed and report.when == "call" and isinstance(page, Page):
        with suppress(Error):
            report.sections.append((f"Page {page.url}", page.locator("body").inner_text(timeout=1_000)))
    return report


@pytest.fixture(scope="session")
def app(chromium: Browser) -> Iterator[serve]:
    """The app, served as a class server would, its engine ready."""
    # One worker: a second one would start beside the first tests, on cores that they need.
    served = serve({"DIGITLAB_WORKERS": "1"})
    with served as address:
        with visitor(chromium, address) as page:
            page.goto("/train")
            # The worker has a low priority: beside the last tests of another process it starts slowly.
            expect(page.get_by_text("Not started yet. Press Train.")).to_be_visible(timeout=150_000)
            expect(page.get_by_text("training process is taking too long")).to_have_count(0, timeout=150_000)
        yield served


@pytest.fixture(scope="session")
def server(app: serve) -> str:
    """Its address."""
    return app.address


@pytest.fixture(scope="session")
def next_visitor(chromium: Browser, server: str) -> Iterator[NextVisitor]:
    with visitors(chromium, server) as next_visitor:
        yield next_visitor


@pytest.fixture(scope="session")
def next_neighbour(chromium: Browser, server: str) -> Iterator[NextVisitor]:
    with visitors(chromium, server) as next_visitor:
        yield next_visitor


@pytest.fixture(scope="session")
def next_pupil(chromium: Browser, server: str) -> Iterator[NextVisitor]:
    with visitors(chromium, server, PHONE) as next_visitor:
        yield next_visitor


@pytest.fixture
def page(next_visitor: NextVisitor) -> Iterator[Page]:
    """An empty tab of a new visitor, on a laptop's screen."""
    with next_visitor() as tab:
        yield tab


@pytest.fixture
def neighbour(next_neighbour: NextVisitor) -> Iterator[Page]:
    """An empty tab of another new visitor, who comes at the same time on a laptop of their own."""
    with next_neighbour() as tab:
        yield tab


@pytest.fixture
def phone(next_pupil: NextVisitor) -> Iterator[Page]:
    """An empty tab of a new visitor, on a phone."""
    with next_pupil() as tab:
        yield tab
