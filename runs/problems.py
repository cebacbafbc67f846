"""What a visitor is told where a run cannot go on, or cannot be had."""

from concurrent.futures import BrokenExecutor, CancelledError

from model.config import TrainingConfig, bounds
from model.messages import N_, Message, MessageError
from model.slices import Slice


class QuotaExceededError(MessageError):
    """More than one visitor, or one run, may hold."""


def too_many_runs(count: int) -> QuotaExceededError:
    """A visitor already has ``count`` runs that are not over, which is as many as one may have."""
    return QuotaExceededError(
        Message(N_("You already have {count} unfinished runs. Stop one of them first."), {"count": count})
    )


def changed_too_often() -> QuotaExceededError:
    """A run has as many events as are kept of one."""
    return QuotaExceededError(Message(N_("This run was changed too many times. Start a new one.")))


def engine_shut_down() -> Message:
    """Nothing is trained any more, because it was asked for."""
    return Message(N_("The training process was shut down."))


def cluster_unreachable() -> Message:
    """There is no connection to the scheduler."""
    return Message(N_("The computers that train cannot be reached. Digit Lab keeps trying."))


def no_workers() -> Message:
    """There is a scheduler, and no worker."""
    return Message(N_("No computer is free to train yet. Your run goes on by itself as soon as one is."))


def engine_failed(error: BaseException) -> Message:
    """What went wrong while the first worker started; an unknown error as Python writes it."""
    if isinstance(error, CancelledError):
        return engine_shut_down()
    if isinstance(error, MessageError):
        return error.message
    if isinstance(error, ImportError):
        return Message(N_("TensorFlow cannot be imported: {error}"), {"error": str(error)})
    if isinstance(error, BrokenExecutor):
        return Message(
            N_("The training process ended while it was starting. There may be too little memory.")
        )
    return Message(N_("The training process could not start: {error}"), {"error": repr(error)})


def worker_died(attempts: int) -> Message:
    """A worker died at every one of the ``attempts`` at one slice."""
    return Message(
        N_(
            "The training process ended {count} times at the same point. There may be too little memory: "
            "try smaller layers."
        ),
        {"count": attempts},
    )


def training_failed(error: Exception) -> Message:
    """What went wrong in a worker, in words; an unknown error as Python writes it."""
    if isinstance(error, MessageError):
        return error.message
    if isinstance(error, MemoryError):
        return Message(
            N_("The training process has too little memory. Try smaller layers or a smaller batch size.")
        )
    return Message(N_("Training failed: {error}"), {"error": repr(error)})


def loss_diverged(config: TrainingConfig, part: Slice) -> Message:
    """``config`` is what ``part`` was computed with; a tenth of its learning rate is suggested."""
    smaller = max(float(f"{config.learning_rate / 10:.3g}"), bounds("learning_rate")[0])
    return Message(
        N_("The loss diverged in epoch {epoch}: the steps were too large. Try a learning rate of {rate}."),
        {"epoch": part.epoch, "rate": smaller},
    )


def weights_unreadable() -> MessageError:
    """The file with a run's weights is gone or damaged."""
    return MessageError(Message(N_("This run's weights can no longer be read.")))
