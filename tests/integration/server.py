"""A web process in miniature: a runner over a local engine. Run as ``python -m tests.integration.server``.

Prints one JSON object when the worker is warm and a run is over, then trains another run until it
is killed, or ends by itself when its standard input is closed.
"""

import importlib
import json
import pkgutil
import sys
import time

import psutil

import model
import runs
from model.config import TrainingConfig
from runs.local_engine import LocalEngine
from runs.runner import Runner

# Opened in a worker or from the command line only.
_ELSEWHERE = "model.training"


def main() -> None:
    for package in (model, runs):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.startswith(_ELSEWHERE):
                importlib.import_module(module.name)
    runner = Runner(LocalEngine(workers=1))
    run_id = runner.submit(TrainingConfig(train_share=0.01, epochs=1), "somebody")
    while (snapshot := runner.snapshot(run_id)) is None or not snapshot.state.is_over:
        time.sleep(0.01)
    found = {
        "state": snapshot.state,
        "history": len(snapshot.history),
        "heavy": sorted({name.partition(".")[0] for name in sys.modules} & {"tensorflow", "keras"}),
        "children": [
            {"pid": child.pid, "command": child.cmdline(), "memory": child.memory_info().rss}
            for child in psutil.Process().children(recursive=True)
        ],
    }
    sys.stdout.write(f"{json.dumps(found)}\n")
    sys.stdout.flush()
    runner.submit(TrainingConfig(epochs=100), "somebody")
    sys.stdin.read()


if __name__ == "__main__":
    main()
