"""The script that repeats a run, run where none of our code can be imported."""

import ast
import re
import subprocess
import sys
from typing import NamedTuple

import pytest

from model import worker
from model.config import TrainingConfig
from model.data import mnist
from model.export.run_script import RateChange, run_script
from model.slices import EpochMetrics, Progress, initial_state, mean_score, next_slice, steps_per_slice
from runs.local_engine import LocalEngine
from runs.records import EventKind, RunEvent, config_at

# 600 images in 10 batches, the last of which has 24.
TINY = TrainingConfig(hidden_layers=(32, 16), train_share=0.01, batch_size=64, epochs=1, learning_rate=0.05)
# 7,467 images in 30 batches: two slices an epoch.
LARGE = TrainingConfig(
    hidden_layers=(512, 256),
    activation="tanh",
    optimizer="adam",
    learning_rate=0.001,
    l2=0.0001,
    held_out=500,
    train_share=0.1255,
    batch_size=256,
    epochs=2,
    seed=4,
)
# Events of a run of LARGE that was steered.
EVENTS = [
    RunEvent(EventKind.LEARNING_RATE, 2, 0, 0.01),
    RunEvent(EventKind.PAUSED, 2, 0),
    RunEvent(EventKind.EPOCHS, 3, 0, 3),
    RunEvent(EventKind.LEARNING_RATE, 3, steps_per_slice(LARGE), 0.0002),
]
_CHANGES = [RateChange(e.epoch, e.step, e.value) for e in EVENTS if e.kind == EventKind.LEARNING_RATE]
# Keras would download the images: the script's other source gives the same ones here.
_NO_DOWNLOAD = f"""
import keras, numpy
train, test = (numpy.load({str(mnist.FOLDER)!r} + f"/{{name}}.npz") for name in ("train", "test"))
keras.datasets.mnist.load_data = lambda: tuple(
    (part["images"].reshape(-1, 28, 28), part["labels"]) for part in (train, test)
)
"""
_SCRIPTS = {
    "tiny": run_script(TINY, 1),
    "steered": _NO_DOWNLOAD + run_script(LARGE, 3, _CHANGES),
    "random": _NO_DOWNLOAD
    + run_script(TINY.with_changes(dropout=0.2, augmentation=0.5, epochs=2, keep="best"), 2),
}
# Each as on its own, but TensorFlow is imported once.
_RUN_ALL = """
import sys
for name in sys.argv[1:]:
    print(end="\\f")
    with open(f"{name}.py", encoding="utf-8") as file:
        exec(file.read(), {"__name__": "__main__"})
"""


def _history(
    engine: LocalEngine, recipe: TrainingConfig, epochs: int, events: list[RunEvent]
) -> list[EpochMetrics]:
    """Of the run's own chain of slices."""
    state, part = initial_state(recipe), None
    parts: list[Progress] = []
    history = []
    while part := next_slice(recipe.with_changes(epochs=epochs), part):
        config = config_at(recipe, events, part)
        state, progress = engine.submit(worker.train_slice, config, state, part).result(timeout=60)
        parts.append(progress)
        if progress.validation is not None:
            history.append(EpochMetrics(part.epoch, mean_score(parts), progress.validation))
            parts = []
    return history


class Printed(NamedTuple):
    """What a script says: the figures of each epoch, and the score."""

    epochs: list[dict[str, float]]
    score: list[float]


def _printed(text: str) -> Printed:
    epochs = re.findall(r"^epoch \d+ (\{.*\})$", text, re.MULTILINE)
    [score] = re.findall(r"^score = (\[.*\])$", text, re.MULTILINE)
    return Printed([ast.literal_eval(line) for line in epochs], ast.literal_eval(score))


@pytest.fixture(scope="module")
def printed(engine: LocalEngine, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Printed]:
    """What each of ``_SCRIPTS`` prints, run where none of our code can be imported.

    It asks for the engine only to be in the process that has it: once is enough.
    """
    folder = tmp_path_factory.mktemp("scripts")
    (folder / "model").mkdir()
    (folder / "model" / "data").symlink_to(mnist.FOLDER)
    for name, script in _SCRIPTS.items():
        (folder / f"{name}.py").write_text(script, encoding="utf-8")
    command = [sys.executable, "-I", "-c", _RUN_ALL, *_SCRIPTS]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=150)
    assert done.returncode == 0, done.stderr
    texts = done.stdout.split("\f")[1:]
    return {name: _printed(text) for name, text in zip(_SCRIPTS, texts, strict=True)}


def test_the_script_gives_the_first_epoch_of_the_run(
    engine: LocalEngine, printed: dict[str, Printed]
) -> None:
    [_untrained, first] = _history(engine, TINY, 1, [])
    [theirs], score = printed["tiny"]
    assert theirs["loss"] == pytest.approx(first.training.loss, abs=1e-4)
    assert theirs["accuracy"] == pytest.approx(first.training.accuracy, abs=1e-6)
    assert theirs["val_loss"] == pytest.approx(first.validation.loss, abs=1e-4)
    assert score == pytest.approx([first.validation.loss, first.validation.accuracy], abs=1e-4)


def test_the_script_repeats_changes_of_the_learning_rate_and_epochs_that_were_added(
    engine: LocalEngine, printed: dict[str, Printed]
) -> None:
    assert 0 < steps_per_slice(LARGE) < LARGE.steps_per_epoch
    ours = _history(engine, LARGE, 3, EVENTS)
    unchanged = _history(engine, LARGE, 3, [])
    theirs = printed["steered"].epochs
    assert len(theirs) == 3
    for point, figures in zip(ours[1:], theirs, strict=True):
        assert figures["loss"] == pytest.approx(point.training.loss, abs=1e-3)
        assert figures["val_loss"] == pytest.approx(point.validation.loss, abs=2e-3)
    assert abs(ours[3].training.loss - unchanged[3].training.loss) > 0.02


def test_a_script_that_cannot_repeat_the_random_numbers_says_so_and_runs(printed: dict[str, Printed]) -> None:
    assert "random numbers of dropout and augmentation come from Keras" in _SCRIPTS["random"]
    assert "come from Keras" not in _SCRIPTS["tiny"]
    figures = printed["random"].epochs
    assert 0.5 < figures[1]["loss"] < figures[0]["loss"] < 3
