"""What the storage asks of whoever has the runs at work."""

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass

from runs import events
from runs.run import Run


@dataclass(frozen=True)
class Heir:
    """What the runner does, in the writer's thread: with a run of a dead server that is this one's now, with
    the id of a run that is over and wholly kept, and with that of one which is another server's, and the
    fence that it had here. With an order from another server, and what to call once it is carried out; and
    after each look at the others, with what is at work there: done when all is that was said before.
    ``runs`` are those that it has, by id; ``at_work`` is what other servers have to know of them."""

    restored: Callable[[Run], object]
    saved: Callable[[str], object]
    taken: Callable[[str, int], object]
    ordered: Callable[[events.Order, Callable[[], None]], object]
    looked: Callable[[events.OthersSeen], Future[None]]
    runs: Callable[[], Mapping[str, Run]]
    at_work: Callable[[], str]
