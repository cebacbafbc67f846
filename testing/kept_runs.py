"""A server in miniature that may be killed: a runner over real worker processes, and over the database of the
environment. Run as ``python -m testing.kept_runs``; with ``--pretend`` its workers have no TensorFlow.

The first time it submits ``RECIPES``, one a visitor; later it finds them, and with ``--heir`` it waits for
another one to submit them. ``--host NAME`` is the name of the machine that it says it is on. It prints
"ready" when its worker is warm, and "over" when all runs are, and ends when its standard input is closed.
"""

import socket
import sys
import time

import numpy as np

from model import worker
from model.config import Optimizer, TrainingConfig
from model.slices import Progress, Score, Slice, TrainingState, read_only
from runs.keeping import open_writer
from runs.local_engine import LocalEngine
from runs.runner import Runner

_SMALL = TrainingConfig(hidden_layers=(32,), train_share=0.2, epochs=12)
# By visitor. What they go on from differs: momenta, dropped units and moved images come from the step alone.
RECIPES = {
    "ada": _SMALL,
    "bob": _SMALL.with_changes(optimizer=Optimizer.ADAM, learning_rate=0.001, dropout=0.2, seed=1),
    "eve": _SMALL.with_changes(hidden_layers=(512, 256), train_share=0.1255, batch_size=256, seed=2),
}


def pretend_to_warm_up() -> float:
    """The speed of a worker that computes nothing, in FLOP/s."""
    return 1e10


def pretend_slice(
    config: TrainingConfig, state: TrainingState, part: Slice
) -> tuple[TrainingState, Progress]:
    """Takes a moment, and depends on the last bit of everything that it goes on from."""
    time.sleep(0.02)
    random = np.random.default_rng([config.seed, part.epoch, part.first_step])
    moved = [(0.9 * array + random.random(array.shape)).astype(np.float32) for array in state.weights]
    weights = read_only(moved)
    momentum = sum(float(array.sum()) for array in (*weights, *state.optimizer))
    loss = float(1 + abs(np.sin(momentum)))
    optimizer = (np.array([momentum]), np.array(part.first_step + part.steps))
    validation = Score(loss, 0.5) if part.ends_epoch else None
    return TrainingState(weights, optimizer), Progress(10, 10 * loss, 5, 0.02, True, validation)


def main() -> None:
    is_heir = "--heir" in sys.argv
    if "--host" in sys.argv:
        name = sys.argv[sys.argv.index("--host") + 1]
        socket.gethostname = lambda: name
    train_slice = worker.train_slice
    if "--pretend" in sys.argv:
        worker.warm_up, train_slice = pretend_to_warm_up, pretend_slice
    writer = open_writer()
    runner = Runner(LocalEngine(workers=1), train_slice, writer)
    if not writer.wait_until_open(30):
        raise SystemExit("the database did not open")
    for visitor, recipe in RECIPES.items():
        if not is_heir and not runner.runs_of(visitor):
            runner.submit(recipe, visitor)
    while not runner.engine_status().is_ready:
        time.sleep(0.01)
    _say("ready")
    while not _are_over(runner):
        time.sleep(0.02)
    if writer.backlog.flush(30):
        _say("over")
    sys.stdin.read()
    runner.close(5)


def _are_over(runner: Runner) -> bool:
    runs = [run for visitor in RECIPES for run in runner.runs_of(visitor)]
    return len(runs) == len(RECIPES) and all(run.state.is_over for run in runs)


def _say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    # As the module that workers find its functions in.
    from testing import kept_runs

    kept_runs.main()
