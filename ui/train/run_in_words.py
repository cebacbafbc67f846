"""A run in words, as Train shows it: how far it is, its recipe, and what happened on the way."""

from runs.records import EventKind, RunEvent, RunSnapshot, RunState
from ui.base import resources
from ui.base.text import _, duration, number, percent, plural, verbatim
from ui.figures.curves import Mark
from ui.networks.selection import run_name
from ui.recipe.labels import option_name


def progress_text(snapshot: RunSnapshot) -> str:
    epoch, epochs = snapshot.epoch, snapshot.config.epochs
    match snapshot.state:
        case RunState.QUEUED:
            return plural(
                "Queued behind {count} run of yours. Starts automatically.",
                "Queued behind {count} of your runs. Starts automatically.",
                snapshot.queue_position,
            )
        case RunState.WAITING:
            if resources.runner().engine_status().is_ready:
                return _("Preparing this network …")
            return _("Waiting for the training process. Starts automatically.")
        case RunState.PAUSED if snapshot.events[-1].kind == EventKind.UNWATCHED:
            return _(
                "Paused in epoch {epoch} of {epochs}, because nobody was watching. Press Resume.",
                epoch=epoch + 1,
                epochs=epochs,
            )
        case RunState.PAUSED:
            return _("Paused after epoch {epoch} of {epochs}. Press Resume.", epoch=epoch, epochs=epochs)
        case RunState.FINISHED:
            return _finished_text(snapshot)
        case RunState.STOPPED:
            return _("Stopped after epoch {epoch} of {epochs}", epoch=epoch, epochs=epochs)
        case RunState.FAILED:
            return _("Failed after epoch {epoch} of {epochs}", epoch=epoch, epochs=epochs)
    if snapshot.images_per_second is None or snapshot.seconds_left is None:
        return _("Epoch {epoch} of {epochs}", epoch=epoch, epochs=epochs)
    return _(
        "Epoch {epoch} of {epochs} · {rate} images per second · {time} left",
        epoch=epoch,
        epochs=epochs,
        rate=round(snapshot.images_per_second, -2),
        time=duration(snapshot.seconds_left),
    )


def _finished_text(snapshot: RunSnapshot) -> str:
    kept = snapshot.kept_epoch
    score = next(point.validation for point in snapshot.history if point.epoch == kept)
    values = {
        "accuracy": percent(score.accuracy, 1),
        "loss": number(score.loss, 3),
        "epoch": snapshot.epoch,
        "epochs": snapshot.config.epochs,
        "kept": kept,
    }
    if kept < snapshot.epoch:
        return _(
            "Finished after epoch {epoch} of {epochs}. Kept: epoch {kept}, validation accuracy {accuracy}, "
            "loss {loss}",
            **values,
        )
    if snapshot.epoch < snapshot.config.epochs:
        return _(
            "Stopped early after epoch {epoch} of {epochs}: validation accuracy {accuracy}, loss {loss}",
            **values,
        )
    return _("Finished: validation accuracy {accuracy}, loss {loss}", **values)


def recipe_line(snapshot: RunSnapshot) -> str:
    """As Markdown."""
    config = snapshot.config
    return _(
        "{run}, {optimizer}, learning rate {rate}, batch size {batch}, seed {seed}",
        run=run_name(snapshot, verbatim),
        optimizer=option_name(config.optimizer),
        rate=config.learning_rate,
        batch=config.batch_size,
        seed=str(config.seed),
    )


def marks_of(snapshot: RunSnapshot) -> list[Mark]:
    """What happened on the way, where it did on the curve; one mark a position, so that none covers
    another: what changed the training comes before what only interrupted it."""
    events: dict[float, RunEvent] = {}
    for event in snapshot.events:
        position = event.position(snapshot.config)
        if event.kind.changes_training or position not in events:
            events[position] = event
    return [Mark(position, _mark_text(event)) for position, event in events.items()]


def _mark_text(event: RunEvent) -> str:
    match event.kind:
        case EventKind.LEARNING_RATE:
            return _("learning rate {rate}", rate=event.value)
        case EventKind.EPOCHS:
            return _("{epochs} epochs", epochs=round(event.value))
        case EventKind.STOPPED:
            return _("stopped")
        case EventKind.PAUSED | EventKind.UNWATCHED:
            return _("paused")
        case EventKind.INTERRUPTED:
            return _("server restarted")
        case EventKind.MOVED:
            return _("another machine")
