"""What does a page cost the server, and how long does a class wait that opens it in the same second?

    python -m benchmarks.pages --json

Visitors without browsers (``testing/websocket.py``) against a warm server: what they wait for is the server
alone. Each is new, with a session of its own; every page has been opened before by somebody else.

cpu_ms            of the web process for one visit, by page, connecting included: the mean of visitors who
                  come one after the other
thirty_at_once_s  from the moment in which thirty visitors ask for the page to the end of its script, by
                  page: the 95th percentile of the thirty
bare              the same for a page with nothing but the pad, a text and a button (``bare/pad.py``), of a
                  server of its own: what Streamlit takes for any page
"""

import argparse
import asyncio
import time
from contextlib import AsyncExitStack

import psutil

from benchmarks.browser import serve_bare
from benchmarks.report import machine, percentiles, report
from testing.pages import FILES
from testing.server import serve
from testing.websocket import says, visitor

_CLASS = 30
_WARM_UP_SECONDS = 120
# By what the address calls them.
PAGES = {"home": "", **{name: name for name in FILES}}


async def cpu_ms(server: psutil.Process, address: str, page: str, visits: int) -> float:
    """Milliseconds of the web process a visit; of all together, for it counts hundredths of a second."""
    before = _cpu_seconds(server)
    for _ in range(visits):
        async with visitor(address) as somebody:
            await somebody.open(page)
    return 1e3 * (_cpu_seconds(server) - before) / visits


def _cpu_seconds(server: psutil.Process) -> float:
    times = server.cpu_times()
    return float(times.user + times.system)


async def at_once(address: str, page: str, visitors: int) -> list[float]:
    """Seconds that each waits who asks for ``page`` with all the others."""
    async with AsyncExitStack() as stack:
        everybody = [await stack.enter_async_context(visitor(address)) for _ in range(visitors)]
        began = time.perf_counter()

        async def wait(number: int) -> float:
            await everybody[number].open(page)
            return time.perf_counter() - began

        return await asyncio.gather(*map(wait, range(visitors)))


async def warm_up(address: str) -> None:
    """Open all pages, and wait until the engine's workers leave the cores alone."""
    for page in PAGES.values():
        async with visitor(address) as somebody:
            await somebody.open(page)
    deadline = time.monotonic() + _WARM_UP_SECONDS
    while time.monotonic() < deadline:
        async with visitor(address) as somebody:
            if says(await somebody.open("train"), "Not started yet. Press Train."):
                return
        await asyncio.sleep(1)
    raise SystemExit(f"the engine was not ready within {_WARM_UP_SECONDS} s")


async def _measure(
    server: psutil.Process, address: str, page: str, visits: int, visitors: int
) -> tuple[float, float]:
    return (
        await cpu_ms(server, address, page, visits),
        percentiles(await at_once(address, page, visitors))["p95"],
    )


def measure(visits: int, visitors: int) -> dict[str, dict[str, float]]:
    cpu, together = {}, {}
    app = serve()
    with app as address:
        asyncio.run(warm_up(address))
        process = psutil.Process(app.process_id)
        for name, page in PAGES.items():
            cpu[name], together[name] = asyncio.run(_measure(process, address, page, visits, visitors))
    bare = serve_bare("pad")
    with bare as address:
        process = psutil.Process(bare.process_id)
        asyncio.run(cpu_ms(process, address, "", 1))
        cpu["bare"], together["bare"] = asyncio.run(_measure(process, address, "", visits, visitors))
    return {"cpu_ms": cpu, "thirty_at_once_s": together}


def main() -> None:
    parser = argparse.ArgumentParser(description="What a page costs the server, alone and for a class.")
    parser.add_argument("--visits", type=int, default=20, help="of each page, one after the other")
    parser.add_argument("--visitors", type=int, default=_CLASS, help="who come at once")
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    arguments = parser.parse_args()
    if arguments.visits < 1 or arguments.visitors < 1:
        parser.error("at least 1 visit and 1 visitor")
    result = measure(arguments.visits, arguments.visitors)
    table = [
        (name, f"{result['cpu_ms'][name]:.0f} ms", f"{result['thirty_at_once_s'][name]:.2f} s")
        for name in result["cpu_ms"]
    ]
    report(
        ("page", "CPU a visit", f"{arguments.visitors} at once, p95"),
        table,
        {**result, "visitors": arguments.visitors, "machine": machine()},
        arguments.json,
    )


if __name__ == "__main__":
    main()
