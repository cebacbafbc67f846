"""What a curve tells about its recipe, each with a one-click change."""

import streamlit as st

from model.evaluation import diagnosis
from model.evaluation.diagnosis import Hint
from runs.records import RunSnapshot, RunState
from ui.base import resources
from ui.base.text import message, verbatim
from ui.networks import measurements
from ui.networks.selection import network_of
from ui.recipe.form import set_recipe
from ui.train import controls


def show_hints(run: RunSnapshot) -> None:
    """Hints on a run that rests; while it goes on its curve may still change its mind."""
    if not (run.state.is_over or run.state == RunState.PAUSED):
        return
    for hint in _hints(run):
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(verbatim(message(hint.text)), width="stretch")
            if st.button(message(hint.action), key=f"hint_{hint.kind}", icon=":material/lightbulb:"):
                _apply(run, hint)
                st.rerun()


def _hints(run: RunSnapshot) -> list[Hint]:
    network = network_of(run)
    dead = []
    if network is not None:
        layers = measurements.layer_statistics(f"{run.id}/{run.epoch}", network)
        dead = diagnosis.dead_shares(network, layers)
    hints = diagnosis.diagnose(run.config, run.history, dead, diverged=run.diverged)
    can_go_on = run.state in {RunState.FINISHED, RunState.STOPPED}
    return [hint for hint in hints if can_go_on or not hint.more_epochs]


def _apply(run: RunSnapshot, hint: Hint) -> None:
    if hint.more_epochs:
        resources.runner().train_longer(run.id, hint.more_epochs)
    else:
        changed = run.config.with_changes(**hint.changes)
        set_recipe(**changed.model_dump())
        controls.start(changed)
