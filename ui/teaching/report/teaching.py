"""What the network gained when it was taught the class's handwriting."""

from classroom.archive.aggregates import teaching
from classroom.archive.lesson_record import LessonRecord
from model.evaluation.teaching import Gain
from model.evaluation.writers import Change
from ui.base.text import _, percent
from ui.handwriting.taught import too_small_text
from ui.teaching.report.section import Section, bold
from ui.teaching.report.words import interval_text


def teaching_sections(lesson: LessonRecord) -> list[Section]:
    """One, or none where the network was not taught."""
    found = teaching(lesson)
    if found is None:
        return []
    head = [_("taught by"), _("before"), _("after"), _("gain, 95% interval"), _("result")]
    rows = [[_("{count} of us", count=gain.pupils), *_cells(gain)] for gain in found.gains]
    rows.append([_("on MNIST"), *_cells(found.mnist)])
    text = _(
        "The lesson's network was trained further on the digits of some of us, and tested on the digits of "
        "others. Nobody was in both groups. Accuracy on those others:"
    )
    lines = [text] if found.mnist.interval else [text, bold(too_small_text(found.writers))]
    note = _(
        "Means over {count} ways to divide {writers} writers.", count=found.splits, writers=found.writers
    )
    return [Section(_("Teach it our handwriting"), lines, table=[head, *rows], note=note)]


def _cells(gain: Gain) -> list[str]:
    before, after = percent(gain.before, 1), percent(gain.after, 1)
    interval = interval_text(gain.interval, 1) if gain.interval else "–"
    return [before, after, interval, _word(gain.verdict)]


def _word(verdict: Change) -> str:
    match verdict:
        case Change.BETTER:
            return _("better")
        case Change.WORSE:
            return _("worse")
        case Change.CANNOT_TELL:
            return _("cannot tell")
