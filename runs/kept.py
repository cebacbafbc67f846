"""A run as the storage keeps it, and back."""

from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter

from model.config import TrainingConfig
from model.messages import Message
from model.slices import mean_score
from runs.records import EventKind, PartialEpoch, RunEvent, RunSnapshot, RunState
from runs.run import Run
from storage.runs import RestingState, RunRecord

_EVENTS = TypeAdapter(tuple[RunEvent, ...])
_MESSAGE = TypeAdapter(Message)


def record_of(run: Run, fingerprint: str) -> RunRecord:
    """All of ``run`` but its epochs."""
    snapshot = run.snapshot
    return RunRecord(
        id=run.id,
        visitor=run.visitor,
        number=snapshot.number,
        recipe=snapshot.recipe.to_json(),
        state=snapshot.state,
        is_over=snapshot.state.is_over,
        events=_EVENTS.dump_json(snapshot.events).decode(),
        problem=_MESSAGE.dump_json(snapshot.problem).decode() if snapshot.problem else None,
        diverged=snapshot.diverged,
        xla=snapshot.xla,
        images_per_second=snapshot.images_per_second,
        fingerprint=fingerprint,
        name=snapshot.name,
        fence=run.fence,
    )


def snapshot_of(record: RunRecord) -> RunSnapshot:
    """What a reader sees of a run that is kept."""
    recipe = TrainingConfig.from_json(record.recipe)
    events = _EVENTS.validate_json(record.events)
    return RunSnapshot(
        id=record.id,
        number=record.number,
        recipe=recipe,
        config=recipe.with_changes(**_changes(events)),
        state=RunState(record.state),
        history=record.history,
        events=events,
        images_per_second=record.images_per_second,
        xla=record.xla,
        problem=_message(_MESSAGE.validate_json(record.problem)) if record.problem else None,
        diverged=record.diverged,
        name=record.name,
    )


def run_of(record: RunRecord, state: RestingState | None) -> Run:
    """A run to go on with: after ``state``, or from its beginning."""
    run = Run(record.visitor, snapshot_of(record), record.fence)
    if state is None:
        return run.showing(history=())
    run = replace(run, done=state.done, epoch_so_far=state.so_far)
    if not state.so_far:
        return run
    position = state.done.position(run.snapshot.config)
    return run.showing(partial=PartialEpoch(position, mean_score(state.so_far)))


def _changes(events: tuple[RunEvent, ...]) -> dict[str, Any]:
    """The fields of a recipe that the events changed last."""
    changes: dict[str, Any] = {}
    for event in events:
        if event.kind == EventKind.LEARNING_RATE:
            changes["learning_rate"] = event.value
        elif event.kind == EventKind.EPOCHS:
            changes["epochs"] = round(event.value)
    return changes


def _message(message: Message) -> Message:
    """With the messages among its values."""
    return Message(message.text, {name: _value(value) for name, value in message.values.items()})


def _value(value: Any) -> Any:
    is_message = isinstance(value, dict) and value.keys() == {"text", "values"}
    return _message(Message(**value)) if is_message else value
