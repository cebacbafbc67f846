"""What the engine runs in its worker processes.

The web process hands these functions over, so this file imports without TensorFlow and opens
the heavy files inside them.
"""

import gc
import os

from model.config import TrainingConfig
from model.slices import Progress, Slice, TrainingState, initial_state


def warm_up() -> int:
    """Import TensorFlow, load the images and compile the seed recipe; returns the process id.

    Raises:
        ImportError: TensorFlow is not installed or does not run on this machine.
        model.data.DataError: the images cannot be read.
    """
    config = TrainingConfig(epochs=1)
    state = initial_state(config)
    for part in (Slice(0, 0, 0, ends_epoch=True), Slice(1, 0, 1, ends_epoch=False)):
        state, _ = train_slice(config, state, part)
    gc.collect()
    gc.freeze()
    return os.getpid()


def train_slice(config: TrainingConfig, state: TrainingState, part: Slice) -> tuple[TrainingState, Progress]:
    """``model.training.train_slice``, imported where it runs."""
    from model import training

    return training.train_slice(config, state, part)
