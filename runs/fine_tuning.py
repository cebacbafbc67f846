"""Fine-tuning by the engine, or one sentence on why it was not done."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from typing import Any

from model import worker
from model.config import TrainingConfig
from model.data.mnist import LabelledImages
from model.messages import N_, Message, MessageError
from model.slices import Arrays
from runs import problems
from runs.engine import WORKER_ENDED, ConnectionLostError

_log = logging.getLogger(__name__)

# A call that a worker died of is made again, since it gives the same weights; so often in all.
_ATTEMPTS = 3
# Seconds for one call, which computes for less than one: it may wait for slices, or for a worker to start.
_PATIENCE = 120.0
# Seconds until a call that did not get through is made again.
_PAUSE = 1.0


class FineTuningError(MessageError):
    """The engine did not do it."""


def fine_tune(
    submit: Callable[..., Future[Any]], config: TrainingConfig, weights: Arrays, images: LabelledImages
) -> Arrays:
    """Let ``submit``, an engine's, do what ``worker.fine_tune`` says, and wait for it.

    Raises:
        FineTuningError: and nothing else.
    """
    deadline, attempts = time.monotonic() + _PATIENCE, 0
    while attempts < _ATTEMPTS:
        try:
            call = submit(worker.fine_tune, config, weights, images)
            try:
                tuned: Arrays = call.result(_PATIENCE)
            finally:
                call.cancel()
        except ConnectionLostError:
            if time.monotonic() > deadline:
                raise FineTuningError(problems.cluster_unreachable()) from None
            time.sleep(_PAUSE)
        except (*WORKER_ENDED, CancelledError):
            _log.warning("a worker died while it fine-tuned")
            attempts += 1
        except FineTuningError:
            raise
        except TimeoutError:
            raise FineTuningError(
                Message(N_("The training process did not answer for {seconds} s."), {"seconds": _PATIENCE})
            ) from None
        except Exception as error:
            _log.error("fine-tuning failed", exc_info=error)
            raise FineTuningError(problems.training_failed(error)) from error
        else:
            return tuned
    raise FineTuningError(
        Message(N_("The training process ended {count} times at the same point."), {"count": _ATTEMPTS})
    )
