"""Does a class of thirty get through a lesson, and what does it wait for?

    python -m benchmarks.classroom --pupils 30 --json

A lesson over real websockets (``testing/lesson_over_the_wire.py``) against a real server: a teacher opens a
room, pupils join by its code, draw ten digits each, guess together, train five epochs, try their networks on
digits of their own until all have trained, look at the class's handwriting and let the lesson's network be
taught it. Desk and projector are open all the while,
and so are three tabs of an empty page of the same server (``bare/empty.py``), which rerun every second.
Pupils take their time, as people do: two to five seconds a digit.

errors                each error that a page has shown, session that has broken and traceback in the server's
                      log
lost_drawings         digits that were handed in and are not in the database with the same strokes
rerun_p95_ms          from what somebody does (a stroke, a press, a page) to the end of the answer, of pupils
                      who do not train at that moment
bare_rerun_p95_ms     the same of the empty page
rss_mb                of the server and its workers, the most that it was
kb_per_pupil_minute   over the websocket, in both directions, as compressed there
desk_kb_per_minute    the same of the teacher's desk, projector_kb_per_minute of the projector
wait_s                how long each step took the class, thinking included
crowd_cpu             cores that the pupils' side of the benchmark took, on the same machine
"""

import argparse
import asyncio
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from benchmarks.report import machine, percentiles, report
from storage.database import in_folder
from storage.visitors import own_test_of
from testing.answers import Rerun
from testing.lesson_over_the_wire import PASSWORD, Pupil, Teacher
from testing.server import serve
from testing.tab import BrokenTabError, Tab, tab

_ROOT = Path(__file__).parents[1]
DIGITS = 10
_BARE_TABS, _BARE_SECONDS = 3, 1.0
# A pupil joins, draws a digit, presses Train and looks at the wall after so many seconds, from and to.
_JOINS, _DRAWS, _PRESSES, _LOOKS = (0, 8), (2, 5), (0, 5), (5, 10)
_TAKEN_ALONG = 60
_WARM_UP_SECONDS = 300


@dataclass
class Lesson:
    """What happened: of each pupil when the own run was at work, and what went wrong."""

    teacher: Teacher
    pupils: list[Pupil] = field(default_factory=list)
    training: dict[int, tuple[float, float]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    async def lead(self, step: str, act: Callable[[], Awaitable[None]]) -> None:
        """Let the teacher do something for all, and note how long it took; what cannot be is an error."""
        began = time.monotonic()
        try:
            await act()
        except BrokenTabError as error:
            self.errors.append(f"teacher, {step}: {error}")
            print(self.errors[-1], file=sys.stderr)
        self.seconds[step] = time.monotonic() - began
        print(f"{step}: {self.seconds[step]:.0f} s, {len(self.errors)} errors", file=sys.stderr)

    async def together(self, step: str, act: Callable[[int, Pupil], Awaitable[None]]) -> None:
        """Let every pupil do the same, and note how long the last one took; who cannot is an error."""
        began = time.monotonic()

        async def of(number: int, pupil: Pupil) -> None:
            try:
                await act(number, pupil)
            except BrokenTabError as error:
                self.errors.append(f"pupil {number}, {step}: {error}")
                print(self.errors[-1], file=sys.stderr)

        await asyncio.gather(*(of(number, pupil) for number, pupil in enumerate(self.pupils)))
        self.seconds[step] = time.monotonic() - began
        print(f"{step}: {self.seconds[step]:.0f} s, {len(self.errors)} errors", file=sys.stderr)


async def take_time(pupil: Pupil, between: tuple[float, float]) -> None:
    """As people do before they do something."""
    await asyncio.sleep(pupil.chance.uniform(*between))


async def hold(lesson: Lesson) -> None:
    """The lesson, from the first one who joins to what teaching the network has gained."""
    teacher = lesson.teacher

    async def join(_number: int, pupil: Pupil) -> None:
        await take_time(pupil, _JOINS)
        await pupil.join(teacher.code)

    async def draw(_number: int, pupil: Pupil) -> None:
        for _ in range(DIGITS):
            await take_time(pupil, _DRAWS)
            await pupil.draw()

    async def guess(_number: int, pupil: Pupil) -> None:
        await take_time(pupil, _LOOKS)
        await pupil.guess()

    async def train(number: int, pupil: Pupil) -> None:
        await pupil.tab.until(lambda page: page.widget("train"), "the page Train", _TAKEN_ALONG)
        await take_time(pupil, _PRESSES)
        began = time.monotonic()
        await pupil.train()
        lesson.training[number] = (began, time.monotonic())
        await take_time(pupil, _DRAWS)
        await pupil.try_network()
        while len(lesson.training) + len(lesson.errors) < len(lesson.pupils):
            await take_time(pupil, _DRAWS)
            await pupil.try_network()

    async def look(_number: int, pupil: Pupil) -> None:
        await pupil.look_at_wall(len(lesson.pupils) - 1)
        await take_time(pupil, _LOOKS)

    async def read(_number: int, pupil: Pupil) -> None:
        await pupil.read_what_it_gained()

    await lesson.together("join", join)
    await lesson.together("draw", draw)
    await teacher.go_to("guess")
    await teacher.tab.press("let_guess")
    await lesson.together("guess", guess)
    await lesson.lead("train both", teacher.train_both)
    await teacher.go_to("train")
    await lesson.together("train", train)
    await teacher.go_to("our_handwriting")
    await lesson.together("our handwriting", look)
    await teacher.go_to("teach_it")
    await lesson.lead("teach it", teacher.teach_it)
    await lesson.together("read what it gained", read)


async def repeat(page: Tab) -> None:
    """Rerun a page every so often, until cancelled."""
    chance = random.Random(id(page))
    while True:
        await asyncio.sleep(_BARE_SECONDS * chance.uniform(0.5, 1.5))
        await page.rerun()


async def watch_memory(server: psutil.Process, seen: list[float]) -> None:
    """Note each second how much the server and its workers have, in MB."""
    while True:
        family = [server, *await asyncio.to_thread(server.children, recursive=True)]
        sizes = []
        for process in family:
            try:
                sizes.append(process.memory_info().rss)
            except psutil.NoSuchProcess:
                continue
        seen.append(sum(sizes) / 1e6)
        await asyncio.sleep(1)


async def run(address: str, server: psutil.Process, pupils: int) -> tuple[Lesson, dict[str, Any]]:
    """The lesson, and what was measured while it went on."""
    memory: list[float] = []
    own = psutil.Process()
    async with AsyncExitStack() as stack:
        desk, projector = [await stack.enter_async_context(tab(address)) for _ in range(2)]
        lesson = Lesson(Teacher(desk))
        await lesson.teacher.open_room()
        await desk.until(lambda page: page.says("Training is ready."), "a warm engine", _WARM_UP_SECONDS)
        assert desk.secret
        projector.secret = desk.secret
        await projector.reconnect()
        await projector.open("projector", f"room={lesson.teacher.code}")
        bare = [await stack.enter_async_context(tab(address)) for _ in range(_BARE_TABS)]
        for page in bare:
            await page.open("empty")
            page.reruns.clear()
        tabs = [await stack.enter_async_context(tab(address)) for _ in range(pupils)]
        lesson.pupils = [Pupil(page, seed) for seed, page in enumerate(tabs)]
        before = {page: page.bytes for page in (desk, projector)}
        began, cpu = time.monotonic(), sum(own.cpu_times()[:2])
        beside = [asyncio.create_task(repeat(page)) for page in bare]
        beside.append(asyncio.create_task(watch_memory(server, memory)))
        await hold(lesson)
        minutes = (time.monotonic() - began) / 60
        for task in beside:
            task.cancel()
        ends = await asyncio.gather(*beside, return_exceptions=True)
        lesson.errors += [str(end) for end in ends if isinstance(end, BrokenTabError)]
        lesson.errors += [error for one in (desk, projector, *bare, *tabs) for error in one.errors]
        found = {
            "rss_mb": max(memory),
            "kb_per_pupil_minute": sum(page.bytes for page in tabs) / 1e3 / pupils / minutes,
            "desk_kb_per_minute": (desk.bytes - before[desk]) / 1e3 / minutes,
            "projector_kb_per_minute": (projector.bytes - before[projector]) / 1e3 / minutes,
            "crowd_cpu": (sum(own.cpu_times()[:2]) - cpu) / 60 / minutes,
            "bare_rerun_p95_ms": p95_ms([one for page in bare for one in page.reruns]),
        }
    return lesson, found


def not_training(lesson: Lesson) -> list[Rerun]:
    """What pupils did while they had no run at work, after they had joined."""
    found = []
    for number, pupil in enumerate(lesson.pupils):
        began, ended = lesson.training.get(number, (float("inf"), float("inf")))
        found += [one for one in pupil.tab.reruns if not began <= one.at < ended]
    return found


def p95_ms(reruns: Sequence[Rerun]) -> float:
    return 1e3 * percentiles([one.seconds for one in reruns])["p95"]


def lost_drawings(lesson: Lesson, data: Path) -> int:
    """Of those that were handed in; the server has ended."""
    database = in_folder(data)
    database.open()
    lost = 0
    for pupil in lesson.pupils:
        kept = database.read(own_test_of, pupil.visitor) if pupil.submitted else None
        trials = kept.trials if kept else ()
        lost += max(0, len(pupil.submitted) - len(trials))
        for submitted, trial in zip(pupil.submitted, trials, strict=False):
            same = len(submitted.strokes) == len(trial.strokes) and all(
                map(np.array_equal, submitted.strokes, trial.strokes)
            )
            lost += not (same and submitted.label == trial.label)
    database.close()
    return lost


@contextmanager
def app_with_empty_page(folder: Path) -> Iterator[Path]:
    """The app in a ``folder`` with one more page; what the pages import is this repository's."""
    for name in ("pages", "static", ".streamlit"):
        shutil.copytree(_ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(_ROOT / "app.py", folder)
    shutil.copy(_ROOT / "benchmarks" / "bare" / "empty.py", folder / "pages")
    yield folder


def measure(pupils: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="classroom-", ignore_cleanup_errors=True) as name:
        folder, log = Path(name), Path(name) / "log"
        (folder / "app").mkdir()
        environment = {
            "PYTHONPATH": str(_ROOT),
            "DIGITLAB_OPERATOR_PASSWORD": PASSWORD,
            "DIGITLAB_DATA": str(folder / "data"),
        }
        with app_with_empty_page(folder / "app") as app:
            server = serve(environment, folder=app, log=log)
            with server as address:
                lesson, found = asyncio.run(run(address, psutil.Process(server.process_id), pupils))
        lesson.errors += ["a traceback in the server's log"] * log.read_text().count("Traceback")
        for error in lesson.errors:
            print(error)
        by_what: dict[str, list[Rerun]] = {}
        for one in not_training(lesson):
            by_what.setdefault(one.what, []).append(one)
        return {
            "errors": len(lesson.errors),
            "lost_drawings": lost_drawings(lesson, folder / "data"),
            "submitted": sum(len(pupil.submitted) for pupil in lesson.pupils),
            "rerun_p95_ms": p95_ms(not_training(lesson)),
            **found,
            "wait_s": lesson.seconds,
            "train_s": {number: end - began for number, (began, end) in lesson.training.items()},
            "rerun_p95_ms_by_what": {what: p95_ms(reruns) for what, reruns in by_what.items()},
            "pupils": pupils,
            "machine": machine(),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description="A class's lesson, over real websockets.")
    parser.add_argument("--pupils", type=int, default=30)
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    arguments = parser.parse_args()
    if arguments.pupils < 3:
        parser.error("at least 3 pupils: fewer have no interval over the others")
    result = measure(arguments.pupils)
    rows = [(name, f"{value:.2f}") for name, value in result.items() if isinstance(value, int | float)]
    report((f"a lesson of {arguments.pupils} pupils", ""), rows, result, arguments.json)


if __name__ == "__main__":
    main()
