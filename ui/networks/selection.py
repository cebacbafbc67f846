"""Which networks a visitor can look at: their own runs, the newest first, and the two that ship."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import streamlit as st

from model.config import TrainingConfig, layers_text
from model.drawing.strokes import Ink
from model.inference import ForwardPass, Network, forward
from model.messages import N_, Message, MessageError
from model.starter.starter import EPOCHS, HELD_OUT
from runs.records import RunSnapshot
from ui.base import resources, session
from ui.base.text import _
from ui.networks import measurements
from ui.networks.epochs import choose_epoch
from visitors.imported_networks import Summary

STARTER = "starter"
LESSON = "lesson"
# Letters of a run's name where there is little room.
_SHORT = 12


@dataclass(frozen=True)
class Choice:
    """A network to show, as it was after ``epoch``.

    ``id`` is the run's that it comes from, of a network that was imported, ``STARTER`` or ``LESSON``;
    only with the first there is a ``run``. ``temperature`` makes its probabilities honest; ``None`` where
    no image was kept back to find it.
    """

    id: str
    config: TrainingConfig
    network: Network
    temperature: float | None
    epoch: int
    run: RunSnapshot | None = None

    @property
    def key(self) -> str:
        """Names its weights."""
        return f"{self.id}/{self.epoch}"

    def forward(self, ink: Ink) -> ForwardPass:
        """The way of one image through the network."""
        return forward(self.network, ink).image(0)


def chosen(run_id: str, epoch: int | None = None) -> Choice:
    """The network called ``run_id``, of a run or of ``LESSON`` after ``epoch``, the newest by default.

    Raises:
        MessageError: it is not there, or its weights are not kept any more.
    """
    if run_id == STARTER:
        starter = resources.starter()
        hidden = starter.network.layer_sizes[1:-1]
        config = TrainingConfig(
            hidden_layers=hidden, activation=starter.network.activation, held_out=HELD_OUT
        )
        return Choice(STARTER, config, starter.network, starter.temperature, EPOCHS)
    if run_id == LESSON:
        recording = resources.recording()
        epoch = recording.config.epochs if epoch is None else epoch
        network = Network.from_arrays(recording.weights[epoch], recording.config.activation)
        return Choice(LESSON, recording.config, network, None, epoch)
    if file := resources.imported_networks().named(run_id):
        return _choice(run_id, file.config, file.network, file.epoch)
    snapshot = resources.runner().snapshot(run_id)
    if snapshot is None:
        # Deleted a moment ago, or the database does not answer.
        raise MessageError(
            Message(N_("This network is not available right now. Choose another one, or try again later."))
        )
    epoch = snapshot.kept_epoch if epoch is None else epoch
    kept = network_of(snapshot, epoch)
    if kept is None:
        raise MessageError(Message(N_("This run's weights were deleted to save space.")))
    choice = _choice(snapshot.id, snapshot.config, kept, epoch)
    return replace(choice, run=snapshot)


def network_of(run: RunSnapshot, epoch: int | None = None) -> Network | None:
    """The network of ``run`` after ``epoch``, the newest by default; ``None`` where its weights are gone."""
    weights = resources.runner().weights(run.id, run.kept_epoch if epoch is None else epoch)
    return None if weights is None else Network.from_arrays(weights, run.config.activation)


def choose(key: str, ready: Sequence[str] = (STARTER, LESSON), linked: str | None = None) -> Choice:
    """A select box over this visitor's networks that have begun to train, the newest preselected, and those
    that are ``ready``; and a slider over the epochs. Call it inside ``ui.networks.epochs.play_through``.

    A network that a link asked for, ``linked``, is preselected, whoever trained it, or one that another page
    has chosen.
    """
    names = {run.id: run_name(run) for run in _begun_runs()} | imported_names()
    own = [*names, *ready]
    if linked and not is_kept(linked):
        st.caption(_("The network in this link is no longer available."))
        linked = None
    ids = own if linked is None else list(dict.fromkeys([linked, *own]))
    preselected = ids.index(linked) if linked else 0
    widget = f"{key}_{len(ids)}_{linked}"
    if (wanted := session.network_to_show.get()) in ids:
        session.prefer(widget, wanted, anew=True)
    session.network_to_show.reset()
    run_id = st.selectbox(
        _("Network"),
        ids,
        preselected,
        format_func=lambda name: names.get(name) or (name_of if name in own else _name_of_linked)(name),
        key=widget,
    )
    return chosen(run_id, choose_epoch(run_id, epochs_of(run_id), preferred=kept_epoch_of(run_id)))


def own_networks() -> list[str]:
    """The ids of this visitor's networks that have begun to train, the newest first, and of imported ones."""
    return [*(run.id for run in _begun_runs()), *_imported()]


def _begun_runs() -> list[RunSnapshot]:
    return [run for run in resources.runner().runs_of(session.visitor()) if run.history]


def _imported() -> list[str]:
    return resources.imported_networks().of(session.visitor())


def imported() -> dict[str, Summary]:
    """The networks that this visitor imported, by their ids, the newest first."""
    networks = resources.imported_networks()
    return {name: file for name in _imported() if (file := networks.summary(name))}


def imported_names() -> dict[str, str]:
    """What those networks are called. Each name has a number, since a browser chooses by it, and many pupils
    train the same layers for as many epochs."""
    files = imported()
    return {
        name: _(
            "Imported {number}: {layers}, epoch {epoch}",
            number=number,
            layers=layers_text(file.config.layer_sizes),
            epoch=file.epoch,
        )
        for number, (name, file) in zip(range(len(files), 0, -1), files.items(), strict=True)
    }


def is_kept(run_id: str) -> bool:
    """There is such a network in this process, whoever trained or imported it."""
    run = resources.runner().snapshot(run_id)
    return (
        run_id in {STARTER, LESSON}
        or resources.imported_networks().named(run_id) is not None
        or (run is not None and bool(run.history))
    )


def epochs_of(run_id: str) -> list[int]:
    """The epochs after which a network's weights are kept, sorted; none where only one state of it is."""
    if run_id == LESSON:
        return list(range(len(resources.recording().weights)))
    run = resources.runner().snapshot(run_id)
    return [] if run is None else sorted({0, *resources.runner().epochs(run.id), run.epoch})


def kept_epoch_of(run_id: str) -> int | None:
    """The epoch that a run is shown with unless another is chosen; ``None`` for what is no run."""
    run = resources.runner().snapshot(run_id)
    return None if run is None else run.kept_epoch


def name_of(run_id: str) -> str:
    """What a run, or a network that ships, is called on a page."""
    if run_id == LESSON:
        layers = layers_text(resources.recording().config.layer_sizes)
        return _("The lesson network: {layers}, pre-trained", layers=layers)
    if imported := imported_names().get(run_id):
        return imported
    snapshot = resources.runner().snapshot(run_id)
    if snapshot is None:
        return _(
            "The starter: {layers}, pre-trained",
            layers=layers_text(resources.starter().network.layer_sizes),
        )
    return run_name(snapshot)


def _name_of_linked(run_id: str) -> str:
    """That of a network which ``is_kept``, and which another visitor trained or imported."""
    kept = resources.imported_networks().named(run_id) or resources.runner().snapshot(run_id)
    return _("From a link: {layers}", layers=layers_text(kept.config.layer_sizes)) if kept else ""


def run_name(snapshot: RunSnapshot, write: Callable[[str], str] = str) -> str:
    """Stays the same while it trains: Streamlit knows what was chosen in a select box by its text. What the
    visitor has called it, ``write`` writes."""
    layers = layers_text(snapshot.config.layer_sizes)
    if snapshot.name:
        name = write(snapshot.name)
        return _("{name} (run {number}): {layers}", name=name, number=snapshot.number, layers=layers)
    return _("Your run {number}: {layers}", number=snapshot.number, layers=layers)


def short_run_name(snapshot: RunSnapshot, write: Callable[[str], str] = str) -> str:
    """As ``run_name``, where there is little room."""
    name = snapshot.name
    if not name:
        return _("Run {number}", number=snapshot.number)
    shown = name if len(name) <= _SHORT else f"{name[: _SHORT - 1].rstrip()}…"
    return _("{name} (run {number})", name=write(shown), number=snapshot.number)


def _choice(run_id: str, config: TrainingConfig, network: Network, epoch: int) -> Choice:
    """With a temperature where training held images back to find it."""
    choice = Choice(run_id, config, network, None, epoch)
    if not config.held_out:
        return choice
    return replace(choice, temperature=measurements.temperature(choice.key, network, config.held_out))
