"""Who trains in ``benchmarks.training``: one function a contender.

All train the recipe of a ``TrainingConfig`` with SGD or Adam as Keras sets it, and measure loss and
accuracy on the 10,000 test images after every epoch.
"""

import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import by_hand
from model.config import Optimizer, TrainingConfig
from model.data import mnist
from model.slices import epoch_order, initial_state
from runs.local_engine import LocalEngine
from runs.records import RunSnapshot
from runs.runner import Runner

_ADAM_EPSILON = 1e-7


@dataclass(frozen=True)
class Trial:
    """Seconds of each epoch after the first, which warms up; accuracy 0-1 after the last."""

    epoch_seconds: list[float]
    test_accuracy: float


Contender = Callable[[TrainingConfig], Trial]


def contenders(runner: Runner) -> dict[str, Contender]:
    """All by name; PyTorch only where it is installed."""
    everybody: dict[str, Contender] = {
        "digitlab": lambda config: digitlab(runner, config),
        "keras_fit": lambda config: keras_fit(config, steps_per_execution=1),
        "keras_fit_steps_per_execution": lambda config: keras_fit(config, config.steps_per_epoch),
        "sklearn": sklearn,
        "torch": torch,
        "numpy": numpy,
    }
    if find_spec("torch") is None:
        del everybody["torch"]
    return everybody


@contextmanager
def warm_runner(engine: LocalEngine) -> Iterator[Runner]:
    """A runner on ``engine`` as soon as all its workers are warm; the engine is shut down in the end."""
    runner = Runner(engine)
    try:
        while not (runner.engine_status().is_ready and engine.capacity == engine.workers):
            if problem := runner.engine_status().problem:
                raise SystemExit(str(problem))
            time.sleep(0.05)
        yield runner
    finally:
        engine.shutdown()


def snapshot_of(runner: Runner, run_id: str) -> RunSnapshot:
    """The run as it is now; a run that failed ends the benchmark."""
    snapshot = runner.snapshot(run_id)
    assert snapshot is not None
    if snapshot.problem:
        raise SystemExit(str(snapshot.problem))
    return snapshot


def digitlab(runner: Runner, config: TrainingConfig) -> Trial:
    """The path that a visitor's run takes: runner, engine, worker process, snapshots."""
    run_id = runner.submit(config, visitor="benchmark")
    ends: list[float] = []
    while True:
        snapshot = snapshot_of(runner, run_id)
        ends += [time.perf_counter()] * (len(snapshot.history) - len(ends))
        if snapshot.state.is_over:
            return _trial(ends[1:], snapshot.history[-1].validation.accuracy)
        time.sleep(0.001)


def keras_fit(config: TrainingConfig, steps_per_execution: int) -> Trial:
    """``model.fit``, with so many batches in one call of its compiled function."""
    import keras

    from model.training.network import build_mlp, build_optimizer

    ends: list[float] = []
    keras.utils.set_random_seed(config.seed)
    model = build_mlp(config)
    model.compile(
        build_optimizer(config),
        loss="categorical_crossentropy",
        metrics=["accuracy"],
        steps_per_execution=steps_per_execution,
    )
    (x, labels), (x_test, test_labels) = _pictures("train"), _pictures("test")
    history = model.fit(
        x,
        keras.utils.to_categorical(labels, 10),
        batch_size=config.batch_size,
        epochs=config.epochs,
        validation_data=(x_test, keras.utils.to_categorical(test_labels, 10)),
        callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: ends.append(time.perf_counter()))],
        verbose=0,
    )
    return _trial(ends, history.history["val_accuracy"][-1])


def sklearn(config: TrainingConfig) -> Trial:
    """``MLPClassifier``, an epoch a call."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.metrics import log_loss
    from sklearn.neural_network import MLPClassifier

    (x, labels), (x_test, test_labels) = _pictures("train"), _pictures("test")
    network = MLPClassifier(
        config.hidden_layers,
        solver=str(config.optimizer),
        momentum=0,
        nesterovs_momentum=False,
        epsilon=_ADAM_EPSILON,
        alpha=0,
        learning_rate_init=config.learning_rate,
        batch_size=config.batch_size,
        random_state=config.seed,
    )
    ends, accuracy = [], 0.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        for _ in range(config.epochs):
            network.partial_fit(x, labels, classes=np.arange(10))
            probabilities = network.predict_proba(x_test)
            log_loss(test_labels, probabilities)
            accuracy = float(np.mean(probabilities.argmax(axis=1) == test_labels))
            ends.append(time.perf_counter())
    return _trial(ends, accuracy)


def torch(config: TrainingConfig) -> Trial:
    """PyTorch's plain loop over batches of one tensor, without a ``DataLoader``."""
    import torch  # type: ignore[import-not-found, unused-ignore]
    from torch import nn  # type: ignore[import-not-found, unused-ignore]

    (x, labels), (x_test, test_labels) = (
        (torch.from_numpy(pixels), torch.from_numpy(labels.astype(np.int64)))
        for pixels, labels in (_pictures("train"), _pictures("test"))
    )
    layers: list[Any] = []
    for inputs, units in pairwise(config.layer_sizes):
        layers += [nn.Linear(inputs, units), nn.ReLU()]
    model = nn.Sequential(*layers[:-1])
    with torch.no_grad():
        for parameter, array in zip(model.parameters(), initial_state(config).weights, strict=True):
            parameter.copy_(torch.tensor(array.T))
    if config.optimizer == Optimizer.ADAM:
        optimizer = torch.optim.Adam(model.parameters(), config.learning_rate, eps=_ADAM_EPSILON)
    else:
        optimizer = torch.optim.SGD(model.parameters(), config.learning_rate)
    cross_entropy = nn.CrossEntropyLoss()
    ends, accuracy = [], 0.0
    for epoch in range(1, config.epochs + 1):
        for rows in torch.from_numpy(epoch_order(config, epoch)).split(config.batch_size):
            optimizer.zero_grad()
            cross_entropy(model(x[rows]), labels[rows]).backward()
            optimizer.step()
        with torch.no_grad():
            logits = model(x_test)
            cross_entropy(logits, test_labels)
            accuracy = float((logits.argmax(1) == test_labels).float().mean())
        ends.append(time.perf_counter())
    return _trial(ends, accuracy)


def numpy(config: TrainingConfig) -> Trial:
    """By hand, in float32."""
    ends, accuracy = [], 0.0
    for weights in by_hand.epochs(config, *_pictures("train")):
        _, accuracy = by_hand.score(weights, *_pictures("test"))
        ends.append(time.perf_counter())
    return _trial(ends, accuracy)


@cache
def _pictures(name: str) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Pixels in [0, 1], (N, 784), and labels (N,) of ``"train"`` or ``"test"``."""
    images = mnist.load(name)
    return images.images.astype(np.float32) / np.float32(255), images.labels


def _trial(ends: list[float], accuracy: float) -> Trial:
    """From when each epoch ended, in seconds."""
    return Trial([after - before for before, after in pairwise(ends)], accuracy)
