"""Whatever the floors can raise or record says a whole sentence, its placeholders filled."""

import ast
import pickle
import re
import zipfile
from collections.abc import Callable
from concurrent.futures import CancelledError
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from model.config import ConfigError, TrainingConfig
from model.data import mnist
from model.drawing.picture import PhotoError
from model.evaluation.diagnosis import diagnose
from model.evaluation.metrics import evaluate
from model.export.model_card import Origin, model_card
from model.export.npz_archive import MAX_BYTES, WeightsFileError
from model.export.run_script import RateChange
from model.export.weights_file import from_npz
from model.inference import Network
from model.messages import Message, MessageError
from model.recipe_link import recipe_of
from model.slices import EpochMetrics, Progress, Score, Slice, initial_state
from model.starter import starter
from runs.fine_tuning import FineTuningError, fine_tune
from runs.keras_file import KerasFileError, keras_file
from runs.limits import Limits
from runs.problems import (
    QuotaExceededError,
    cluster_unreachable,
    engine_failed,
    no_workers,
    weights_unreadable,
)
from runs.records import RunState
from runs.runner import Runner
from runs.status import Status
from storage.problems import backlog_full, disk_full, in_use, newer_database, no_folder, unreachable
from testing.engines import INSTANT, TINY, HeldEngine, InlineEngine, finished, learn, run_to_its_end, settle
from testing.hostile_weights import archive, entries_of, npy
from testing.photos.reading import read_photo
from testing.statuses import TROUBLED

REPOSITORY = Path(__file__).parents[2]


def _of_config(**values: Any) -> Callable[[], Message]:
    def provoke() -> Message:
        with pytest.raises(ConfigError) as caught:
            TrainingConfig(**values)
        return caught.value.message

    return provoke


def _of_json(text: str) -> Message:
    with pytest.raises(ConfigError) as caught:
        TrainingConfig.from_json(text)
    return caught.value.message


def _of_link(text: str) -> Message:
    with pytest.raises(ConfigError) as caught:
        recipe_of(text)
    return caught.value.message


def _of_keras_file(error: BaseException) -> Message:
    future = keras_file(lambda *_: finished(error=error), TINY, ())
    with pytest.raises(KerasFileError) as caught:
        future.result()
    return caught.value.message


def _of_fine_tuning(error: BaseException) -> Message:
    images = mnist.LabelledImages(np.zeros((1, 784), np.uint8), np.zeros(1, np.uint8))
    with pytest.raises(FineTuningError) as caught:
        fine_tune(lambda *_: finished(error=error), TINY, (), images)
    return caught.value.message


def _of_data(content: bytes | None, folder: Path) -> Message:
    if content is not None:
        (folder / "test.npz").write_bytes(content)
    with pytest.raises(mnist.DataError) as caught:
        mnist.load("test", folder)
    return caught.value.message


def _of_run(error: Exception | None = None, loss: float = 2.3) -> Message:
    def slice_(config: TrainingConfig, state: Any, part: Slice) -> Any:
        if error:
            raise error
        return state, Progress(1, loss, 0, 0.1, True)

    last = run_to_its_end(InlineEngine(), TrainingConfig(epochs=1), slice_)
    assert last.state == RunState.FAILED
    assert last.problem is not None
    return last.problem


def _too_many_runs() -> Message:
    runner = Runner(HeldEngine(), learn)
    for _ in range(Limits().open_runs_of_visitor):
        runner.submit(TINY, "somebody")
    with pytest.raises(QuotaExceededError) as caught:
        runner.submit(TINY, "somebody")
    return caught.value.message


def _changed_too_often() -> Message:
    runner = Runner(HeldEngine(), learn)
    run_id = runner.submit(TINY, "somebody")
    for number in range(Limits().max_events):
        runner.set_learning_rate(run_id, 0.1 + number / 1000)
        settle(runner)
    with pytest.raises(QuotaExceededError) as caught:
        runner.set_learning_rate(run_id, 5.0)
    return caught.value.message


def _of_status(status: Status) -> Callable[[Path], Message]:
    return lambda _: status.troubles[0]


def _of_photo(grey: np.ndarray | None, format: str = "PNG") -> Message:
    """Reading white paper, a size, or no picture at all."""
    file = BytesIO()
    if grey is not None:
        Image.fromarray(grey).save(file, format)
    content = file.getvalue()
    with pytest.raises(PhotoError) as caught:
        read_photo(content[:-30] if format == "JPEG" else content, starter.load())
    return caught.value.message


def _of_file(content: bytes) -> Message:
    with pytest.raises(WeightsFileError) as caught:
        from_npz(content)
    return caught.value.message


def _of_card(origin: Origin, **fields: Any) -> Message:
    """All sentences of a card in one."""
    recipe = TrainingConfig(**fields)
    digits = mnist.LabelledImages(np.zeros((10, 784), np.uint8), np.arange(10, dtype=np.uint8))
    measured = evaluate(Network.from_arrays(initial_state(recipe).weights, recipe.activation), digits)
    card = model_card(recipe, 3, origin, measured, measured, [RateChange(2, 0, 0.5)])
    lines = [line for section in card for line in (section.heading, *section.lines)]
    values = {f"line_{number}": line for number, line in enumerate(lines)}
    return Message(" ".join(f"{{{name}}}" for name in values), values)


def _of_hint(losses: list[float], accuracy: float = 0.9, dead: float = 0, **fields: Any) -> Message:
    """Text and button of the first hint on a run with these losses, the last half of them by heart."""
    history = [
        EpochMetrics(epoch, Score(loss, 0.99 if epoch > 4 else accuracy), Score(loss, accuracy))
        for epoch, loss in enumerate(losses)
    ]
    hint = diagnose(TrainingConfig(**fields), history, [dead])[0]
    return Message("{text} {action}", {"text": hint.text, "action": hint.action})


_LEVEL = [2.3] * 4
_BY_HEART = [2.4, 0.3, 0.2, 0.1, 0.1, 0.11, 0.12, 0.13]

PROVOKED: dict[str, Callable[[Path], Message]] = {
    "unknown field": lambda _: _of_config(nonsense=1)(),
    "number": lambda _: _of_config(learning_rate=99)(),
    "whole number": lambda _: _of_config(epochs=101)(),
    "choice": lambda _: _of_config(activation="{x}")(),
    "hidden layers": lambda _: _of_config(hidden_layers=(1,))(),
    "no JSON object": lambda _: _of_json("[]"),
    "link too long": lambda _: _of_link("x" * 501),
    "comma in a link": lambda _: _of_link("learning_rate:0,5"),
    "no Keras file": lambda _: _of_keras_file(OSError("{x}")),
    "Keras file's process died": lambda _: _of_keras_file(INSTANT),
    "fine-tuning's process died": lambda _: _of_fine_tuning(INSTANT),
    "fine-tuning too slow": lambda _: _of_fine_tuning(TimeoutError()),
    "file missing": lambda folder: _of_data(None, folder),
    "file damaged": lambda folder: _of_data(b"PK", folder),
    "loss exploded": lambda _: _of_run(loss=1e9),
    "any error": lambda _: _of_run(error=ZeroDivisionError("{0} {x}")),
    "worker died": lambda _: _of_run(error=INSTANT),
    "out of memory": lambda _: _of_run(error=MemoryError()),
    "too many runs": lambda _: _too_many_runs(),
    "changed too often": lambda _: _changed_too_often(),
    "weights lost": lambda _: weights_unreadable().message,
    "database unreachable": lambda _: unreachable("disk I/O error").message,
    "disk full": lambda _: disk_full("database or disk is full").message,
    "folder in use": lambda folder: in_use(folder).message,
    "no folder": lambda folder: no_folder(folder, OSError(13, "Permission denied")).message,
    "newer database": lambda _: newer_database("0815").message,
    "backlog full": lambda _: backlog_full().message,
    "hint: exploding": lambda _: _of_hint([2.3, 99, 2.3, 2.3], 0.1),
    "hint: L2": lambda _: _of_hint(_LEVEL, 0.1, l2=0.1),
    "hint: dropout": lambda _: _of_hint(_LEVEL, 0.1, dropout=0.9),
    "hint: too fast": lambda _: _of_hint(_LEVEL, 0.1, learning_rate=5),
    "hint: sigmoids": lambda _: _of_hint(_LEVEL, 0.1, activation="sigmoid"),
    "hint: too slow": lambda _: _of_hint(_LEVEL, 0.1, learning_rate=1e-5),
    "hint: dead units": lambda _: _of_hint([2.3, 1.0, 0.9, 0.9], dead=0.9, learning_rate=1.0),
    "hint: by heart": lambda _: _of_hint(_BY_HEART),
    "hint: by heart with dropout": lambda _: _of_hint(_BY_HEART, dropout=0.3),
    "hint: by heart with both": lambda _: _of_hint(_BY_HEART, dropout=0.3, augmentation=0.5),
    "hint: improving": lambda _: _of_hint([2.3, 1.0, 0.9]),
    "no picture": lambda _: _of_photo(None),
    "no digit": lambda _: _of_photo(np.full((60, 60), 250, np.uint8)),
    "damaged photo": lambda _: _of_photo(np.full((60, 60), 250, np.uint8), "JPEG"),
    "too large a photo": lambda _: _of_photo(np.zeros((6_000, 10_000), np.uint8)),
    "file too large": lambda _: _of_file(bytes(MAX_BYTES + 1)),
    "file no archive": lambda _: _of_file(b"PK"),
    "file of other names": lambda _: _of_file(archive(entries_of(bias_1=None, x=b""))),
    "file deflated otherwise": lambda _: _of_file(archive(entries_of(), zipfile.ZIP_LZMA)),
    "file of another shape": lambda _: _of_file(archive(entries_of(kernel_1=npy(np.ones(9))))),
    "file not finite": lambda _: _of_file(archive(entries_of(bias_1=npy(np.full(16, np.nan))))),
    "file with a wrong epoch": lambda _: _of_file(archive(entries_of(epoch=npy(101)))),
    "file without a text": lambda _: _of_file(archive(entries_of(config=npy(1)))),
    "file with a wrong recipe": lambda _: _of_file(archive(entries_of(config=npy("[]")))),
    "card of a run": lambda _: _of_card(Origin.RUN, dropout=0.1, l2=0.01, augmentation=0.5),
    "card of the lesson": lambda _: _of_card(Origin.LESSON, hidden_layers=()),
    "card of the starter": lambda _: _of_card(Origin.STARTER, held_out=5000),
    "card of a file": lambda _: _of_card(Origin.FILE),
    "cluster unreachable": lambda _: cluster_unreachable(),
    "no workers": lambda _: no_workers(),
    "start cancelled": lambda _: engine_failed(CancelledError()),
    "no TensorFlow": lambda _: engine_failed(ImportError("{x}")),
    "start died": lambda _: engine_failed(INSTANT),
    "start failed": lambda _: engine_failed(OSError("{x}")),
    **{f"status: {said}": _of_status(status) for said, status in TROUBLED.items()},
}


@pytest.mark.parametrize("case", PROVOKED)
def test_every_message_that_the_floors_give_is_a_filled_sentence(case: str, tmp_path: Path) -> None:
    message = PROVOKED[case](tmp_path)
    text = str(message)
    for name in re.findall(r"{(\w+)}", message.text):
        assert f"{{{name}}}" not in message.text.format(**{**message.values, name: "filled"})
        assert str(message.values[name]) in text
    assert not text.startswith("{")
    assert "Message(" not in text
    assert set(message.values) == set(re.findall(r"{(\w+)}", message.text)) or set(message.values) > set(
        re.findall(r"{(\w+)}", message.text)
    )


def test_every_message_in_the_floors_sources_was_provoked(tmp_path: Path) -> None:
    """A message that is added has to be added here too."""
    written = set()
    for file in [*REPOSITORY.glob("model/*.py"), *REPOSITORY.glob("runs/*.py")]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Name(id="Message"),
                    args=[ast.Call(func=ast.Name(id="N_"), args=[ast.Constant(value=text)]), *_],
                ):
                    written.add(text)
    seen = set()
    for number, provoke in enumerate(PROVOKED.values()):
        folder = tmp_path / str(number)
        folder.mkdir()
        message = provoke(folder)
        seen |= {message.text, *(v.text for v in message.values.values() if isinstance(v, Message))}
    assert seen >= written


def test_a_message_error_crosses_the_border_of_a_process_whole() -> None:
    error = ConfigError(Message("“{field}” is wrong", {"field": "epochs"}))
    again = pickle.loads(pickle.dumps(error))
    assert isinstance(again, MessageError)
    assert again.message == error.message
    assert str(again) == "“epochs” is wrong"


def test_a_message_inside_a_message_is_written_out() -> None:
    assert str(Message("expected {what}", {"what": Message("{n} things", {"n": 3})})) == "expected 3 things"


def test_braces_in_a_value_are_left_alone() -> None:
    assert str(Message("received {value}", {"value": "{value} {0} }"})) == "received {value} {0} }"
