"""Everything of the visitor's as one file: to take away, and to bring back here or on another server."""

from functools import partial

import streamlit as st

from ui.base import resources, session
from ui.base.errors import reported
from ui.base.text import _, number, plural
from ui.components.folded import folded
from visitors.archive.importing import Report, import_archive
from visitors.archive.writing import export, plan

# As ``server.maxUploadSize``.
_MAX_MEGABYTES = 100


def show_archive() -> None:
    """Export and import, once they are unfolded."""
    folded(_("Export or import everything"), "archive_open", _show, icon=":material/archive:")


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
    st.download_button(
        _("Export (about {size} MB)", size=number(contents.bytes / 1e6, 1)),
        # Made only when it is clicked.
        partial(export, runner, visitor),
        "digit-lab.zip",
        "application/zip",
        key="export_archive",
        icon=":material/download:",
        on_click="ignore",
    )
    if lines := session.imported.get():
        st.success(_("Imported:") + "".join(f"\n- {line}" for line in lines))
        session.imported.reset()
    # Another key each time, so that the file leaves the memory once it was read.
    key = f"archive_{session.imports.get()}"
    st.file_uploader(
        _("Import an archive (.zip exported from Digit Lab)"),
        type=["zip"],
        max_upload_size=_MAX_MEGABYTES,
        key=key,
        on_change=reported(_import),
        args=(key,),
    )


def _import(key: str) -> None:
    file = session.value(key)
    if file is None:
        return
    session.imports.set(session.imports.get() + 1)
    taken = import_archive(resources.runner(), session.visitor(), file.getvalue())
    session.imported.set(_report(taken))
    # Both are looked for again, where nothing is there.
    session.on_desk.reset()
    if not session.hypothesis.get():
        session.hypothesis.reset()


def _report(taken: Report) -> list[str]:
    """What came of an import, in lines: what is new, what was there, what did not fit."""
    there = taken.runs_there + taken.hypotheses_there + taken.networks_there
    lines = {
        plural("{count} run", "{count} runs", taken.runs): taken.runs,
        plural(
            "{count} digit of your handwriting", "{count} digits of your handwriting", taken.drawings
        ): taken.drawings,
        plural("{count} hypothesis", "{count} hypotheses", taken.hypotheses): taken.hypotheses,
        plural("{count} imported network", "{count} imported networks", taken.networks): taken.networks,
        _("The last recipe and drawing"): taken.desk,
        plural(
            "Already here, and left as it is: {count} run, hypothesis or network",
            "Already here, and left as they are: {count} runs, hypotheses or networks",
            there,
        ): there,
        _("The digits of your handwriting here stay; those in the file were not imported"): (
            taken.drawings_stay
        ),
        plural(
            "Not imported, since you have as many as can be kept: {count} network",
            "Not imported, since you have as many as can be kept: {count} networks",
            taken.refused_networks,
        ): taken.refused_networks,
    }
    return [line for line, counts in lines.items() if counts] or [_("There was nothing in it.")]
