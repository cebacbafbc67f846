"""Which networks stand side by side."""

from dataclasses import dataclass

import streamlit as st

from model.config import TrainingConfig
from model.evaluation.metrics import Evaluation
from model.messages import Message, MessageError
from model.slices import EpochMetrics
from runs.records import RunSnapshot
from ui.base import resources, session
from ui.base.text import _, verbatim
from ui.components.page_link import caption_with_link
from ui.networks.image_sets import ImageSet, evaluate_on
from ui.networks.selection import LESSON, STARTER, chosen, name_of, short_run_name


@dataclass(frozen=True)
class Contender:
    """A network on this page, after the epoch that it keeps. ``label`` is short, and ``markdown`` the same to
    be read as it is written; ``run`` is ``None`` for one that ships. ``result`` on the test images is
    ``None`` where ``problem`` says why."""

    id: str
    label: str
    markdown: str
    config: TrainingConfig
    history: tuple[EpochMetrics, ...]
    run: RunSnapshot | None
    result: Evaluation | None
    problem: Message | None = None

    @property
    def has_recipe(self) -> bool:
        """Whether all settings of its recipe are known."""
        return self.id != STARTER


def choose() -> list[Contender]:
    """A multiselect over this visitor's networks that have begun to train and the two that ship. Those are
    preselected that another page has chosen, else the newest two in the order in which they were trained."""
    begun = [run.id for run in resources.runner().runs_of(session.visitor()) if run.history]
    ids = [*begun, STARTER, LESSON]
    # Beside a single run stands the lesson's network: its recipe is known, the starter's is not.
    preselected = [*begun, LESSON, STARTER][:2][::-1]
    wanted = [run_id for run_id in session.to_compare.get() if run_id in ids]
    session.to_compare.reset()
    session.prefer(f"compare_{ids[0]}", wanted or preselected, anew=bool(wanted))
    chosen_ids = st.multiselect(
        _("Networks"),
        ids,
        format_func=name_of,
        key=f"compare_{ids[0]}",
        placeholder=_("Choose two or more"),
        wrap=True,
    )
    what_next = _what_next(len(begun), len(chosen_ids))
    if len(begun) < 2:
        caption_with_link(what_next, "pages/train.py", _("Train"))
    else:
        st.caption(what_next)
    return [_contender(run_id) for run_id in chosen_ids if run_id in ids]


def _contender(run_id: str) -> Contender:
    run = resources.runner().snapshot(run_id)
    if run is not None:
        label, markdown = short_run_name(run), short_run_name(run, verbatim)
        history = run.history
    elif run_id == LESSON:
        label = markdown = _("Lesson")
        history = resources.recording().history
    else:
        run_id, history = STARTER, ()
        label = markdown = _("Starter")
    try:
        # Of the history that is shown, though training may have gone on.
        choice = chosen(run_id, run.kept_epoch if run else None)
    except MessageError as error:
        config = run.config if run else TrainingConfig()
        return Contender(run_id, label, markdown, config, history, run, None, error.message)
    return Contender(run_id, label, markdown, choice.config, history, run, evaluate_on(ImageSet.TEST, choice))


def _what_next(begun: int, chosen_count: int) -> str:
    if begun == 0:
        return _("You have no trained runs yet. Train one, change one setting and train another.")
    if begun == 1:
        return _("You have only one trained run. Change one setting and train another.")
    if chosen_count < 2:
        return _("Choose two or more networks.")
    return _("Each network after the epoch that it keeps: the last one, unless its recipe keeps the best.")
