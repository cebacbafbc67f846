"""Everything of the visitor's as one file: to export, and to import here or on another server."""

from functools import partial

import streamlit as st

from model.messages import MessageError
from ui.base import resources, seat, session
from ui.base.errors import plain_errors
from ui.base.text import _, message, number, plural, verbatim
from ui.components.folded import folded
from ui.components.saving import save_button
from visitors.archive.format import READ_BYTES
from visitors.archive.importing import Report, import_archive
from visitors.archive.writing import export, plan


def show_archive() -> None:
    """Export and import, once they are unfolded."""
    folded(_("Export or import everything"), "archive_open", _show, icon=":material/archive:")


@plain_errors()
def _show() -> None:
    st.markdown(
        _(
            "All your runs, drawings, hypotheses and imported networks in one ZIP file. It can be imported "
            "here or on another Digit Lab, also after Forget me, and read without Digit Lab. Anyone who has "
            "the file has your work."
        )
    )
    runner, visitor = resources.runner(), session.visitor()
    contents = plan(runner, visitor)
    if contents.without_weights:
        st.caption(
            plural(
                "The file is bounded in size: the oldest run comes with its curves, but without weights.",
                "The file is bounded in size: the {count} oldest runs come with their curves, but without "
                "weights.",
                contents.without_weights,
            )
        )
    if contents.thinned:
        st.caption(
            plural(
                "Of one long run only some epochs come with weights.",
                "Of {count} long runs only some epochs come with weights.",
                contents.thinned,
            )
        )
    save_button(
        _("Export (about {size} MB)", size=number(max(contents.bytes / 1e6, 0.1), 1)),
        partial(export, runner, visitor),
        "digit-lab.zip",
        "application/zip",
        ":material/download:",
    )
    _show_outcome()
    # Another key each time, so that the file leaves the memory once it was read.
    file = st.file_uploader(
        # Of any type: what a browser refuses, it refuses without saying what is expected.
        _("Import an archive (.zip exported from Digit Lab)"),
        max_upload_size=READ_BYTES // 1_000_000,
        key=f"archive_{session.imports.get()}",
    )
    if file is not None:
        with st.spinner(_("Importing …")):
            _import(file.getvalue())
        # What is above has changed.
        st.rerun()


def _show_outcome() -> None:
    """What came of the last import; here, and not on top of the page, where nobody looks now."""
    taken, refusal = session.imported.get(), session.import_refused.get()
    if taken is not None:
        new, others = taken
        st.success(
            _("Imported:") + "".join(f"\n- {line}" for line in new)
            if new
            else _("There was nothing new in the archive.")
        )
        for line in others:
            st.info(line)
        # The table has grown above, and may have pushed all this out of sight.
        st.toast(_("Your archive was read."), icon=":material/check:")
        session.imported.reset()
    if refusal:
        st.error(refusal, icon=":material/error:")
        session.import_refused.reset()


def _import(content: bytes) -> None:
    session.imports.set(session.imports.get() + 1)
    try:
        # Digits that were drawn elsewhere come in, too.
        seat.check_draws()
        taken = import_archive(resources.runner(), session.visitor(), content)
    except MessageError as error:
        session.import_refused.set(verbatim(message(error.message)))
        return
    session.imported.set(_report(taken))
    # Both are looked for again, where nothing is there.
    session.on_desk.reset()
    if not session.hypothesis.get():
        session.hypothesis.reset()


def _report(taken: Report) -> tuple[list[str], list[str]]:
    """What came of an import, in lines: what is new; and what was there already, or did not fit."""
    there = taken.runs_there + taken.hypotheses_there + taken.networks_there
    new = [
        (taken.runs, plural("{count} run", "{count} runs", taken.runs)),
        (
            taken.drawings,
            plural("{count} digit of your handwriting", "{count} digits of your handwriting", taken.drawings),
        ),
        (taken.hypotheses, plural("{count} hypothesis", "{count} hypotheses", taken.hypotheses)),
        (
            taken.networks,
            plural("{count} imported network", "{count} imported networks", taken.networks),
        ),
        (taken.desk, _("the last recipe and drawing")),
    ]
    others = [
        (
            there,
            plural(
                "{count} run, hypothesis or network was already here, and was left as it is.",
                "{count} runs, hypotheses and networks were already here, and were left as they are.",
                there,
            ),
        ),
        (
            taken.drawings_stay,
            _("The digits of your handwriting that are here stay; those in the archive were not imported."),
        ),
        (
            taken.refused_networks,
            plural(
                "{count} network was not imported, since you have as many as can be kept.",
                "{count} networks were not imported, since you have as many as can be kept.",
                taken.refused_networks,
            ),
        ),
    ]
    return [line for count, line in new if count], [line for count, line in others if count]
