"""An archive from whoever sends one: checked from end to end, before anything of it is kept.

Nothing in it is trusted: no name, number, size or id. The ZIP's directory is checked before it is unpacked,
JSON by the models of ``visitors.archive.format``, arrays by their shapes.
"""

import io
import re
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from model.config import ConfigError
from model.drawing.collection import OwnTest, label_at, restored
from model.early_stopping import best_epoch
from model.export import npz_archive
from model.export.npz_archive import WeightsFileError, has_small_directory, is_plain, parse_npy, read_member
from model.export.weights_file import array_shapes, from_npz, weights_of_run
from model.messages import N_, Message
from model.slices import Arrays, TrainingState
from runs.kept import record_of, snapshot_of
from runs.run import Run
from storage.archive import Stored, VisitorsWork
from storage.runs import RestingState, RunChange
from storage.visitors import DeskChange
from visitors.archive import format as form
from visitors.archive import problems
from visitors.archive.checks import check_run, fits, is_optimizer
from visitors.archive.format import (
    DeskFile,
    DrawingFile,
    File,
    GoesOn,
    HandwritingFile,
    HypothesesFile,
    Manifest,
    NetworksFile,
    RunFile,
)
from visitors.archive.pad import plain_drawing
from visitors.imported_networks import name_of

T = TypeVar("T", bound=File)

# Every file that an archive may hold, and the most bytes of it. What is left of the directory is read last.
_FILES = [
    (re.compile(pattern, re.ASCII), most)
    for pattern, most in (
        (r"README\.txt|manifest\.json", 20_000),
        (r"desk\.json", 1_000_000),
        (r"hypotheses\.json|networks\.json", 8_000_000),
        (r"handwriting/(test|\d{3})\.json", 500_000),
        (r"runs/\d{4}/run\.json", 500_000),
        (r"runs/\d{4}/optimizer-\d{2}\.npy", 4 * 784 * 512 + 1_000),
        (r"runs/\d{4}/(epoch-\d{3}|unfinished)\.npz|networks/\d{2}\.npz", npz_archive.MAX_BYTES),
    )
]
# What the ZIP has that a teacher takes home from a lesson.
_OF_LESSON = {"report.html", "data_card.md"}
# A character that no database keeps.
_NUL = b"\\u0000"


class Archive:
    """What is in the archive ``content``, read where it is asked for; call ``check`` first."""

    def __init__(self, content: bytes) -> None:
        """Raises ``ArchiveError`` where the directory is not that of an archive."""
        if len(content) > form.READ_BYTES:
            raise problems.too_large(len(content))
        if not has_small_directory(content, form.MAX_FILES, form.MAX_DIRECTORY):
            raise problems.damaged(len(content))
        self._size = len(content)
        self._numbers: set[int] = set()
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
        except Exception as error:
            raise problems.damaged(self._size) from error
        infos = self._zip.infolist()
        _check_kind([info.filename for info in infos])
        for info in infos:
            _check_info(info)
        names = Counter(info.filename for info in infos)
        for name, count in names.items():
            if count > 1:
                raise problems.wrong(name, Message(N_("there once")), str(count))
        if (unpacked := sum(info.file_size for info in infos)) > form.UNPACKED_BYTES:
            raise problems.too_large(unpacked)
        self._infos = {info.filename: info for info in infos}

    def check(self) -> None:
        """Read everything once.

        Raises:
            ArchiveError: something is not as it should be.
        """
        work = self.work("0" * 64, str)
        self._numbers = {change.record.number for change in work.runs}

    def work(self, visitor: str, new_id: Callable[[str], str]) -> VisitorsWork:
        """Everything, for ``visitor``; ids of runs and hypotheses are what ``new_id`` makes of those in it.
        Errors as ``check``, those of runs where they are read."""
        manifest = self._manifest()
        return VisitorsWork(
            self._runs(manifest.runs, visitor, new_id),
            self._numbers,
            self._hypotheses(new_id),
            self._networks(),
            self._test(),
            self._desk(visitor),
        )

    def _manifest(self) -> Manifest:
        manifest = self._json(form.MANIFEST, Manifest)
        if manifest.version > form.VERSION:
            raise problems.newer(manifest.version)
        return manifest

    # Runs

    def _runs(self, count: int, visitor: str, new_id: Callable[[str], str]) -> Iterator[RunChange]:
        seen: set[str] = set()
        for place in range(1, count + 1):
            folder = form.run_folder(place)
            name = f"{folder}/run.json"
            file = self._json(name, RunFile)
            if file.id in seen:
                raise problems.wrong(name, Message(N_("another run than the others")), file.id)
            seen.add(file.id)
            run = Run(visitor, file.snapshot(new_id(file.id)))
            record = record_of(run, file.fingerprint)
            try:
                check_run(file)
                config = snapshot_of(replace(record, history=file.history)).config
                if file.history and file.history[-1].epoch > config.epochs:
                    raise ValueError(f"{len(file.history)} points, {config.epochs} epochs")
            except ConfigError as error:
                raise problems.within(name, error) from None
            except ValueError as error:
                expected = Message(N_("a run whose curves and events fit each other"))
                raise problems.wrong(name, expected, str(error)) from None
            weights = {
                epoch: self._weights(folder, file, form.weights_name(epoch), epoch) for epoch in file.weights
            }
            state = self._state(folder, file, file.goes_on, weights) if file.goes_on else None
            yield RunChange(record, file.history, weights, state, best_epoch(file.history), is_new=True)

    def _weights(self, folder: str, file: RunFile, name: str, epoch: int) -> Arrays:
        path = f"{folder}/{name}"
        try:
            return weights_of_run(self._bytes(path), file.recipe, epoch, may_be_nan=file.diverged)
        except WeightsFileError as error:
            raise problems.within(path, error) from None

    def _state(self, folder: str, file: RunFile, goes_on: GoesOn, weights: dict[int, Arrays]) -> RestingState:
        done = goes_on.done
        if not fits(goes_on, file):
            expected = Message(N_("a run that goes on where its curves end"))
            raise problems.wrong(f"{folder}/run.json", expected, str(done))
        optimizer = [
            self._variable(f"{folder}/{form.optimizer_name(number)}", file)
            for number in range(1, goes_on.optimizer + 1)
        ]
        if not is_optimizer([variable.shape for variable in optimizer], array_shapes(file.recipe)):
            expected = Message(N_("the variables of an optimizer, as the recipe shapes them"))
            raise problems.wrong(f"{folder}/run.json", expected, str(len(optimizer)))
        if done.ends_epoch:
            now = weights.get(done.epoch)
        else:
            now = self._weights(folder, file, form.UNFINISHED, done.epoch)
        if now is None:
            expected = Message(N_("there, since its run goes on from it"))
            raise problems.wrong(f"{folder}/{form.weights_name(done.epoch)}", expected, "–")
        return RestingState(done, goes_on.so_far, TrainingState(now, tuple(optimizer)))

    def _variable(self, path: str, file: RunFile) -> NDArray[np.generic]:
        content = self._bytes(path)
        try:
            entry = parse_npy(content)
        except Exception as error:
            raise problems.damaged(self._size) from error
        shapes = {(): "<i8"} | dict.fromkeys(array_shapes(file.recipe), "<f4")
        if shapes.get(entry.shape) != entry.dtype.str or not entry.holds(entry.shape):
            expected = Message(N_("a variable of the optimizer, as the recipe shapes it"))
            raise problems.wrong(path, expected, entry.outline())
        array = np.array(entry.array, order="C")
        array.setflags(write=False)
        return array

    # The rest

    def _test(self) -> OwnTest | None:
        if form.HANDWRITING not in self._infos:
            return None
        test = self._json(form.HANDWRITING, HandwritingFile)
        drawings = []
        for number in range(test.asked):
            name = form.drawing_name(number + 1)
            drawing = self._json(name, DrawingFile)
            if drawing.digit != label_at(test.seed, number):
                raise problems.wrong(name, str(label_at(test.seed, number)), str(drawing.digit))
            drawings.append(drawing.drawing)
            try:
                restored(0, drawings[-1:])
            except ValueError as error:
                raise problems.wrong(name, Message(N_("a drawing")), str(error)) from None
        return restored(test.seed, drawings)

    def _hypotheses(self, new_id: Callable[[str], str]) -> list[Stored]:
        if form.HYPOTHESES not in self._infos:
            return []
        found = []
        for file in self._json(form.HYPOTHESES, HypothesesFile).hypotheses:
            hypothesis = file.hypothesis
            if not hypothesis.is_sound:
                expected = Message(N_("hypotheses as they can be made"))
                raise problems.wrong(form.HYPOTHESES, expected, hypothesis.name[:20])
            hypothesis = hypothesis.in_plain_text.with_ids(new_id)
            made = min(file.created_at, time.time())
            found.append(Stored(hypothesis.name, made, hypothesis.model_dump_json()))
        return found

    def _networks(self) -> list[Stored]:
        if form.NETWORKS not in self._infos:
            return []
        found = []
        for file in self._json(form.NETWORKS, NetworksFile).networks:
            content = self._bytes(file.file)
            try:
                from_npz(content)
            except WeightsFileError as error:
                raise problems.within(file.file, error) from None
            found.append(Stored(name_of(content), min(file.created_at, time.time()), content))
        return found

    def _desk(self, visitor: str) -> DeskChange | None:
        if form.DESK not in self._infos:
            return None
        desk = self._json(form.DESK, DeskFile)
        drawing = plain_drawing(desk.drawing) if desk.drawing else None
        return DeskChange(visitor, desk.recipe.to_json() if desk.recipe else None, drawing)

    # Files

    def _json(self, name: str, kind: type[T]) -> T:
        content = self._bytes(name)
        if _NUL in content:
            raise problems.wrong(name, Message(N_("text")), ascii(_NUL.decode()))
        try:
            return kind.model_validate_json(content)
        except ValidationError as error:
            raise problems.of_json(name, error) from None

    def _bytes(self, name: str) -> bytes:
        info = self._infos.get(name)
        if info is None:
            raise problems.wrong(name, Message(N_("there")), Message(N_("nothing")))
        try:
            return read_member(self._zip, info)
        except Exception as error:
            raise problems.damaged(self._size) from error


def _check_kind(names: Sequence[str]) -> None:
    """Whether it is an archive of a visitor's work, and not another ZIP."""
    if form.MANIFEST in names:
        return
    if set(names) >= _OF_LESSON:
        raise problems.of_lesson()
    raise problems.another_zip(names[0] if names else "–")


def _check_info(info: zipfile.ZipInfo) -> None:
    name = info.filename
    most = next((most for pattern, most in _FILES if pattern.fullmatch(name)), None)
    if most is None:
        expected = Message(N_("a file that an archive of Digit Lab has"))
        raise problems.wrong(name, expected, Message(N_("another name")))
    if info.file_size > most or not is_plain(info):
        expected = Message(N_("at most {most} bytes, stored or deflated without a password"), {"most": most})
        raise problems.wrong(name, expected, str(info.file_size))
