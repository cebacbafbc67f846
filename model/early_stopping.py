"""When a run stops before its last epoch, and which epoch it keeps, both by the validation loss.

As Keras' ``EarlyStopping`` does it: an epoch is better where its loss is lower than every one before, the
untrained network apart, and so many epochs in a row that are not end the training.
"""

from collections.abc import Sequence

from model.config import KeptEpoch, TrainingConfig
from model.slices import EpochMetrics


def best_epoch(history: Sequence[EpochMetrics]) -> int:
    """The epoch with the lowest validation loss, the first of several; 0 where none is trained.

    ``history`` begins with the untrained network.
    """
    return min(history[1:], key=lambda point: point.validation.loss).epoch if len(history) > 1 else 0


def stops_early(config: TrainingConfig, history: Sequence[EpochMetrics], since: int = 0) -> bool:
    """Whether ``config.patience`` epochs, those up to ``since`` apart, have passed without a better one."""
    if not config.patience or len(history) < 2:
        return False
    return history[-1].epoch - max(best_epoch(history), since) >= config.patience


def kept_epoch(config: TrainingConfig, history: Sequence[EpochMetrics]) -> int:
    """The epoch that a run with this ``history`` is shown and used with when it is over."""
    if config.keep == KeptEpoch.BEST:
        return best_epoch(history)
    return history[-1].epoch if history else 0
