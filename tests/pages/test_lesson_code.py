"""The code on Learn, run as a visitor would who copied it."""

import subprocess
import sys
from pathlib import Path

from model.config import TrainingConfig
from testing.pages import OpenPage
from ui.learn.steps import Step

_ROOT = Path(__file__).parents[2]
# Each as on its own, but TensorFlow is imported once.
_RUN_ALL = """
import sys
for script in sys.stdin.read().split("\f"):
    exec(script, {"__name__": "__main__"})
"""


# With the accuracy that each has to reach: the seed recipe, and others.
_RECIPES = [
    (TrainingConfig(epochs=1), 0.8),
    (
        TrainingConfig(
            hidden_layers=(32, 16),
            activation="tanh",
            optimizer="adam",
            dropout=0.1,
            l2=0.0001,
            held_out=2000,
            train_share=0.1,
            batch_size=64,
            epochs=2,
            learning_rate=0.001,
        ),
        0.6,
    ),
    (TrainingConfig(augmentation=0.5, optimizer="adam", train_share=0.1, epochs=2), 0.6),
    (TrainingConfig(hidden_layers=(), optimizer="rmsprop", train_share=0.05, epochs=2), 0.6),
    (
        TrainingConfig(
            hidden_layers=(32,),
            activation="sigmoid",
            optimizer="momentum",
            learning_rate=0.1,
            train_share=0.05,
            held_out=1,
            epochs=2,
        ),
        0.6,
    ),
]


def test_the_code_on_learn_runs_as_copied(open_page: OpenPage) -> None:
    scripts = []
    for recipe, _least in _RECIPES:
        app = open_page("learn", learn_step=Step.KERAS, config=recipe.to_json())
        scripts.append("".join(code.value + "\n" for code in app.code if code.language == "python"))
    done = subprocess.run(
        [sys.executable, "-c", _RUN_ALL],
        input="\f".join(scripts),
        cwd=_ROOT,
        capture_output=True,
        text=True,
        timeout=150,
    )
    assert done.returncode == 0, done.stderr
    scores = [line for line in done.stdout.splitlines() if line.startswith("score = ")]
    for line, (_recipe, least) in zip(scores, _RECIPES, strict=True):
        _loss, accuracy = (float(number) for number in line.removeprefix("score = ").strip("[]").split(","))
        assert least < accuracy < 1
