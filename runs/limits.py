"""What visitors may hold and how long things may take: all numbers that the runner is ruled by."""

from dataclasses import dataclass

from storage.runs import RUN_BYTES

# Characters of what a visitor calls a run.
MAX_NAME = 60

# A look at a run costs the web process about 15 ms. A run among many has something new less often, so its
# page looks less often: every 0.3 s with up to seven runs at work, every 1.2 s among thirty.
_POLL_SECONDS = 0.3
_RUNS_PER_POLL = 8


def poll_seconds(runs_at_work: int) -> float:
    """How often a page asks for news of its run."""
    return _POLL_SECONDS * (1 + runs_at_work // _RUNS_PER_POLL)


@dataclass(frozen=True)
class Limits:
    """The runner's bounds; the defaults are those of the app.

    ``open_runs_of_visitor``: runs of one visitor that are not over.
    ``max_events``: changes and rests that one run records.
    ``name_length``: characters of what a visitor calls a run.
    ``attempts``: how often a slice is computed whose worker dies, before its run fails.
    ``patience``: how many times its estimate a slice may take, the wait for a worker included; then it is
    given up, and its worker is taken for dead.
    ``least_patience``: seconds that every slice may take, since a new architecture is compiled first.
    ``unwatched_seconds``: a run that nobody has looked at for longer is paused.
    ``answer_seconds``: nobody who steers a run waits longer for the runner's thread, which answers within
    milliseconds.
    ``owner_seconds``: nor longer for another server, which looks for orders every second.
    ``run_bytes``: what the weights of one run may take; past it, epochs with near neighbours go.
    ``total_bytes``: those of all runs together; past it, the oldest runs keep their last and best epoch only.
    """

    open_runs_of_visitor: int = 5
    max_events: int = 200
    name_length: int = MAX_NAME
    attempts: int = 3
    patience: float = 20
    least_patience: float = 60
    unwatched_seconds: float = 600
    answer_seconds: float = 1
    owner_seconds: float = 2.5
    run_bytes: int = RUN_BYTES
    total_bytes: int = 2_000_000_000
