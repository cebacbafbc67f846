"""The arrays of runs: in memory while a run computes, in files while it rests."""

from model.slices import Arrays, TrainingState
from runs.snapshots import SnapshotFolder


class RunArrays:
    """What runs go on with, and their weights by epoch. Written by one thread, read by any.

    What could not be written to ``folder`` stays in memory.
    """

    def __init__(self, folder: SnapshotFolder) -> None:
        self._folder = folder
        self._states: dict[str, TrainingState] = {}
        # The last finished epoch of a run and the weights after it.
        self._latest: dict[str, tuple[int, Arrays]] = {}

    def keep_state(self, run_id: str, state: TrainingState) -> None:
        """Hold in memory what the next slice begins with."""
        self._states[run_id] = state

    def state(self, run_id: str) -> TrainingState | None:
        """What was kept last, or ``None`` where it cannot be read."""
        return self._states.get(run_id) or self._folder.state(run_id)

    def save_weights(self, run_id: str, epoch: int, weights: Arrays, best: int) -> None:
        """Keep the weights after ``epoch``, and drop others, but the ``best`` one, where they take too much
        room."""
        self._folder.save_weights(run_id, epoch, weights, best)
        self._latest[run_id] = (epoch, weights)

    def weights(self, run_id: str, epoch: int) -> Arrays | None:
        """The weights after ``epoch``, read-only, or ``None`` where they are not kept."""
        latest = self._latest.get(run_id)
        return latest[1] if latest and latest[0] == epoch else self._folder.weights(run_id, epoch)

    def epochs(self, run_id: str) -> list[int]:
        """The epochs whose weights are in files, sorted."""
        return self._folder.epochs(run_id)

    def rest(self, run_id: str) -> None:
        """Let files stand for what is in memory."""
        state, latest = self._states.get(run_id), self._latest.get(run_id)
        if state and self._folder.save_state(run_id, state):
            del self._states[run_id]
        if latest and latest[0] in self._folder.epochs(run_id):
            del self._latest[run_id]

    def forget(self, run_id: str) -> None:
        """Delete everything of a run."""
        self._states.pop(run_id, None)
        self._latest.pop(run_id, None)
        self._folder.forget(run_id)
