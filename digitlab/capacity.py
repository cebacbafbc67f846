"""The command ``digitlab capacity``: how long a class would wait on this computer, and what breaks first."""

import argparse
import json
import math
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict

from model.config import FEW_EPOCHS, bounds
from model.messages import MessageError
from runs import memory
from runs.capacity import (
    NETWORK_BYTES,
    PATIENCE_SECONDS,
    Capacity,
    Resource,
    capacity,
)
from runs.costs import PUPILS_OF_ROOM, machine
from runs.measured_speed import measure_machine
from runs.queue_simulation import Machine
from runs.workers import cores, default_workers

_MAX_PUPILS = 10_000
_SIMULATED = ("first point", "done", "web process", "memory", "database", "network")
_ADVICE = {
    Resource.PROCESSORS: "fewer epochs, a smaller network, or computers with more cores.",
    Resource.WEB_PROCESS: "several servers behind one address, each with its share of the pupils.",
    Resource.MEMORY: "fewer workers (DIGITLAB_WORKERS), or more memory.",
    Resource.DATABASE: "fewer epochs, or a faster disk for the database.",
    Resource.NETWORK: "a faster network, or a cable from the server to the access points.",
}


def main(arguments: Sequence[str]) -> int:
    """What the process ends with: 0, or 1 where this machine cannot be measured."""
    options = _parser().parse_args(arguments)
    free = memory.available()
    try:
        server = _machine(options)
    except MessageError as error:
        print(f"digitlab capacity: {error}", file=sys.stderr)
        return 1
    found = capacity(options.pupils, options.epochs, server, free, options.servers, options.within)
    if options.json:
        print(json.dumps(_as_json(found, server)))
    else:
        print("\n".join(_table(found, server)))
    return 0


def _machine(options: argparse.Namespace) -> Machine:
    if options.speed:
        return machine(options.speed * 1e9, options.workers or default_workers(), cores())
    print("Measuring this computer, which takes about half a minute ...", file=sys.stderr, flush=True)
    measured = measure_machine(options.workers)
    return machine(measured.alone, measured.workers, cores(), measured.spread(cores()))


def _table(found: Capacity, server: Machine) -> list[str]:
    each = math.ceil(found.pupils / found.servers)
    together = server.pace(server.workers) * server.workers
    rows = [
        ("pupils", f"{found.pupils:,}, each trains {found.epochs} epochs of the lesson's network"),
        (
            "processes",
            f"{found.servers} web and {found.servers * found.workers} training "
            f"({server.speed / 1e9:.0f} GFLOP/s alone, {together:.1f} times that together)",
        ),
        ("first point", f"{_time(found.first_point)} until everybody's curve has begun"),
        ("done", f"first {_time(found.first)}, middle {_time(found.middle)}, last {_time(found.last)}"),
        ("web process", f"{found.web:.2f} of its one core, with {each:,} pupils"),
        ("memory", f"{found.memory / 1e9:.1f} GB a server"),
        ("database", f"{found.writes:.1f} writes a second"),
        ("network", f"{found.network / 1e3:,.0f} kB a second"),
    ]
    mark = " *" if found.extrapolated else ""
    lines = [f"{name:<12} {text}{mark if name in _SIMULATED else ''}" for name, text in rows]
    lines += ["", "What of this computer it takes:"]
    lines += [f"{resource:<12} {share:7.0%}  {_bound(resource)}{mark}" for resource, share in found.loads]
    short = [resource for resource, share in found.loads if share > 1]
    lines += [
        "",
        f"Breaks first: the {found.breaks_first}. {'' if short else 'As it is, everything suffices.'}",
    ]
    lines += [f"To do: {_ADVICE[resource]}" for resource in short]
    if Resource.WEB_PROCESS in short:
        lines += ["With a web process that has more to do than it can, all waits are longer than said here."]
    if found.extrapolated:
        lines += [f"* Extrapolated: {', '.join(found.extrapolated)} were never measured."]
    return [line.rstrip() for line in lines]


def _bound(resource: Resource) -> str:
    match resource:
        case Resource.PROCESSORS:
            return f"of {PATIENCE_SECONDS / 60:.0f} minutes that a class may wait (assumed)"
        case Resource.WEB_PROCESS:
            return f"of one core, with {PUPILS_OF_ROOM} pupils a room"
        case Resource.MEMORY:
            return "of what is free now"
        case Resource.DATABASE:
            return "of what SQLite or PostgreSQL bore where it was measured"
        case Resource.NETWORK:
            return f"of {NETWORK_BYTES / 1e6:.0f} MB a second (assumed)"


def _time(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds / 60:.1f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def _as_json(found: Capacity, server: Machine) -> dict[str, object]:
    return {
        **asdict(found),
        "loads": {str(resource): share for resource, share in found.loads},
        "breaks_first": str(found.breaks_first),
        "extrapolated": found.extrapolated,
        "machine": asdict(server),
    }


def _whole(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(
                f"needs a whole number from {least} to {most:,}, received {text!r}"
            )
        return int(text)

    return read


def _number(least: float, most: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        with suppress(ValueError):
            if least <= float(text) <= most:
                return float(text)
        raise argparse.ArgumentTypeError(f"needs a number from {least:g} to {most:g}, received {text!r}")

    return read


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="digitlab capacity",
        description="How long a class waits on this computer that trains at once, what it takes, and what "
        "breaks first: measured for half a minute, then simulated.",
    )
    most = int(bounds("epochs")[1])
    parser.add_argument("--pupils", type=_whole(1, _MAX_PUPILS), default=30, metavar="N", help="30")
    parser.add_argument(
        "--epochs",
        type=_whole(1, most),
        default=FEW_EPOCHS,
        metavar="N",
        help=f"that each of them trains; {FEW_EPOCHS}",
    )
    parser.add_argument(
        "--within", type=_number(0, 3600), default=0, metavar="SECONDS", help="in which they press Train; 0"
    )
    parser.add_argument(
        "--workers", type=_whole(1, 64), metavar="N", help="training processes, as DIGITLAB_WORKERS sets them"
    )
    parser.add_argument(
        "--servers", type=_whole(1, 100), default=1, metavar="N", help="computers like this one; 1"
    )
    parser.add_argument(
        "--speed",
        type=_number(0.1, 1e6),
        metavar="GFLOP/S",
        help="of one worker, instead of measuring it",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object")
    return parser
