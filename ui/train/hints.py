"""What a curve tells about its recipe, each with a one-click change."""

import streamlit as st

from model.evaluation import diagnosis
from model.evaluation.diagnosis import Hint, HintKind
from runs.records import RunSnapshot, RunState
from ui.base import resources, seat
from ui.base.text import message, verbatim
from ui.networks import measurements
from ui.networks.selection import network_of
from ui.recipe.form import set_recipe
from ui.train import controls

# What holds already while a run goes on; its curve may still change its mind about the others.
_EARLY = {HintKind.NOT_LEARNING, HintKind.EXPLODING}


def show_hints(run: RunSnapshot) -> None:
    """Hints on a run: all of them once it rests, and before that what keeps it from learning."""
    rests = run.state.is_over or run.state == RunState.PAUSED
    for hint in _hints(run) if rests else _early_hints(run):
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(verbatim(message(hint.text)), width="stretch")
            if st.button(message(hint.action), key=f"hint_{hint.kind}", icon=":material/lightbulb:"):
                _apply(run, hint)
                st.rerun()


def _early_hints(run: RunSnapshot) -> list[Hint]:
    return [hint for hint in diagnosis.diagnose(run.config, run.history) if hint.kind in _EARLY]


def _hints(run: RunSnapshot) -> list[Hint]:
    network = network_of(run, run.epoch)
    dead = []
    if network is not None:
        layers = measurements.layer_statistics(f"{run.id}/{run.epoch}", network)
        dead = diagnosis.dead_shares(network, layers)
    hints = diagnosis.diagnose(run.config, run.history, dead, diverged=run.diverged)
    can_go_on = run.state in {RunState.FINISHED, RunState.STOPPED}
    return [hint for hint in hints if can_go_on or not hint.more_epochs]


def _apply(run: RunSnapshot, hint: Hint) -> None:
    seat.check_trains()
    if hint.more_epochs:
        resources.runner().train_longer(run.id, hint.more_epochs)
    else:
        changed = run.config.with_changes(**hint.changes)
        if run.state.is_active:
            resources.runner().stop(run.id)
        set_recipe(**changed.model_dump())
        controls.start(changed)
