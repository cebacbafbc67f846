"""What the operator of a server sees where all is well, and where something is not."""

from dataclasses import replace

from model.messages import Message
from runs.engine import EngineState, EngineStatus
from runs.status import Saving, Status
from storage.servers import ServerRow, Servers

WELL = Status(
    engine=EngineStatus(EngineState.READY, 5.0),
    capacity=2,
    workers=(),
    taking_turns=0,
    at_work=0,
    queued=0,
    slices_per_second=0.0,
    longest_wait=None,
    memory=200_000_000,
    memory_left=4_000_000_000,
    saving=Saving(None, 0.0, 1, Servers((ServerRow(1, "here", 9.0, 0, 0),), 0), 50_000_000_000),
    versions={},
)

_NO_KERAS = EngineStatus(EngineState.FAILED, 3.0, Message("No {what}.", {"what": "Keras"}))
_LATE = Servers((ServerRow(3, "there", -1.0, 2, 0),), 0)

# By what is said about it.
TROUBLED = {
    "Nothing is trained. No Keras.": replace(WELL, engine=_NO_KERAS),
    "starting for 75 seconds": replace(WELL, engine=EngineStatus(EngineState.STARTING, 75.2)),
    "waiting for its next slice for 61 seconds": replace(WELL, longest_wait=61.4),
    "Only 199 MB of memory": replace(WELL, memory_left=199_999_999),
    "Only 12 MB of the disk": replace(WELL, saving=replace(WELL.saving, free_disk=12_000_000)),
    "Not saved for now. Gone.": replace(WELL, saving=replace(WELL.saving, problem=Message("Gone."))),
    "last 90 seconds": replace(WELL, saving=replace(WELL.saving, seconds_behind=90.0)),
    "Server 3 on there has not answered": replace(WELL, saving=replace(WELL.saving, servers=_LATE)),
}
