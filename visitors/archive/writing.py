"""Everything of a visitor as one archive."""

import io
import json
import logging
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
from pydantic import BaseModel

from model.config import ConfigError, TrainingConfig
from model.drawing.collection import OwnTest
from model.early_stopping import best_epoch
from model.export.weights_file import to_npz
from model.inference import Network
from model.messages import MessageError
from model.slices import Arrays
from model.version import VERSION
from runs.kept import run_of, snapshot_of
from runs.limits import Limits
from runs.records import EventKind, RunSnapshot, RunState
from runs.runner import Runner
from storage import archive as stored
from storage import problems, visitors
from storage import runs as stored_runs
from storage.archive import Sizes
from storage.database import Database
from storage.runs import RestingState, RunRecord
from storage.visitors import desk_of
from visitors.archive import format as form
from visitors.archive.pad import plain_drawing
from visitors.hypotheses import Hypothesis

_log = logging.getLogger(__name__)

# Seconds that an export waits for what is not written yet.
_PATIENCE = 3.0
# About the bytes of a file's own entries, of a run's JSON, and of a point's.
_ENTRY_BYTES, _RUN_BYTES, _POINT_BYTES = 2_500, 8_000, 40

_README = """Digit Lab: everything that one visitor made, exported on {date} by version {version}.

On the page "My work" of any Digit Lab it can be imported again. It can also be read without Digit Lab:

manifest.json            what this archive is
runs/0001/run.json       a training run: its recipe, its curves by epoch ("history"), and what happened to it
runs/0001/epoch-003.npz  the weights after an epoch, for numpy.load: kernel_1, bias_1, kernel_2, ...
runs/0001/optimizer-*.npy, unfinished.npz
                         what the training would go on from
handwriting/001.json     a drawn digit: strokes of points (x, y), y growing downwards; no strokes: skipped
hypotheses.json          what was guessed before two runs were compared
networks/01.npz          a network that was imported, as it came
desk.json                the last recipe and the last drawing

{weights}
"""
_ALL = "The weights of every epoch that was kept are here."
_SOME = (
    "An archive is bounded in size: of long runs some epochs are without weights. Curves are complete. "
    "Runs that are without any weights: {runs}."
)


@dataclass(frozen=True)
class Plan:
    """Which epochs' weights an archive will hold, by the run's id; of runs that are not there, none.
    ``bytes`` is about its size; ``without_weights`` counts the runs whose weights do not fit, the oldest, and
    ``thinned`` those of which some do."""

    epochs: Mapping[str, Sequence[int]]
    bytes: int
    without_weights: int
    thinned: int


def plan(runner: Runner, visitor: str) -> Plan:
    """What an archive of this visitor's work would hold now.

    Raises:
        StorageError: the database does not answer.
    """
    runs = runner.runs_of(visitor)[: form.MAX_RUNS]
    nothing: dict[str, Sizes] = {}
    sizes = runner.writer.read(nothing, stored.sizes_of, visitor)
    test = runner.writer.read(None, visitors.own_test_of, visitor)
    used = runner.writer.read(0, stored.networks_bytes, visitor)
    used += _RUN_BYTES * len(runs)
    for trial in test.trials if test else ():
        used += _ENTRY_BYTES + _POINT_BYTES * sum(map(len, trial.strokes))
    return planned(runs, sizes, used)


def planned(runs: Sequence[RunSnapshot], sizes: Mapping[str, Sizes], used: int) -> Plan:
    """``runs``, the newest first, share what room ``used`` bytes leave: each may have the same, and what a
    small one does not need is the others'. Within a run the epochs with the nearest neighbours go."""
    wanted = {run.id: _rounded(sizes[run.id]) for run in runs if run.id in sizes and sizes[run.id].weights}
    room = form.WRITTEN_BYTES - used
    shares, left = {}, room
    by_size = sorted(wanted, key=lambda run_id: _total(wanted[run_id]))
    for count, run_id in enumerate(by_size):
        shares[run_id] = min(_total(wanted[run_id]), max(0, left) // (len(by_size) - count))
        left -= shares[run_id]
    epochs: dict[str, Sequence[int]] = {}
    files, thinned = 1_000, 0
    for run in runs:
        if run.id not in wanted:
            continue
        size = wanted[run.id]
        most = shares[run.id] - size.state
        dropped = stored_runs.too_many(size.weights, best_epoch(run.history), most)
        kept = {epoch: count for epoch, count in size.weights.items() if epoch not in dropped}
        if sum(kept.values()) > most and len(kept) > 1:
            # The untrained network follows from the seed.
            dropped.append(0)
            kept.pop(0, None)
        room -= sum(kept.values()) + size.state
        files += len(kept) + 40
        if room < 0 or files > form.MAX_FILES:
            break
        epochs[run.id] = sorted(kept)
        thinned += bool(dropped)
        used += sum(kept.values()) + size.state
    return Plan(epochs, used, len(wanted) - len(epochs), thinned)


def export(runner: Runner, visitor: str) -> bytes:
    """The archive, which ``visitors.archive.reading`` reads; the plan of this moment says what is in it.

    Raises:
        StorageError: the database does not answer.
    """
    database = runner.writer.database
    if database is None:
        raise problems.unreachable("there is none")
    runner.writer.backlog.flush(_PATIENCE)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", allowZip64=False) as archive:
        _Export(archive, database, visitor).write(plan(runner, visitor))
    return file.getvalue()


class _Export:
    """One archive in the making. All is read one piece at a time, over short connections: an archive must not
    hold up a database for seconds, and of a run at work the newest epoch may come or not."""

    def __init__(self, archive: zipfile.ZipFile, database: Database, visitor: str) -> None:
        self._archive, self._database, self._visitor = archive, database, visitor

    def write(self, contents: Plan) -> None:
        versions = self._database.read(stored_runs.versions_of, self._visitor)
        newest = list(versions)[: form.MAX_RUNS]
        written, bare = 0, []
        for run_id in reversed(newest):
            if number := self._write_run(run_id, written + 1, contents.epochs.get(run_id, ())):
                written += 1
                if run_id not in contents.epochs:
                    bare.append(number)
        self._write_handwriting(self._database.read(visitors.own_test_of, self._visitor))
        self._write_hypotheses()
        self._write_networks()
        self._write_desk()
        date = datetime.now(UTC).isoformat(timespec="seconds")
        complete = not contents.thinned and not contents.without_weights
        weights = _ALL if complete else _SOME.format(runs=", ".join(map(str, bare)) or "none")
        self._put(form.README, _README.format(date=date, version=VERSION, weights=weights).encode())
        self._put_json(
            form.MANIFEST,
            form.Manifest(version=form.VERSION, program=VERSION, exported_at=date, runs=written),
        )

    def _write_run(self, run_id: str, place: int, epochs: Sequence[int]) -> int | None:
        """The run's number; ``None`` where it cannot be exported: it is gone, or of another version."""
        record = self._database.read(stored_runs.read, [run_id]).get(run_id)
        state = self._database.read(stored_runs.state, run_id) if epochs else None
        if record is None:
            return None
        try:
            run = _at_rest(record, state)
        except (ValueError, MessageError):
            _log.exception("the run %s cannot be exported", run_id)
            return None
        folder = form.run_folder(place)
        kept = []
        for epoch in epochs:
            weights = self._database.read(stored_runs.weights, run_id, epoch)
            if weights is not None and epoch <= run.epoch:
                kept.append(epoch)
                self._put_weights(f"{folder}/{form.weights_name(epoch)}", run, weights, epoch)
        goes_on = None
        if state is not None and (not state.done.ends_epoch or state.done.epoch in kept):
            goes_on = self._write_state(folder, run, state)
        self._put_json(f"{folder}/run.json", form.RunFile.of(run, record.fingerprint, kept, goes_on))
        return run.number

    def _write_state(self, folder: str, run: RunSnapshot, state: RestingState) -> form.GoesOn:
        if not state.done.ends_epoch:
            self._put_weights(f"{folder}/{form.UNFINISHED}", run, state.training.weights, state.done.epoch)
        for number, variable in enumerate(state.training.optimizer, 1):
            content = io.BytesIO()
            np.save(content, variable, allow_pickle=False)
            self._put(f"{folder}/{form.optimizer_name(number)}", content.getvalue(), zipfile.ZIP_STORED)
        return form.GoesOn(done=state.done, so_far=state.so_far, optimizer=len(state.training.optimizer))

    def _write_handwriting(self, test: OwnTest | None) -> None:
        if test is None or not test.trials:
            return
        self._put_json(form.HANDWRITING, form.HandwritingFile(seed=test.seed, asked=len(test.trials)))
        for number, trial in enumerate(test.trials, 1):
            # Without a model: validating every point would take longer than all the rest.
            strokes = [stroke.tolist() for stroke in trial.strokes]
            content = {"digit": trial.label, "pointer": trial.pointer, "strokes": strokes}
            self._put(form.drawing_name(number), json.dumps(content).encode())

    def _write_hypotheses(self) -> None:
        kept = self._database.read(stored.hypotheses_of, self._visitor)[-form.MAX_HYPOTHESES :]
        files = []
        for hypothesis in kept:
            try:
                content = Hypothesis.model_validate_json(hypothesis.content)
            except ValueError:
                _log.exception("the hypothesis %s cannot be exported", hypothesis.id)
                continue
            files.append(form.HypothesisFile(created_at=hypothesis.created_at, hypothesis=content))
        if files:
            self._put_json(form.HYPOTHESES, form.HypothesesFile(hypotheses=tuple(files)))

    def _write_networks(self) -> None:
        files = []
        for number, network in enumerate(self._database.read(stored.networks_of, self._visitor), 1):
            file = form.NetworkFile(file=f"networks/{number:02}.npz", created_at=network.created_at)
            self._put(file.file, bytes(network.content), zipfile.ZIP_STORED)  # type: ignore[arg-type]
            files.append(file)
        if files:
            self._put_json(form.NETWORKS, form.NetworksFile(networks=tuple(files)))

    def _write_desk(self) -> None:
        recipe, drawing = self._database.read(desk_of, self._visitor)
        desk = form.DeskFile(recipe=_recipe(recipe), drawing=_pad(drawing))
        if desk.recipe or desk.drawing:
            self._put_json(form.DESK, desk)

    def _put_weights(self, name: str, run: RunSnapshot, weights: Arrays, epoch: int) -> None:
        network = Network.from_arrays(weights, run.recipe.activation)
        self._put(name, to_npz(network, run.recipe, epoch), zipfile.ZIP_STORED)

    def _put_json(self, name: str, content: BaseModel) -> None:
        self._put(name, content.model_dump_json(indent=1).encode())

    def _put(self, name: str, content: bytes, method: int = zipfile.ZIP_DEFLATED) -> None:
        self._archive.writestr(name, content, method)


def _at_rest(record: RunRecord, state: RestingState | None) -> RunSnapshot:
    """The run as it would be if it were stopped now."""
    if record.is_over:
        return snapshot_of(record)
    run = run_of(record, state).showing(history=record.history)
    return run.noting(EventKind.STOPPED, Limits().max_events).showing(state=RunState.STOPPED).snapshot


def _rounded(sizes: Sizes) -> Sizes:
    """As files in an archive."""
    weights = {epoch: size + _ENTRY_BYTES for epoch, size in sizes.weights.items()}
    return replace(sizes, weights=weights, state=sizes.state + _ENTRY_BYTES)


def _total(sizes: Sizes) -> int:
    return sum(sizes.weights.values()) + sizes.state


def _recipe(text: str | None) -> TrainingConfig | None:
    """``None`` also for one of another version."""
    with suppress(ConfigError):
        return TrainingConfig.from_json(text) if text else None
    return None


def _pad(text: str | None) -> form.PadFile | None:
    """``None`` also for one of another version."""
    with suppress(ValueError, MessageError):
        drawing = form.PadFile.model_validate_json(text) if text else None
        return drawing and form.PadFile.model_validate_json(plain_drawing(drawing))
    return None
