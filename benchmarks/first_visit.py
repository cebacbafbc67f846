"""What does a first visit cost on a school's network, and how long does a class wait for its pads?

    python -m benchmarks.first_visit --json

Real Chromium, each visitor with a cold profile of its own, against a warm server; in between lies a proxy of
our own (``testing/slow_link.py``), which everybody shares: 10 Mbit/s to the browsers, and 80 ms for
the way there and back. Plain http; nothing but the app's own server compresses.

bytes_to_pad        that reach the browser until the pad on Home can be drawn on, with headers and websocket
bytes_all           until the first chart too (on Train), with all that is loaded in the background
second_visit_bytes  both pages once more by the same browser, in a new tab
pad_s               from the visit to the pad and the bars beside it: one visitor alone, and thirty who come
                    at once (median and the last of them)
pad_s_unlimited     the same without limit and way: what this machine's cores take, which thirty browsers
                    share with the server here, and which a class brings along
"""

import argparse
import asyncio
import statistics
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from benchmarks.browser import chromium, new_visitor, waiting_for
from benchmarks.pages import warm_up
from benchmarks.report import machine, report
from testing.chromium import settle
from testing.navigation import visit
from testing.server import serve
from testing.slow_link import SlowLink

_BITS_PER_SECOND = 10_000_000
_ROUND_TRIP_SECONDS = 0.08
_CLASS = 30
_TIMEOUT_MS = 300_000
# Nothing more is on its way when nothing has come for so long.
_REST_MS = 3_000


@contextmanager
def _visitor(browser: Browser, address: str) -> Iterator[Page]:
    with new_visitor(browser, address, Path(__file__).with_name("latency.js")) as page:
        page.add_init_script("seen.watchFirst()")
        yield page


def bytes_of_visits(browser: Browser, link: SlowLink) -> dict[str, int]:
    """What a browser gets that has never been here, and then on its second visit."""
    with _visitor(browser, link.address) as first:
        link.received = 0
        _open(first)
        _wait_for_pad(first)
        to_pad = link.received
        _visit_chart(first, link)
        in_all = link.received
        second = first.context.new_page()
        first.close()
        link.received = 0
        second.goto("/")
        second.locator("canvas.upper-canvas").wait_for()
        _visit_chart(second, link)
    return {"bytes_to_pad": to_pad, "bytes_all": in_all, "second_visit_bytes": link.received}


def pad_seconds(browser: Browser, address: str, visitors: int) -> list[float]:
    """Each visitor's seconds from the visit to the pad; they come at once."""
    with ExitStack() as stack:
        pages = [stack.enter_context(_visitor(browser, address)) for _ in range(visitors)]
        for page in pages:
            page.goto("about:blank")
        for page in pages:
            # Not by ``goto``, which waits for the one before.
            page.evaluate("address => void setTimeout(() => { location.href = address })", address)
        return [_wait_for_pad(page) for page in pages]


def _open(page: Page) -> None:
    page.goto("/", wait_until="commit")


def _wait_for_pad(page: Page) -> float:
    """Seconds from the visit on."""
    with waiting_for("the pad on Home"):
        page.wait_for_function("window.seen?.padAndBars", timeout=_TIMEOUT_MS)
    return float(page.evaluate("seen.padAndBars")) / 1e3


def _visit_chart(page: Page, link: SlowLink) -> None:
    """From Home with all that it loads in the background, to Train."""
    _rest(page, link)
    with waiting_for("the first chart"):
        visit(page, "Train")
        page.locator(".js-plotly-plot .main-svg").first.wait_for()
    _rest(page, link)


def _rest(page: Page, link: SlowLink) -> None:
    settle(page)
    before = -1
    while link.received != before:
        before = link.received
        page.wait_for_timeout(_REST_MS)


def measure(visitors: int) -> dict[str, Any]:
    result: dict[str, Any] = {}
    with serve() as address:
        asyncio.run(warm_up(address))
        with chromium() as browser:
            with SlowLink(address, None, 0.0) as unlimited:
                # The first one of all finds a server that has compressed nothing yet.
                pad_seconds(browser, unlimited.address, 1)
                result |= bytes_of_visits(browser, unlimited)
                result["pad_s_unlimited"] = _pads(browser, unlimited.address, visitors)
            with SlowLink(address, _BITS_PER_SECOND, _ROUND_TRIP_SECONDS) as slow:
                result["pad_s"] = _pads(browser, slow.address, visitors)
    return result


def _pads(browser: Browser, address: str, visitors: int) -> dict[str, float]:
    """Of one alone, and of many: the median and the last."""
    alone, together = (pad_seconds(browser, address, count) for count in (1, visitors))
    return {"1": alone[0], f"{visitors}": max(together), f"{visitors}_median": statistics.median(together)}


def main() -> None:
    parser = argparse.ArgumentParser(description="What a first visit costs on a school's network.")
    parser.add_argument("--visitors", type=int, default=_CLASS, help="who come at once")
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    arguments = parser.parse_args()
    if arguments.visitors < 1:
        parser.error("at least 1 visitor")
    result = measure(arguments.visitors)
    sizes = [
        (name, f"{result[name] / 1e6:.2f} MB") for name in ("bytes_to_pad", "bytes_all", "second_visit_bytes")
    ]
    waits = [
        (f"{name}, {who}", f"{seconds:.1f} s")
        for name in ("pad_s", "pad_s_unlimited")
        for who, seconds in result[name].items()
    ]
    report(
        ("first visit", ""),
        [*sizes, *waits],
        {**result, "visitors": arguments.visitors, "machine": machine()},
        arguments.json,
    )


if __name__ == "__main__":
    main()
