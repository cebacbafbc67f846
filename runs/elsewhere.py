"""Runs at other servers over the same database: what is wanted of them, and what they mean for those here.

The owner of a run looks for orders every second, carries them out in the order in which they were given, and
strikes them off together with what came of them; whoever takes the run over finds those that are left.
"""

import json
import logging
import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict
from functools import partial

from cachetools import TTLCache
from pydantic import TypeAdapter

from runs import events
from runs.events import OthersSeen, RunElsewhere
from runs.records import RunState
from storage import steering
from storage.backlog import Key
from storage.problems import StorageError
from storage.steering import Look, ObeyedChange, OpenRun, Order, OrderChange
from storage.writer import Writer

_log = logging.getLogger(__name__)

# An order is kept by the name of its event.
_ORDERS: Mapping[str, type[events.Order]] = {
    kind.__name__: kind
    for kind in (
        events.Viewed,
        events.Paused,
        events.Resumed,
        events.EpochRequested,
        events.RateChanged,
        events.Stopped,
        events.Renamed,
    )
}
_FLOPS = TypeAdapter(tuple[float, ...])
_ACTIVE = {state.value for state in RunState if state.is_active}
# Seconds between two looks whether an order was carried out.
_ASKED_AFTER = 0.05
# Runs that somebody has looked at here.
_LOOKED_AT = 10_000


class Elsewhere:
    """Every method may be called from any thread, but ``obey`` and ``others_in`` are the writer's."""

    def __init__(self, writer: Writer, seconds_a_look: float) -> None:
        """Looks at one run reach its owner once in so many seconds."""
        self._writer = writer
        self._lock = threading.Lock()
        self._looked_at: TTLCache[str, bool] = TTLCache(_LOOKED_AT, seconds_a_look)
        # Orders that are being carried out.
        self._begun: set[int] = set()

    def order(self, event: events.Order) -> None:
        """Let whoever has the run do what ``event`` says, within two seconds or so; nothing if it is over.

        Raises:
            StorageError: the database cannot be written to now.
        """
        self._writer.order(event.run_id, content_of(event))

    def wait_until_obeyed(self, run_ids: Collection[str], seconds: float) -> None:
        """Until all orders for these runs are carried out, at most so long."""
        deadline = time.monotonic() + seconds
        with suppress(StorageError):
            while self._writer.read(False, steering.has_orders, run_ids) and time.monotonic() < deadline:
                time.sleep(_ASKED_AFTER)

    def note_look(self, run_id: str) -> None:
        """Somebody has looked at the run, which shall not pause as unwatched."""
        if not self._writer.is_shared:
            return
        with self._lock:
            if run_id in self._looked_at:
                return
            self._looked_at[run_id] = True
        content = content_of(events.Viewed(run_id))
        self._writer.backlog.put(Key("look", run_id), OrderChange(run_id, content))

    def open_runs(self, visitor: str) -> tuple[RunElsewhere, ...]:
        """The visitor's runs that are not over, as they are kept, those of this server too; nothing where the
        database does not answer."""
        if not self._writer.is_shared:
            return ()
        none: list[OpenRun] = []
        with suppress(StorageError):
            return _elsewhere(self._writer.read(none, steering.open_runs, visitor))
        return ()

    def obey(self, look: Look, carry_out: Callable[[events.Order, Callable[[], None]], object]) -> None:
        """Let ``carry_out`` do what is new among the orders in a look, and call what it gets after each."""
        new = [order for order in look.orders if order.id not in self._begun]
        # What has been struck off, or is another server's now, need not be known any longer.
        self._begun = {order.id for order in look.orders}
        for order in new:
            if event := _event_of(order):
                carry_out(event, partial(self._strike_off, order))
            else:
                self._strike_off(order)

    def others_in(self, look: Look) -> OthersSeen:
        """What the state machine has to know of the others."""
        flops_left = (flops for text in look.at_work for flops in _flops(text))
        return OthersSeen(_elsewhere(look.others), tuple(flops_left))

    def _strike_off(self, order: Order) -> None:
        # Put behind the run's own change, and so written with it or after it.
        self._writer.backlog.put(Key("order", str(order.id)), ObeyedChange(order.id))


def content_of(event: events.Order) -> str:
    """As an order is kept."""
    return json.dumps({"kind": type(event).__name__, "values": asdict(event)})


def at_work(flops_left: Iterable[float]) -> str:
    """What a server says of itself."""
    return json.dumps([round(flops) for flops in flops_left])


def _event_of(order: Order) -> events.Order | None:
    """Nothing of what another version has ordered in words of its own."""
    try:
        content = json.loads(order.content)
        return _ORDERS[content["kind"]](**content["values"])
    except (ValueError, KeyError, TypeError):
        _log.exception("an order for the run %s is of another version", order.run_id)
        return None


def _flops(text: str) -> tuple[float, ...]:
    with suppress(ValueError):
        return _FLOPS.validate_json(text)
    return ()


def _elsewhere(runs: Iterable[OpenRun]) -> tuple[RunElsewhere, ...]:
    return tuple(RunElsewhere(run.id, run.visitor, run.number, run.state in _ACTIVE) for run in runs)
