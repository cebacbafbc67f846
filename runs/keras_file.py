"""A ``.keras`` file from the engine, or one sentence on why there is none."""

import logging
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any

from model import worker
from model.config import TrainingConfig
from model.messages import N_, Message, MessageError
from model.slices import Arrays
from runs.engine import WORKER_ENDED, ConnectionLostError

_log = logging.getLogger(__name__)


class KerasFileError(MessageError):
    """The engine could not make the file."""


def keras_file(submit: Callable[..., Future[Any]], config: TrainingConfig, weights: Arrays) -> Future[bytes]:
    """Let ``submit``, an engine's, make the file. The future raises ``KerasFileError`` and nothing else,
    and cannot be cancelled."""
    file: Future[bytes] = Future()
    file.set_running_or_notify_cancel()
    try:
        submit(worker.keras_file, config, weights).add_done_callback(partial(_pass_on, file))
    except Exception as error:
        file.set_exception(_why_not(error))
    return file


def _pass_on(file: Future[bytes], made: Future[bytes]) -> None:
    """Called in a thread of the engine's."""
    if made.cancelled():
        file.set_exception(_ended())
    elif error := made.exception():
        file.set_exception(_why_not(error))
    else:
        file.set_result(made.result())


def _why_not(error: BaseException) -> KerasFileError:
    _log.error("no .keras file", exc_info=error)
    if isinstance(error, (*WORKER_ENDED, ConnectionLostError)):
        return _ended()
    return KerasFileError(
        Message(N_("The .keras file could not be created: {error}. Try again."), {"error": repr(error)})
    )


def _ended() -> KerasFileError:
    return KerasFileError(Message(N_("The process ended before the .keras file was finished. Try again.")))
