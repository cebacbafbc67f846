"""What the archive of a lesson says about itself, for whoever finds it years later."""

from datetime import UTC, datetime

from classroom.archive.lesson_record import LessonRecord
from classroom.handwriting import MAX_OF_WRITER
from model.version import VERSION

_README = """Digit Lab: what the class of room {code} made, saved on {date} by version {version}.
{rehearsal}
Pupils have no accounts. A seat has a number, and is called by an animal or by a name that was chosen there.
These names are in the CSV files and nowhere else: leave them out before you pass the archive on.
A writer is called by the number of the seat, or by a row on paper.

report.html
    The lesson as a page that prints well.
drawings.png
    The digits that networks are measured on, one row for each writer.
drawings.npz
    Every digit that was drawn, hidden ones too. In Python:

        import numpy as np
        drawings = np.load("drawings.npz")
        images, labels, writers = drawings["images"], drawings["labels"], drawings["writers"]

    images: 28 x 28 numbers a digit, from 0 for paper to 255 for ink. In the same order: labels, writers,
    pointers (what it was drawn with), numbers (which of its writer's digits it is, from 0), hidden, and
    measured: networks are measured on what is not hidden, the newest {newest} digits of each writer.
    points: the strokes, x and y, y growing downwards. Stroke i is points from stroke_offsets[i] up to
    stroke_offsets[i + 1], and digit j the strokes from sample_offsets[j] up to sample_offsets[j + 1].{bare}
class-images-idx3-ubyte, class-labels-idx1-ubyte, class-writers.csv
    The digits that networks are measured on, in the format of MNIST's files, and who wrote them.
data_card.md
    What this set of digits is, beside MNIST's.
network.npz
    The lesson's network, for numpy.load: kernel_1, bias_1, kernel_2, ... Hidden layers apply ReLU.
figures.json
    How well this network reads MNIST's test images and the class's digits, in all and digit by digit:
    shares from 0 to 1 with their 95% intervals, as the projector shows them.
findings.json
    What was computed for the whole class, such as what the network gained by being taught its digits.
runs.csv, curves.csv
    The training runs with their recipes; loss and accuracy after each epoch, 0 being the untrained network.
hypotheses.csv, answers.csv
    What pupils wrote on Guess first, and what they answered to the questions of the lesson (as JSON).
questions.json
    What these were: by number the guesses of the class, with the hands that were counted for each of the
    options in both rounds and the accuracies of A and B, and the questions at the end with their options.
    "option" in answers.csv, and "right", are places among these, from 0.

CSV files are UTF-8. An apostrophe stands in front of a text that a spreadsheet would compute.
"""
_REHEARSAL = """
It was a rehearsal: its pupils and their digits were made up by a program.
"""
_BARE = """
    Of {count} digits, the oldest of writers who drew very many, only the images are here."""


def readme(lesson: LessonRecord) -> str:
    """In plain words: what each file is, and how to read it without this program."""
    count = lesson.without_strokes
    return _README.format(
        code=lesson.room.code,
        date=datetime.now(UTC).date().isoformat(),
        version=VERSION,
        newest=MAX_OF_WRITER,
        rehearsal=_REHEARSAL if lesson.room.lesson.is_rehearsal else "",
        bare=_BARE.format(count=count) if count else "",
    )
