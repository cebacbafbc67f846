"""Train the seed recipe and write its recording to ``model/starter``.

Run as ``python -m model.training.make_recording``.
"""

from model.config import TrainingConfig
from model.slices import EpochMetrics, Progress, initial_state, mean_score, next_slice
from model.starter import recording
from model.starter.recording import Recording
from model.training.train_slice import train_slice


def record(config: TrainingConfig) -> Recording:
    """Train ``config`` in this process, keeping metrics and weights of every epoch."""
    state, part = initial_state(config), next_slice(config, None)
    history, weights = [], []
    epoch_so_far: list[Progress] = []
    while part is not None:
        state, progress = train_slice(config, state, part)
        epoch_so_far.append(progress)
        if progress.validation is not None:
            history.append(EpochMetrics(part.epoch, mean_score(epoch_so_far), progress.validation))
            weights.append(state.weights)
            epoch_so_far.clear()
        part = next_slice(config, part)
    return Recording(config, tuple(history), tuple(weights))


if __name__ == "__main__":
    recording.save(record(TrainingConfig()))
