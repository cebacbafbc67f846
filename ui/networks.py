"""Which networks a visitor can look at: their own runs, the newest first, and the starter."""

from dataclasses import dataclass

import streamlit as st

from model.config import TrainingConfig
from model.inference import Network
from model.messages import N_, Message, MessageError
from runs.records import RunSnapshot, RunState
from ui import resources, state
from ui.text import _

STARTER = "starter"


@dataclass(frozen=True)
class Choice:
    """A network to show: ``key`` changes with every epoch, ``run_id`` does not."""

    key: str
    name: str
    config: TrainingConfig
    network: Network


def chosen(run_id: str | None) -> Choice:
    """The network of a run as it is now; the starter for ``STARTER`` and for unknown ids.

    Raises:
        MessageError: the weights are not kept any more.
    """
    snapshot = resources.runner().snapshot(run_id) if run_id and run_id != STARTER else None
    if snapshot is None:
        recording = resources.recording()
        return Choice(STARTER, name_of(STARTER), recording.config, recording.network)
    weights = resources.runner().weights(snapshot.id, snapshot.epoch)
    if weights is None:
        raise MessageError(Message(N_("The weights of this run are not kept any more.")))
    network = Network(weights, snapshot.config.activation)
    return Choice(f"{snapshot.id}/{snapshot.epoch}", name_of(snapshot.id), snapshot.config, network)


def choose(key: str) -> Choice:
    """A select box over this visitor's networks that have begun to train, the newest preselected."""
    begun = [run.id for run in resources.runner().runs_of(state.visitor()) if run.history]
    ids = [*begun, STARTER]
    run_id = st.selectbox(_("Network"), ids, format_func=name_of, key=f"{key}_{len(ids)}")
    return chosen(run_id)


def name_of(run_id: str) -> str:
    """What a run, or the starter, is called on a page."""
    snapshot = None if run_id == STARTER else resources.runner().snapshot(run_id)
    if snapshot is None:
        return _("The starter: {layers}, ready-trained", layers=layers_text(resources.recording().config))
    return run_name(snapshot)


def run_name(snapshot: RunSnapshot) -> str:
    layers = layers_text(snapshot.config)
    match snapshot.state:
        case RunState.FAILED:
            return _(
                "Your run {number}: {layers}, failed in epoch {epoch}",
                number=snapshot.number,
                layers=layers,
                epoch=snapshot.epoch + 1,
            )
        case RunState.QUEUED | RunState.WAITING:
            return _("Your run {number}: {layers}, not started yet", number=snapshot.number, layers=layers)
        case RunState.PAUSED:
            return _(
                "Your run {number}: {layers}, paused after epoch {epoch}",
                number=snapshot.number,
                layers=layers,
                epoch=snapshot.epoch,
            )
        case RunState.RUNNING:
            return _(
                "Your run {number}: {layers}, training, epoch {epoch}",
                number=snapshot.number,
                layers=layers,
                epoch=snapshot.epoch,
            )
        case RunState.STOPPED:
            return _(
                "Your run {number}: {layers}, stopped after epoch {epoch}",
                number=snapshot.number,
                layers=layers,
                epoch=snapshot.epoch,
            )
    return _(
        "Your run {number}: {layers}, epoch {epoch}",
        number=snapshot.number,
        layers=layers,
        epoch=snapshot.epoch,
    )


def layers_text(config: TrainingConfig) -> str:
    """The layer sizes as the field writes them, such as 784-100-50-10."""
    return "-".join(map(str, config.layer_sizes))
