"""A network and what was measured on it, as files; and a network imported from its file."""

from functools import partial

import streamlit as st

from model.evaluation.metrics import Evaluation
from model.export.curves import curves_csv
from model.export.keras_code import npz_code
from model.export.model_card import Origin, model_card
from model.export.npz_archive import WeightsFileError, shorten
from model.export.run_script import RateChange, run_script
from model.export.weights_file import to_npz
from model.messages import MessageError
from runs.records import EventKind, RunSnapshot
from ui.base import resources, session
from ui.base.text import _, message, verbatim
from ui.components.figure_download import offer_figures
from ui.components.folded import folded
from ui.components.saving import save_button
from ui.networks import measurements
from ui.networks.selection import LESSON, STARTER, Choice

# The largest network has 9.6.
_MAX_MEGABYTES = 10


def show_export(choice: Choice, figures: list[str], on_test: Evaluation, on_own: Evaluation | None) -> None:
    """The files of ``choice``, measured ``on_test`` images and ``on_own`` digits, and the charts on the
    page with the keys ``figures``; once they are unfolded."""

    def show() -> None:
        with st.container(horizontal=True, gap="small"):
            save_button(
                _("Weights (NPZ)"),
                partial(to_npz, choice.network, choice.config, choice.epoch),
                "network.npz",
                "application/octet-stream",
            )
            # Written here, since a thread that makes a file does not know the visitor's language.
            card = _model_card(choice, on_test, on_own)
            save_button(_("Model card"), partial(str, card), "model-card.md", "text/markdown")
            if choice.run:
                save_button(
                    _("Curves (CSV)"), partial(curves_csv, choice.run.history), "curves.csv", "text/csv"
                )
                save_button(
                    _("Script (Python)"), partial(_script, choice.run), "repeat_run.py", "text/x-python"
                )
            _keras_file(choice)
        st.markdown(
            _("The Keras file opens in Keras 3. For TensorFlow 2.15 and older, load the weights (NPZ):")
        )
        st.code(npz_code(choice.config), language="python")
        st.code(f"score = [{on_test.loss:.4f}, {on_test.accuracy:.4f}]", language="python")
        st.markdown(_("Figures on this page:"))
        offer_figures(figures)
        _import()

    folded(_("Export or import"), "export_open", show, icon=":material/download:")


def _script(run: RunSnapshot) -> str:
    return run_script(run.recipe, run.epoch, _changes(run))


def _model_card(choice: Choice, on_test: Evaluation, on_own: Evaluation | None) -> str:
    """As Markdown."""
    run = choice.run
    recipe, changes = (run.recipe, _changes(run)) if run else (choice.config, [])
    sections = model_card(recipe, choice.epoch, _origin(choice), on_test, on_own, changes)
    parts = [f"# {_('Model card')}"]
    for section in sections:
        parts += [f"## {message(section.heading)}", *map(message, section.lines)]
    return "\n\n".join(parts) + "\n"


def _origin(choice: Choice) -> Origin:
    if choice.run:
        return Origin.RUN
    return {STARTER: Origin.STARTER, LESSON: Origin.LESSON}.get(choice.id, Origin.FILE)


def _changes(run: RunSnapshot) -> list[RateChange]:
    return [
        RateChange(event.epoch, event.step, event.value)
        for event in run.events
        if event.kind == EventKind.LEARNING_RATE
    ]


def _keras_file(choice: Choice) -> None:
    """Made by the engine, where Keras is, and only when it is asked for."""
    if session.keras_file_of.get() != choice.key:
        st.button(
            _("Create a Keras file"),
            key="make_keras",
            on_click=session.keras_file_of.set,
            args=(choice.key,),
        )
        return
    try:
        with st.spinner(_("Creating the Keras file …")):
            content = measurements.keras_file(choice.key, choice.config, choice.network.weights)
    except TimeoutError:
        st.error(_("The Keras file was not finished within a minute. Try again."), icon=":material/error:")
    except MessageError as error:
        st.error(verbatim(message(error.message)), icon=":material/error:")
    else:
        st.download_button(
            _("Keras file"),
            content,
            "network.keras",
            "application/octet-stream",
            key="save_keras",
            type="primary",
            on_click="ignore",
        )


def _import() -> None:
    # Of any type: what a browser refuses, it refuses without saying what is expected.
    file = st.file_uploader(
        _("Import weights (.npz exported from Digit Lab)"),
        max_upload_size=_MAX_MEGABYTES,
        key="import_weights",
    )
    if file is None:
        return
    networks, visitor = resources.imported_networks(), session.visitor()
    known = networks.of(visitor)
    try:
        name = networks.add(visitor, file.getvalue())
    except MessageError as error:
        is_another = isinstance(error, WeightsFileError) and not file.name.lower().endswith(".npz")
        problem = _another_kind(file.name) if is_another else message(error.message)
        st.error(verbatim(problem), icon=":material/error:")
        return
    if name not in known:
        st.rerun()
    st.success(_("Imported. It is now in the list of networks."))


def _another_kind(name: str) -> str:
    """What is said of a file that is no network, and does not call itself one."""
    return _(
        "Expected a .npz file exported from Digit Lab; received “{name}”. To get one, save “Weights (NPZ)” "
        "above, here or on another Digit Lab.",
        name=shorten(name),
    )
