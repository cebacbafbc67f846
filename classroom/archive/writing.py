"""One archive of a lesson."""

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict

from classroom.archive import csv_files
from classroom.archive.drawings import sheet, write_npz
from classroom.archive.lesson_record import LessonRecord
from classroom.archive.readme import readme
from classroom.handwriting import digits_of
from classroom.questions import GUESSES
from model.data.idx import to_idx
from model.drawing.strokes import SIDE
from model.evaluation.handwriting_gap import HandwritingGap
from model.export.weights_file import to_npz
from model.starter.recording import Recording


def write(
    lesson: LessonRecord, network: Recording, gap: HandwritingGap | None, texts: Mapping[str, str]
) -> bytes:
    """The archive; ``network`` is the lesson's, ``gap`` what came of measuring it, ``texts`` are files that
    are there as text, by name."""
    measured = digits_of(lesson.measured)
    files: dict[str, bytes | str] = {
        "README.txt": readme(lesson),
        **texts,
        "figures.json": json.dumps(gap and asdict(gap), indent=1),
        "drawings.png": sheet(lesson.measured),
        "class-images-idx3-ubyte": to_idx(measured.images.images.reshape(-1, SIDE, SIDE)),
        "class-labels-idx1-ubyte": to_idx(measured.images.labels),
        "class-writers.csv": csv_files.writers_csv(lesson),
        "network.npz": to_npz(network.network, network.config, len(network.weights) - 1),
        "runs.csv": csv_files.runs_csv(lesson),
        "curves.csv": csv_files.class_curves_csv(lesson),
        "hypotheses.csv": csv_files.hypotheses_csv(lesson),
        "answers.csv": csv_files.answers_csv(lesson),
        "questions.json": _questions(lesson),
        "findings.json": _findings(lesson),
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        with archive.open("drawings.npz", "w") as drawings:
            write_npz(drawings, lesson.drawings)
    return file.getvalue()


def _questions(lesson: LessonRecord) -> str:
    """What answers are about; nothing of who let the room train."""
    asked = lesson.room.lesson
    guesses = [
        {**guess.model_dump(mode="json", exclude={"trained_by", "runs"}), "options": GUESSES}
        for guess in asked.guesses
    ]
    at_the_end = [
        {**one.model_dump(mode="json"), **(asdict(one.choice) if one.choice else {})}
        for one in asked.exit_questions
    ]
    return json.dumps({"guesses": guesses, "exit_questions": at_the_end}, indent=1)


def _findings(lesson: LessonRecord) -> str:
    found = {
        one.kind: {"found_at": one.found_at, "content": json.loads(one.content)} for one in lesson.findings
    }
    return json.dumps(found, indent=1)
