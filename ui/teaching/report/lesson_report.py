"""A lesson as one page that prints well, and the data card of its digits; both without a name."""

import base64
from collections.abc import Sequence
from datetime import datetime
from html import escape
from pathlib import Path

from babel.dates import format_date
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from classroom.archive.drawings import by_writer, sheet
from classroom.archive.lesson_record import LessonRecord
from classroom.handwriting import ClassDrawing, digits_of
from classroom.lesson import Step
from model.evaluation.handwriting_gap import Accuracy, HandwritingGap
from model.evaluation.writers import Change
from model.export.data_card import Row, data_card
from model.messages import Message
from model.version import VERSION
from ui.base import resources
from ui.base.seat import step_name
from ui.base.text import _, language, message, number, percent, plural
from ui.figures.class_curves import band_of
from ui.teaching.gap import gap_lines
from ui.teaching.report.answers import answer_sections
from ui.teaching.report.charts import STYLE, curves_chart, digits_chart
from ui.teaching.report.section import Html, Section, bold
from ui.teaching.report.teaching import teaching_sections
from ui.teaching.report.words import interval_text

# Rows of one picture: more of them do not fit on a page.
_WRITERS = 15
_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    autoescape=True,
)


def report(lesson: LessonRecord, gap: HandwritingGap | None) -> str:
    """The page, with everything that it needs in itself; ``gap`` is what came of measuring the lesson's
    network."""
    sections = [
        *_accuracy(gap),
        *_drawings(lesson.measured),
        *_training(lesson),
        *answer_sections(lesson),
        *teaching_sections(lesson),
        _card(lesson.measured),
    ]
    return _TEMPLATES.get_template("report.html.jinja").render(
        language=language(),
        title=_("A lesson with Digit Lab"),
        facts=_facts(lesson),
        sections=sections,
        style=STYLE,
        foot=_("Digit Lab {version}", version=VERSION),
    )


def card(lesson: LessonRecord) -> str:
    """The data card as markdown."""
    parts = [_("# Data card: the digits of one class, beside MNIST's"), *_made_up(lesson)]
    for row in _card_rows(lesson.measured):
        parts.append(f"## {message(row.heading)}")
        for whose, lines in ((_("The class"), row.drawn), (_("MNIST"), row.mnist)):
            parts.append("\n".join([f"**{whose}**", "", *(f"- {message(line)}" for line in lines)]))
    return "\n\n".join(parts) + "\n"


def _facts(lesson: LessonRecord) -> list[str]:
    seats = [seat for seat in lesson.seats if seat.visitor is not None]
    began = min((seat.joined_at for seat in lesson.seats), default=datetime.now().timestamp())
    day = format_date(datetime.fromtimestamp(began).date(), format="long", locale=language())
    gone = {*lesson.room.lesson.before, lesson.room.lesson.step}
    steps = " · ".join(step_name(step) for step in Step if step in gone)
    pupils = plural("{count} pupil", "{count} pupils", len(seats))
    return [
        _("Room {code}, {day}, {pupils}", code=lesson.room.code, day=day, pupils=pupils),
        _("Steps: {steps}", steps=steps),
        _("Writers are called by the number of their seat. There is no name on this page."),
        *_made_up(lesson),
    ]


def _made_up(lesson: LessonRecord) -> list[str]:
    return [_("Rehearsal: these pupils are made up.")] if lesson.room.lesson.is_rehearsal else []


def _accuracy(gap: HandwritingGap | None) -> list[Section]:
    if gap is None or gap.overall.drawn is None:
        return []
    head = [_("digit"), _("MNIST"), _("our digits"), _("95% interval"), _("number of ours")]
    rows = [
        [str(digit), percent(of_digit.mnist.share, 1), *_cells(of_digit.drawn)]
        for digit, of_digit in enumerate(gap.digits)
    ]
    rows.append([_("all"), percent(gap.overall.mnist.share, 1), *_cells(gap.overall.drawn)])
    return [
        Section(
            _("How well the lesson's network reads our digits"),
            [*map(bold, gap_lines(gap)), _verdict(gap.overall.verdict)],
            [digits_chart(gap.digits)],
            [head, *rows],
            _(
                "Square: MNIST's test images. Point: our digits, with their 95% interval. Digits of one hand "
                "belong together, so an interval counts writers, not digits: it says where the accuracy for "
                "other writers like us lies."
            ),
        )
    ]


def _cells(drawn: Accuracy | None) -> list[str]:
    if drawn is None:
        return ["–", "–", "0"]
    return [percent(drawn.share, 1), interval_text(drawn.interval), number(drawn.images)]


def _verdict(verdict: Change) -> str:
    match verdict:
        case Change.WORSE:
            return _("It reads our digits worse than MNIST's. Chance alone would hardly explain that.")
        case Change.BETTER:
            return _("It reads our digits better than MNIST's. Chance alone would hardly explain that.")
        case Change.CANNOT_TELL:
            return _("The difference may be chance.")


def _drawings(drawings: Sequence[ClassDrawing]) -> list[Section]:
    if not drawings:
        return []
    rows = by_writer(drawings)
    parts = [rows[first : first + _WRITERS] for first in range(0, len(rows), _WRITERS)]
    digits = plural("**{count}** digit", "**{count}** digits", len(drawings))
    writers = plural("{count} writer", "{count} writers", len(rows))
    return [
        Section(
            _("Our handwriting"),
            [bold(_("{drawings} by {writers}", drawings=digits, writers=writers))],
            [_picture([drawing for own in part for drawing in own]) for part in parts],
            note=_("One row for each writer. Hidden digits are not shown and do not count."),
            is_long=len(parts) > 1,
        )
    ]


def _picture(drawings: Sequence[ClassDrawing]) -> Html:
    png = base64.b64encode(sheet(drawings)).decode()
    labels = ", ".join(str(drawing.trial.label) for drawing in drawings)
    alt = _("Digits that the class has drawn: {labels}", labels=labels)
    return Html(f'<img src="data:image/png;base64,{png}" alt="{escape(alt)}">')


def _training(lesson: LessonRecord) -> list[Section]:
    curves = [[point.validation.accuracy for point in run.history] for _seat, run in lesson.runs]
    curves = [curve for curve in curves if curve]
    if not curves:
        return []
    ends = sorted(curve[-1] for curve in curves)
    text = plural(
        "**{count}** run: from the lowest to the highest accuracy, and the middle one",
        "**{count}** runs: from the lowest to the highest accuracy, and the middle one",
        len(curves),
    )
    end = _("At their ends: {low} to {high}.", low=percent(ends[0], 1), high=percent(ends[-1], 1))
    return [Section(_("Our training runs"), [bold(text), end], [curves_chart(band_of(curves))])]


def _card(drawings: Sequence[ClassDrawing]) -> Section:
    rows = [[message(row.heading), _lines(row.drawn), _lines(row.mnist)] for row in _card_rows(drawings)]
    head = [_("what"), _("The class"), _("MNIST")]
    return Section(_("Data card: our digits beside MNIST's"), table=[head, *rows], is_long=True)


def _card_rows(drawings: Sequence[ClassDrawing]) -> tuple[Row, ...]:
    return data_card(digits_of(drawings), resources.train_images(), resources.test_images())


def _lines(messages: Sequence[Message]) -> Html:
    return Html("<br>".join(escape(message(one)) for one in messages))
