"""The visitor's hypotheses: what each changed and guessed, and what came of it."""

from collections.abc import Mapping

import streamlit as st

from model.evaluation.hypothesis import Verdict
from runs.records import RunSnapshot, RunState
from ui.base import resources, session
from ui.base.errors import plain_errors
from ui.base.text import _, plural
from ui.components.page_link import caption_with_link
from ui.my_work import lists
from ui.recipe.labels import guess_text, setting_name, setting_text
from visitors.hypotheses import Hypothesis


@plain_errors()
def show_hypotheses() -> None:
    """The table, and below it the buttons."""
    st.subheader(_("Hypotheses"), anchor=False)
    hypotheses = resources.hypotheses().of(session.visitor())
    if not hypotheses:
        text = _("No hypothesis yet. Say what one changed setting will do, and train both.")
        caption_with_link(text, "pages/guess.py", _("Guess first"))
        return
    runs = {run.id: run for run in resources.runner().runs_of(session.visitor())}
    numbers = list(range(len(hypotheses), 0, -1))
    # A phone shows the first four.
    columns: dict[str, list[object]] = {
        _("no."): list(numbers),
        _("changed setting"): [setting_name(each.setting) for each in hypotheses],
        _("A → B"): [_change(each) for each in hypotheses],
        _("outcome"): [outcome(each, runs) for each in hypotheses],
        _("guess for B"): [guess_text(each.guess) for each in hypotheses],
    }
    lists.show_table(columns, "hypotheses_table")
    names = {
        each.name: _(
            "{number}. {setting}: {change}",
            number=number,
            setting=setting_name(each.setting),
            change=_change(each),
        )
        for number, each in zip(numbers, hypotheses, strict=True)
    }
    label, placeholder = _("Choose hypotheses"), _("To open or delete them")
    chosen = lists.choose(label, placeholder, names, "chosen_hypotheses")
    with st.container(horizontal=True):
        if lists.open_button("open_hypothesis", chosen):
            session.hypothesis.set(chosen[0])
            st.switch_page("pages/guess.py")
        question = plural(
            "Delete this hypothesis? Its runs stay. This cannot be undone.",
            "Delete these {count} hypotheses? Their runs stay. This cannot be undone.",
            len(chosen),
        )
        delete = resources.hypotheses().delete
        lists.delete_button(
            question, "delete_hypotheses", delete, session.visitor(), chosen, is_off=not chosen
        )


def outcome(hypothesis: Hypothesis, runs: Mapping[str, RunSnapshot]) -> str:
    """What came of it, in a word or two; ``runs`` are all that the visitor still has, by their ids."""
    match hypothesis.verdict:
        case Verdict.RIGHT:
            return _("confirmed")
        case Verdict.WRONG:
            return _("refuted")
        case Verdict.CANNOT_TELL:
            return _("inconclusive")
    states = [runs[run_id].state if run_id in runs else None for run_id in hypothesis.run_ids]
    if None in states or not {RunState.FAILED, RunState.STOPPED}.isdisjoint(states):
        return _("no verdict")
    if set(states) == {RunState.FINISHED} and len(states) == 2 * len(hypothesis.trials):
        return _("open it to see")
    return _("still training")


def _change(hypothesis: Hypothesis) -> str:
    field, trial = hypothesis.setting, hypothesis.trials[0]
    a, b = (setting_text(field, getattr(each.config, field)) for each in (trial.a, trial.b))
    return f"{a} → {b}"
