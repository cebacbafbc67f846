"""What the engine runs in its worker processes.

The web process hands these functions over, so this file imports without TensorFlow and opens
the heavy files inside them.
"""

import gc

from model.config import TrainingConfig
from model.data.mnist import LabelledImages
from model.slices import Arrays, Progress, Slice, TrainingState, flops_of_turn, initial_state, steps_per_slice


def warm_up() -> float:
    """Import TensorFlow, load the images and compile the seed recipe.

    Returns the speed of one slice after that, in the floating-point operations per second that
    ``model.slices.flops_of_turn`` counts.

    Raises:
        ImportError: TensorFlow is not installed or does not run on this machine.
        model.data.mnist.DataError: the images cannot be read.
    """
    config = TrainingConfig(epochs=1)
    state = initial_state(config)
    whole = Slice(1, 0, steps_per_slice(config), ends_epoch=False)
    # The first slice of its length is a quarter slower than those that follow.
    for part in (Slice(0, 0, 0, ends_epoch=True), Slice(1, 0, 1, ends_epoch=False), whole, whole):
        state, progress = train_slice(config, state, part)
    gc.collect()
    gc.freeze()
    return flops_of_turn(config, whole) / progress.seconds


def train_slice(config: TrainingConfig, state: TrainingState, part: Slice) -> tuple[TrainingState, Progress]:
    """``model.training.train_slice.train_slice``, imported where it runs."""
    from model.training.train_slice import train_slice as with_tensorflow

    return with_tensorflow(config, state, part)


def fine_tune(config: TrainingConfig, weights: Arrays, images: LabelledImages) -> Arrays:
    """``model.training.train_slice.fine_tune``, imported where it runs."""
    from model.training.train_slice import fine_tune as with_tensorflow

    return with_tensorflow(config, weights, images)


def keras_file(config: TrainingConfig, weights: Arrays) -> bytes:
    """``model.training.keras_file.keras_file``, imported where it runs."""
    from model.training import keras_file

    return keras_file.keras_file(config, weights)
