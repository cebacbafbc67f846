"""What pages, processes and writes cost, measured once with the lesson's recipe.

``python -m benchmarks.capacity`` measures it again, beside what ``runs.queue_simulation`` makes of it.
"""

import math
from dataclasses import dataclass

from runs.queue_simulation import Machine, Pages

# Assumed: the rooms that pupils sit in.
PUPILS_OF_ROOM = 30
# A core that trains far slower than where this was measured hardly shows pages so much slower, too.
_MAX_TIMES_SLOWER = 4


@dataclass(frozen=True)
class Costs:
    """Measured with 10 and 30 pupils on two cores of an AMD EPYC (Python 3.11, SQLite), where one worker did
    140 GFLOP/s. Seconds are those of the web process' core, bytes those on the network, compressed."""

    # benchmarks.capacity: fitted to the waits and the web process' CPU time of three classes of 10 and of 30.
    press_seconds: float = 0.11
    look_seconds: float = 0.013
    slice_seconds: float = 0.022
    # An open page follows the lesson every two seconds; desk and projector of each room do, too.
    page_seconds: float = 0.003
    room_seconds: float = 0.025
    # Bytes of one pupil: for a run, for each look at it, and a second without a run.
    run_bytes: float = 168e3
    look_bytes: float = 6.7e3
    page_bytes: float = 1e3
    # Proportional set sizes: of the web process, of each pupil with a run there, and of a worker.
    web_bytes: float = 250e6
    pupil_bytes: float = 3e6
    worker_bytes: float = 650e6
    # benchmarks.keeping: transactions a second that a database bears; SQLite 146, PostgreSQL 136.
    writes_per_second: float = 136
    # The machine of all this: FLOP/s of a worker, how it spreads over the cores, and how many there are.
    speed: float = 140e9
    spread: float = 0.52
    cores: float = 2


COSTS = Costs()


def machine(speed: float, workers: int, cores: float, spread: float | None = None) -> Machine:
    """A machine on which one worker does ``speed`` FLOP/s; by default it spreads as where it was measured."""
    return Machine(speed, workers, cores, COSTS.spread if spread is None else spread)


def pages(server: Machine, pupils: float) -> Pages:
    """What pages cost there while ``pupils`` are in class: all the more, the slower a core is."""
    measured = Machine(COSTS.speed, 1, COSTS.cores, COSTS.spread)
    slower = min(_MAX_TIMES_SLOWER, _core_seconds(server) / _core_seconds(measured))
    rooms = math.ceil(pupils / PUPILS_OF_ROOM)
    return Pages(
        press=COSTS.press_seconds * slower,
        look=COSTS.look_seconds * slower,
        slice=COSTS.slice_seconds * slower,
        beside=(COSTS.page_seconds * pupils + COSTS.room_seconds * rooms) * slower,
    )


def _core_seconds(server: Machine) -> float:
    """Of one core, for one FLOP."""
    return (1 + server.spread * (server.cores - 1)) / server.speed
