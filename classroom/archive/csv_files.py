"""A lesson's runs, hypotheses and answers as CSV, which spreadsheets open."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from classroom.archive.lesson_record import LessonRecord
from classroom.handwriting import digits_of
from model.config import ConfigError, TrainingConfig
from storage.rooms import SeatRecord
from visitors.hypotheses import Hypothesis

# What a cell begins with that a spreadsheet computes (OWASP, "CSV Injection").
_COMPUTED = ("=", "+", "-", "@", "\t", "\r", "\n")
# Spreadsheets read UTF-8 by it.
_MARK = "\ufeff"


def csv_file(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A table with no text that a spreadsheet would compute: an apostrophe stands in front of such."""
    text = io.StringIO()
    writer = csv.writer(text)
    for row in (header, *rows):
        writer.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in row])
    return (_MARK + text.getvalue()).encode()


def harmless(cell: str) -> str:
    """``cell`` as a text for a spreadsheet, also where spaces or a wide sign stand first."""
    text = unicodedata.normalize("NFKC", cell).lstrip(" ")
    return f"'{cell}" if text.startswith(_COMPUTED) else cell


def writers_csv(lesson: LessonRecord) -> bytes:
    """Who wrote what the IDX files hold, in their order."""
    digits = digits_of(lesson.measured)
    rows = zip(digits.writers.tolist(), [str(pointer or "") for pointer in digits.pointers], strict=True)
    return csv_file(["writer", "pointer"], rows)


def runs_csv(lesson: LessonRecord) -> bytes:
    """A line a run with its recipe, which is empty where another version has kept it."""
    names, fields = _names(lesson.seats), list(TrainingConfig.model_fields)
    rows: list[Sequence[object]] = []
    for seat, run in lesson.runs:
        done = max((point.epoch for point in run.history), default=0)
        recipe = _recipe(run.recipe)
        rows.append([seat, names.get(seat, ""), run.number, run.state, done, *map(recipe.get, fields)])
    return csv_file(["seat", "name", "run", "state", "epochs_done", *fields], rows)


def class_curves_csv(lesson: LessonRecord) -> bytes:
    """A line an epoch of each run, the untrained network as epoch 0; losses in nats, accuracies 0-1."""
    rows = []
    for seat, run in lesson.runs:
        for point in run.history:
            training, validation = point.training, point.validation
            scores = [training.loss, training.accuracy, validation.loss, validation.accuracy]
            rows.append([seat, run.number, point.epoch, *scores])
    header = ["training_loss", "training_accuracy", "validation_loss", "validation_accuracy"]
    return csv_file(["seat", "run", "epoch", *header], rows)


def hypotheses_csv(lesson: LessonRecord) -> bytes:
    """What was guessed first, a line each; none that another version has kept in another way."""
    names = _names(lesson.seats)
    rows: list[Sequence[object]] = []
    for made in lesson.hypotheses:
        try:
            one = Hypothesis.model_validate_json(made.content)
        except ValueError:
            continue
        a, b = (str(getattr(variant.config, one.setting)) for variant in (one.of_a[0], one.of_b[0]))
        said = [len(one.trials), str(one.guess), one.why, str(one.verdict or ""), one.explanation]
        name = names.get(made.seat, "")
        rows.append([made.seat, name, _moment(made.made_at), one.setting, a, b, *said])
    setting, words = ["setting", "a", "b", "seeds"], ["guess", "why", "verdict", "explanation"]
    return csv_file(["seat", "name", "made_at", *setting, *words], rows)


def answers_csv(lesson: LessonRecord) -> bytes:
    """What was answered to the questions of the lesson; ``content`` is JSON."""
    names = _names(lesson.seats)
    rows = [
        [made.seat, names.get(made.seat, ""), made.key, made.content, _moment(made.made_at)]
        for made in lesson.answers
    ]
    return csv_file(["seat", "name", "question", "content", "answered_at"], rows)


def _names(seats: Iterable[SeatRecord]) -> dict[int, str]:
    return {seat.number: seat.name or f"{seat.animal} {seat.number}" for seat in seats}


def _recipe(text: str) -> dict[str, object]:
    try:
        recipe = TrainingConfig.from_json(text)
    except ConfigError:
        return {}
    plain = recipe.model_dump(mode="json")
    return {**plain, "hidden_layers": "-".join(map(str, recipe.hidden_layers))}


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
