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
        "curves.csv": csv_files.curves_csv(lesson),
        "hypotheses.csv": csv_files.hypotheses_csv(lesson),
        "answers.csv": csv_files.answers_csv(lesson),
        "findings.json": _findings(lesson),
        "questions.json": _questions(lesson),
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        with archive.open("drawings.npz", "w") as drawings:
            write_npz(drawings, lesson.drawings)
    return file.getvalue()


def _questions(lesson: LessonRecord) -> str:
    """What the class was asked, and what its runs said; not which visitor has trained them."""
    asked = {"guesses": {"__all__": {"trained_by", "runs"}}}
    return lesson.room.lesson.model_dump_json(include={"guesses", "exit_questions"}, exclude=asked, indent=1)


def _findings(lesson: LessonRecord) -> str:
    found = {
        one.kind: {"found_at": one.found_at, "content": json.loads(one.content)} for one in lesson.findings
    }
    return json.dumps(found, indent=1)
