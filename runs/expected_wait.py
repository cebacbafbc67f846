"""How long it takes until a run is over that is submitted now, among those that are there already."""

import statistics
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from model.config import TrainingConfig
from model.slices import turns
from runs.costs import machine, pages
from runs.limits import poll_seconds
from runs.queue_simulation import Job, Machine, Pages, Wait, simulate
from runs.schedule import Schedule
from runs.workers import cores

# So many turns a simulation has at most, which takes some milliseconds; where there are more, each stands for
# several of a run.
_MAX_TURNS = 1_500
# How slow pages are follows from how fast a worker is alone, and that from how slow they are.
_PASSES = 3
# The FLOP of a slice: of the lesson's recipe, and of any that is not much smaller.
_TURN = statistics.mean(turns(TrainingConfig()))

_simulated = lru_cache(maxsize=64)(simulate)


def expected_waits(
    schedule: Schedule, new: Mapping[str, TrainingConfig], pupils: int, elsewhere: bool = False
) -> tuple[Wait, ...]:
    """What comes of the ``new`` run that each of these visitors submits now, behind those that they have; in
    their order, and nothing before any measurement. So many ``pupils`` have pages open. With workers
    ``elsewhere``, on other machines, none takes anything from another."""
    if not schedule.speed:
        return ()
    chains: dict[str, tuple[float, ...]] = {}
    for run in schedule.runs.values():
        if run.state.is_active:
            chains[run.visitor] = chains.get(run.visitor, ()) + turns(run.snapshot.config, run.done)
    of_others = [_in_turns(left) for left in schedule.others.flops_left]
    submitted = [chains.pop(visitor, ()) + turns(config) for visitor, config in new.items()]
    # Turns are shared equally: while the new runs go on, no other one has more of them.
    most = max(map(len, submitted)) + 1
    jobs = [Job(chain[:most], None) for chain in (*chains.values(), *of_others)]
    jobs += [Job(chain) for chain in submitted]
    each = -(-sum(len(job.slices) for job in jobs) // _MAX_TURNS)
    coarse = tuple(replace(job, slices=_together(job.slices, each)) for job in jobs)
    server = _as_measured(schedule, elsewhere)
    shown = Pages() if elsewhere else pages(server, pupils)
    return _simulated(coarse, server, replace(shown, slice=shown.slice * each)).waits[-len(new) :]


def _as_measured(schedule: Schedule, elsewhere: bool) -> Machine:
    """What one worker does alone follows from what it did among others."""
    workers, crowd, speed = schedule.engine.workers, schedule.crowd, schedule.speed or 0.0
    if elsewhere:
        return Machine(_rounded(speed), workers, workers + 1, spread=0)
    alone = machine(speed, workers, cores())
    looks = crowd.at_work / poll_seconds(round(crowd.at_work))
    for _ in range(_PASSES):
        shown = pages(alone, crowd.at_work)
        taken = shown.beside + looks * shown.look
        alone = replace(alone, speed=speed / alone.pace(crowd.busy, taken, shown.slice * alone.speed / _TURN))
    return replace(alone, speed=_rounded(alone.speed))


def _in_turns(flops: float) -> tuple[float, ...]:
    count = max(1, round(flops / _TURN))
    return (flops / count,) * count


def _rounded(speed: float) -> float:
    """To a hundredth: what is simulated is remembered by it."""
    return float(f"{speed:.2e}")


def _together(slices: tuple[float, ...], each: int) -> tuple[float, ...]:
    """So many of them at a time taken for one, but for the first, with which a page sees its run begin."""
    if each == 1:
        return slices
    return (slices[0], *(sum(slices[first : first + each]) for first in range(1, len(slices), each)))
