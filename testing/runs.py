"""What a runner's runs came to."""

import numpy as np

from runs.records import RunSnapshot
from runs.runner import Runner


def snapshot_of(runner: Runner, run_id: str) -> RunSnapshot:
    """The run at this moment; AssertionError where the runner does not know it."""
    snapshot = runner.snapshot(run_id)
    assert snapshot is not None
    return snapshot


def bits(runner: Runner, snapshot: RunSnapshot) -> bytes:
    """All weights of the run after its newest epoch, to compare them to the last bit."""
    weights = runner.weights(snapshot.id, snapshot.epoch)
    assert weights is not None
    return b"".join(np.ascontiguousarray(array).tobytes() for array in weights)
