"""What a class takes of a server: how long it waits, what else it needs, and what breaks first."""

import statistics
from dataclasses import dataclass
from enum import StrEnum

from model.config import TrainingConfig
from model.slices import turns
from runs.costs import COSTS, pages
from runs.queue_simulation import Job, Machine, simulate

# Assumed, not measured: how long a class may wait in a lesson, within how many seconds its presses come, and
# what a wifi carries.
PATIENCE_SECONDS = 300
PRESSING_SECONDS = 60
NETWORK_BYTES = 5e6
# What was held against a measurement; what is beyond is extrapolated.
MEASURED_PUPILS, MEASURED_WORKERS = 30, 2


class Resource(StrEnum):
    """What may not suffice."""

    PROCESSORS = "processors"
    WEB_PROCESS = "web process"
    MEMORY = "memory"
    DATABASE = "database"
    NETWORK = "network"


@dataclass(frozen=True)
class Capacity:
    """What a class of ``pupils`` takes on each of ``servers``, and in all.

    Seconds from the first press on Train: until the last pupil sees a ``first_point``, and until the run of
    the ``first``, the ``middle`` and the ``last`` pupil is done. ``web`` in cores of each web process,
    ``memory`` in bytes of each server, ``writes`` and ``network`` (bytes) a second in all. ``loads``: what is
    used of each resource, as a share of what there is, the scarcest first.
    """

    pupils: int
    epochs: int
    servers: int
    workers: int
    first_point: float
    first: float
    middle: float
    last: float
    web: float
    memory: float
    writes: float
    network: float
    loads: tuple[tuple[Resource, float], ...]

    @property
    def breaks_first(self) -> Resource:
        """What is scarcest."""
        return self.loads[0][0]

    @property
    def extrapolated(self) -> tuple[str, ...]:
        """What of it was never measured."""
        beyond = {
            f"more than {MEASURED_PUPILS} pupils": self.pupils > MEASURED_PUPILS,
            f"more than {MEASURED_WORKERS} workers": self.workers > MEASURED_WORKERS,
            "more than one server": self.servers > 1,
        }
        return tuple(text for text, is_beyond in beyond.items() if is_beyond)


def capacity(
    pupils: int, epochs: int, server: Machine, memory: float, servers: int = 1, within: float = 0.0
) -> Capacity:
    """What becomes of ``pupils`` who press Train ``within`` so many seconds, each for a run of the lesson's
    recipe; ``servers`` like this one share them, each with ``memory`` in bytes."""
    each = -(-pupils // servers)
    slices, shown = turns(TrainingConfig(epochs=epochs)), pages(server, each)
    jobs = [Job(slices, within * number / each) for number in range(each)]
    simulated = simulate(jobs, server, shown)
    done = sorted(wait.done for wait in simulated.waits)
    looks = simulated.looks * servers
    web = simulated.web + each * shown.press / max(within, PRESSING_SECONDS)
    needed = COSTS.web_bytes + COSTS.pupil_bytes * each + COSTS.worker_bytes * server.workers
    # A row when it is submitted, one an epoch with the untrained network's, and its end.
    writes = pupils * (epochs + 3) / done[-1]
    network = (pupils * COSTS.run_bytes + looks * COSTS.look_bytes) / done[-1] + pupils * COSTS.page_bytes
    loads = {
        Resource.PROCESSORS: done[-1] / PATIENCE_SECONDS,
        Resource.WEB_PROCESS: web,
        Resource.MEMORY: needed / memory,
        Resource.DATABASE: writes / COSTS.writes_per_second,
        Resource.NETWORK: network / NETWORK_BYTES,
    }
    return Capacity(
        pupils=pupils,
        epochs=epochs,
        servers=servers,
        workers=server.workers,
        first_point=max(wait.first_point for wait in simulated.waits),
        first=done[0],
        middle=statistics.median(done),
        last=done[-1],
        web=web,
        memory=needed,
        writes=writes,
        network=network,
        loads=tuple(sorted(loads.items(), key=lambda load: -load[1])),
    )
