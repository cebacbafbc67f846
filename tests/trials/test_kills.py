"""Workers that are killed again and again, at moments that nobody chose."""

import os
import time
from functools import partial

import numpy as np
import psutil
import pytest

from model.config import TrainingConfig
from runs.local_engine import LocalEngine
from runs.records import RunState
from runs.runner import Runner
from testing.engines import Shared
from testing.runs import bits, snapshot_of
from testing.waiting import over, wait_until

KILLS = int(os.environ.get("DIGITLAB_KILLS", "4"))


def _is_past(runner: Runner, run_id: str, position: float) -> bool:
    return snapshot_of(runner, run_id).position > position


@pytest.mark.timeout(900)
def test_workers_killed_at_random_moments_cost_no_bit(engine: LocalEngine) -> None:
    config = TrainingConfig(seed=3, optimizer="adam", learning_rate=1e-3, dropout=0.2, epochs=5 * KILLS)
    runner = Runner(Shared(engine))
    undisturbed = over(runner, runner.submit(config, "calm"), 300)
    expected = bits(runner, undisturbed)

    random = np.random.default_rng()
    run_id = runner.submit(config, "disturbed")
    kills = 0
    while kills < KILLS:
        position = snapshot_of(runner, run_id).position
        wait_until(partial(_is_past, runner, run_id, position), 100, "the next slice")
        # Not to wait for anything: so far into a slice the worker dies.
        time.sleep(random.uniform(0, 0.3))
        for process in psutil.Process().children(recursive=True):
            if "popen_loky_posix" in " ".join(process.cmdline()):
                process.kill()
                kills += 1
    disturbed = over(runner, run_id, 300)
    assert disturbed.state == RunState.FINISHED, disturbed.problem
    assert disturbed.history == undisturbed.history
    assert bits(runner, disturbed) == expected
