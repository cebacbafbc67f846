"""A class draws on bad wifi: ten megabits for all, 80 ms of way, connections that break, reloads, a change of
device, and a server that is killed. Nothing that was handed in is lost, and nothing is there twice.

``DIGITLAB_WIFI_PUPILS`` are so many, two of them in real Chromium (four of thirty). Nothing is trained.
"""

import asyncio
import os
import re
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Error as PageError
from playwright.sync_api import Page, expect

from storage.database import in_folder
from storage.visitors import own_test_of
from testing.chromium import MISSING, executable, launched, visitor
from testing.hand import draw
from testing.lesson_over_the_wire import PASSWORD, Teacher
from testing.patient_pupil import PatientPupil
from testing.server import serve, without_tensorflow
from testing.slow_link import SlowLink
from testing.tab import tab
from ui.base.session import COOKIE
from visitors.identity import visitor_id

PUPILS = int(os.environ.get("DIGITLAB_WIFI_PUPILS", "8"))
_BROWSERS = 4 if PUPILS >= 30 else 2
_DIGITS, _DIGITS_OF_BROWSERS = 5, 3
_BITS, _WAY, _DROPS = 10_000_000, 0.08, 0.5
# From the visit to a pad and a seat.
_ARRIVAL_SECONDS = 90
# What the page has taken is written within this time.
_WRITTEN_SECONDS = 2
_PATIENCE_SECONDS = 120
# All of it, at most.
_LESSON_SECONDS = 600
# Who sees no answer for so long tries again.
_ANSWER_MS = 5_000


async def open_room(address: str) -> str:
    async with tab(address) as desk:
        teacher = Teacher(desk)
        await teacher.open_room()
        return teacher.code


def files_to_pad(address: str, code: str) -> list[str]:
    """The paths of the files that a cold profile fetches until there is a pad."""
    paths: list[str] = []
    with launched() as browser, visitor(browser, address) as page:
        page.on("request", lambda request: paths.append(request.url.removeprefix(address)))
        join(page, code)
    return [path for path in dict.fromkeys(paths) if path.startswith("/static/")] + ["/"]


def take_part_in_a_browser(address: str, code: str) -> tuple[str, float, int]:
    """Who it was, the seconds until there were seat and pad, and the digits that the page has taken."""
    with launched() as browser, visitor(browser, address) as page:
        began = time.monotonic()
        join(page, code)
        seconds = time.monotonic() - began
        taken = draw_by_hand(page)
        [secret] = [one["value"] for one in page.context.cookies() if one["name"] == COOKIE]
        return visitor_id(secret), seconds, taken


def join(page: Page, code: str) -> None:
    """Until there are seat and pad; who gets half a page reloads it."""
    end = time.monotonic() + _PATIENCE_SECONDS
    way_in = page.get_by_role("button", name=re.compile("^(Join|Yes, that is me)$"))
    pad = page.locator("canvas.upper-canvas")
    while True:
        assert time.monotonic() < end, "no pad"
        with suppress(PageError):
            page.goto(f"/join?room={code}")
            way_in.or_(pad).first.wait_for()
            if way_in.is_visible():
                way_in.click()
            pad.wait_for()
            expect(page.get_by_text("Seat code")).to_be_visible()
            return


async def crowd(pupils: list[PatientPupil], kill: "Future[float]", app: serve) -> None:
    """All draw; two reload their pages, one changes the device, and the server is killed at half time."""

    async def take_part(number: int, pupil: PatientPupil) -> None:
        await pupil.arrive()
        await pupil.draw(2)
        if number in (0, 1):
            await pupil.reload()
        if number == 2:
            await pupil.change_device()
        await pupil.draw(_DIGITS)

    async def pull_the_plug() -> None:
        while sum(len(pupil.submitted) for pupil in pupils) < len(pupils) * _DIGITS / 2:
            await asyncio.sleep(0.1)
        kill.set_result(time.monotonic())
        await asyncio.to_thread(app.kill_and_restart)

    try:
        async with asyncio.timeout(_LESSON_SECONDS):
            await asyncio.gather(pull_the_plug(), *(take_part(*pupil) for pupil in enumerate(pupils)))
            # What the kill took back.
            await asyncio.gather(*(pupil.draw(_DIGITS) for pupil in pupils))
    finally:
        for pupil in pupils:
            await pupil.leave()


def draw_by_hand(page: Page) -> int:
    """Digits with the mouse, until the page has taken enough, whatever breaks; how many those are."""
    submit = page.get_by_role("button", name="Submit", exact=True)
    end, drawn_at = time.monotonic() + _PATIENCE_SECONDS, 0.0
    while (taken := count_on_page(page)) < _DIGITS_OF_BROWSERS:
        assert time.monotonic() < end, f"only {taken} digits were taken: {page.inner_text('body')}"
        # What is about to be drawn anew goes away under the mouse.
        with suppress(PageError):
            if submit.is_enabled(timeout=_ANSWER_MS):
                submit.click(timeout=_ANSWER_MS)
                page.get_by_text(f"Drawn: {taken + 1},").wait_for(timeout=_ANSWER_MS)
            elif time.monotonic() - drawn_at > _ANSWER_MS / 1e3:
                drawn_at = time.monotonic()
                draw(page, (7, 2, 3)[taken])
    return taken


def count_on_page(page: Page) -> int:
    """How many digits the page says were drawn."""
    found = re.search(r"Drawn: (\d+),", page.inner_text("body"))
    return int(found[1]) if found else 0


@pytest.mark.skipif(executable() is None, reason=MISSING)
@pytest.mark.timeout(900)
def test_on_bad_wifi_everybody_gets_a_pad_and_no_drawing_is_lost_or_there_twice(tmp_path: Path) -> None:
    data = tmp_path / "data"
    environment = {
        **without_tensorflow(tmp_path),
        "DIGITLAB_DATA": str(data),
        "DIGITLAB_OPERATOR_PASSWORD": PASSWORD,
    }
    app = serve(environment)
    with ThreadPoolExecutor(_BROWSERS + 1) as threads, app as address:
        code = threads.submit(lambda: asyncio.run(open_room(address))).result()
        files = threads.submit(files_to_pad, address, code).result()
        with SlowLink(address, _BITS, _WAY, _DROPS) as link:
            killed = Future[float]()
            pupils = [PatientPupil(link.address, code, seed, files) for seed in range(PUPILS - _BROWSERS)]
            over = threads.submit(lambda: asyncio.run(crowd(pupils, killed, app)))
            browsers = [threads.submit(take_part_in_a_browser, link.address, code) for _ in range(_BROWSERS)]
            in_browsers = [browser.result() for browser in browsers]
            over.result()
    arrivals = [
        *(one.arrived or float("inf") for one in pupils),
        *(seconds for _who, seconds, _taken in in_browsers),
    ]
    taken_back = [when for one in pupils for _submitted, when in one.taken_back]
    slowest = max(seconds for _who, seconds, _taken in in_browsers)
    sys.stdout.write(
        f"{PUPILS} pupils: pad and seat within {max(arrivals):.0f} s, in browsers {slowest:.0f} s; "
        f"{link.dropped} connections dropped, {len(taken_back)} digits asked for again after the kill\n"
    )
    assert killed.done()
    assert max(arrivals) < _ARRIVAL_SECONDS
    for when in taken_back:
        assert 0 <= killed.result() - when < _WRITTEN_SECONDS, "what was taken longer ago is written"
    database = in_folder(data)
    database.open()
    for pupil in pupils:
        test = database.read(own_test_of, pupil.visitor)
        assert test is not None
        expected = [submitted for submitted, _when in pupil.submitted]
        assert [trial.label for trial in test.trials] == [submitted.label for submitted in expected]
        for trial, submitted in zip(test.trials, expected, strict=True):
            assert len(trial.strokes) == len(submitted.strokes)
            assert all(map(np.array_equal, trial.strokes, submitted.strokes))
    for who, _seconds, taken in in_browsers:
        test = database.read(own_test_of, who)
        assert test is not None
        assert len(test.drawn) == taken
    database.close()
