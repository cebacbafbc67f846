"""Does a class wait as long as the simulation of the queue says, and take what it says?

    python -m benchmarks.capacity --pupils 10 30 --json

For each size a class of a real server, over real websockets (``testing/lesson_over_the_wire.py``), in a room
with its desk and projector: all press Train at once, each for a run of the lesson's recipe, and look at their
pages until they say that it is over. How fast a worker is, alone and beside the others, is measured in the
minute before and in the minute after, by an engine of the benchmark's own that rests meanwhile.

measured      seconds from the presses until the last page shows its first point, and until the first, the
              middle and the last page says that its run is over; cores of the web process; memory of the
              server and its workers (proportional set size, MB); kB a second of all pupils' pages
simulated     the same by ``runs.capacity``, with that speed, and with what the pupils' side of the benchmark
              took of the cores
ratio         simulated by measured; of the last pupil it has to be within 0.85 and 1.15
alone_gflops  of a worker that is alone, together_gflops of all: before and after
load          of the machine in the last minute, before and after: what others do there is not simulated
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psutil

from benchmarks.contenders import warm_runner
from benchmarks.report import machine, report
from model.config import FEW_EPOCHS
from runs import costs
from runs.capacity import Capacity, capacity
from runs.local_engine import LocalEngine
from runs.measured_speed import Measured, measure
from runs.runner import Runner
from runs.workers import cores
from testing.lesson_over_the_wire import PASSWORD, Pupil, Teacher
from testing.server import serve
from testing.shown import Shown
from testing.tab import tab

_WARM_UP_SECONDS, _TRAINED = 300, 900
# All workers of the server are warm, and pages and class have come to rest.
_REST_SECONDS = 15


@dataclass
class Times:
    """Of all pupils, in seconds since the first press."""

    first_points: list[float] = field(default_factory=list)
    dones: list[float] = field(default_factory=list)


async def train_at_once(pupils: list[Pupil]) -> Times:
    """Everybody presses Train, and looks at the page until the run is over."""
    times, began = Times(), time.monotonic()

    async def train(pupil: Pupil) -> None:
        await pupil.tab.press("train")
        await pupil.tab.until(_has_point, "the first point", _TRAINED)
        times.first_points.append(time.monotonic() - began)
        await pupil.tab.until(lambda page: page.says("Finished: "), "the end of the run", _TRAINED)
        times.dones.append(time.monotonic() - began)

    await asyncio.gather(*map(train, pupils))
    return times


def _has_point(page: Shown) -> bool:
    return page.says(f"of {FEW_EPOCHS}") or page.says("Finished: ")


async def hold(address: str, server: psutil.Process, count: int) -> tuple[Times, dict[str, float], float]:
    """The class: its times, what it took, and the cores that the pupils' side of it took."""
    own = psutil.Process()
    async with AsyncExitStack() as stack:
        desk, projector = [await stack.enter_async_context(tab(address)) for _ in range(2)]
        teacher = Teacher(desk)
        await teacher.open_room()
        await desk.until(lambda page: page.says("Training is ready."), "a warm engine", _WARM_UP_SECONDS)
        assert desk.secret
        projector.secret = desk.secret
        await projector.reconnect()
        await projector.open("projector", f"room={teacher.code}")
        pupils = [Pupil(await stack.enter_async_context(tab(address)), seed) for seed in range(count)]
        await asyncio.gather(*(pupil.join(teacher.code) for pupil in pupils))
        await teacher.go_to("train")
        for pupil in pupils:
            await pupil.tab.until(lambda page: page.widget("train"), "the page Train")
        await asyncio.sleep(_REST_SECONDS)
        before = _cpu(server), _cpu(own), sum(pupil.tab.bytes for pupil in pupils), time.monotonic()
        times = await train_at_once(pupils)
        seconds = time.monotonic() - before[3]
        bytes_taken = sum(pupil.tab.bytes for pupil in pupils) - before[2]
        family = [server, *server.children(recursive=True)]
        took = {
            "web_cores": (_cpu(server) - before[0]) / seconds,
            "memory_mb": sum(process.memory_full_info().pss for process in family) / 1e6,
            "kb_per_second": bytes_taken / 1e3 / seconds,
        }
        return times, took, (_cpu(own) - before[1]) / seconds


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def of_class(count: int, runner: Runner, workers: int) -> dict[str, Any]:
    """A class of so many pupils beside its simulation."""
    print(f"a class of {count} ...", file=sys.stderr)
    loads = [os.getloadavg()[0]]
    speeds = [measure(runner, workers)]
    with tempfile.TemporaryDirectory(prefix="capacity-", ignore_cleanup_errors=True) as data:
        environment = {
            "DIGITLAB_OPERATOR_PASSWORD": PASSWORD,
            "DIGITLAB_DATA": str(Path(data)),
            "DIGITLAB_WORKERS": str(workers),
        }
        server = serve(environment)
        with server as address:
            times, took, crowd = asyncio.run(hold(address, psutil.Process(server.process_id), count))
    speeds.append(measure(runner, workers))
    loads.append(os.getloadavg()[0])
    measured = {
        "first_point_s": max(times.first_points),
        "first_s": min(times.dones),
        "middle_s": statistics.median(times.dones),
        "last_s": max(times.dones),
        **took,
    }
    simulated = _as_measured(simulate(count, speeds, crowd))
    return {
        "measured": measured,
        "simulated": simulated,
        "ratio": {name: simulated[name] / value for name, value in measured.items()},
        "alone_gflops": [speed.alone / 1e9 for speed in speeds],
        "together_gflops": [speed.together / 1e9 for speed in speeds],
        "crowd_cores": crowd,
        "load": loads,
    }


def simulate(count: int, speeds: list[Measured], crowd: float) -> Capacity:
    """What the class would have been at the mean of these speeds."""
    mean = Measured(
        statistics.mean(speed.alone for speed in speeds),
        statistics.mean(speed.together for speed in speeds),
        speeds[0].workers,
    )
    server = costs.machine(mean.alone, mean.workers, cores(), mean.spread(cores()))
    return capacity(count, FEW_EPOCHS, replace(server, taken=crowd), memory=1)


def _as_measured(found: Capacity) -> dict[str, float]:
    return {
        "first_point_s": found.first_point,
        "first_s": found.first,
        "middle_s": found.middle,
        "last_s": found.last,
        "web_cores": found.web,
        "memory_mb": found.memory / 1e6,
        "kb_per_second": found.network / 1e3,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="A class that trains at once, beside its simulation.")
    parser.add_argument("--pupils", type=int, nargs="+", default=[10, 30], help="sizes of the classes")
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    arguments = parser.parse_args()
    if min(arguments.pupils) < 1:
        parser.error("at least 1 pupil")
    engine = LocalEngine()
    with warm_runner(engine) as runner:
        classes = {str(count): of_class(count, runner, engine.workers) for count in arguments.pupils}
    rows = [
        (f"{count} pupils, {name}", *(f"{of[kind][name]:.2f}" for kind in ("measured", "simulated", "ratio")))
        for count, of in classes.items()
        for name in of["measured"]
    ]
    result = {**classes, "workers": engine.workers, "machine": machine()}
    report(("", "measured", "simulated", "ratio"), rows, result, arguments.json)


if __name__ == "__main__":
    main()
