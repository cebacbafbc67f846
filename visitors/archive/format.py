"""What an archive of somebody's work looks like: its files, what is in them, and how much of it there may be.

It is a ZIP that others can read without this program: JSON in plain words, and arrays as NumPy writes them.
"""

import base64
import hashlib
import string
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from model.config import TrainingConfig
from model.drawing.collection import MAX_TRIALS, Pointer
from model.messages import N_, Message
from model.plain_text import plain_text
from model.slices import EpochMetrics, Progress, Slice
from runs import problems
from runs.limits import MAX_NAME
from runs.records import RunEvent, RunSnapshot, RunState
from visitors.hypotheses import Hypothesis

VERSION = 1
# Bytes of an archive that is written, and of one that is read: ``server.maxUploadSize`` lets so many through.
WRITTEN_BYTES, READ_BYTES = 95_000_000, 100_000_000
# Bytes of all that is unpacked, files in an archive, bytes of its directory, and runs.
UNPACKED_BYTES, MAX_FILES, MAX_DIRECTORY, MAX_RUNS = 150_000_000, 20_000, 4_000_000, 1_000
MAX_HYPOTHESES = 1_000

README, MANIFEST, DESK = "README.txt", "manifest.json", "desk.json"
HYPOTHESES, NETWORKS, HANDWRITING = "hypotheses.json", "networks.json", "handwriting/test.json"

# What secrets.token_urlsafe(12) makes: the ids of runs and hypotheses.
ID = r"^[A-Za-z0-9_-]{16}$"
_Id = Annotated[str, Field(pattern=ID)]
# A plain value in a message: what another kind of value is, a format could ask for.
_Plain = Annotated[str, Field(max_length=400)] | Annotated[int, Field(ge=-(10**12), le=10**12)] | float
_Strokes = tuple[tuple[tuple[float, float], ...], ...]


def run_folder(number: int) -> str:
    """The folder of the run in this place, 1 for the oldest."""
    return f"runs/{number:04}"


def weights_name(epoch: int) -> str:
    """The weights after ``epoch``, within the folder of a run."""
    return f"epoch-{epoch:03}.npz"


UNFINISHED = "unfinished.npz"


def optimizer_name(number: int) -> str:
    """A variable of the optimizer, from 1, within the folder of a run."""
    return f"optimizer-{number:02}.npy"


def drawing_name(number: int) -> str:
    """The digit that was asked for in this place, 1 for the first."""
    return f"handwriting/{number:03}.json"


def derived_id(visitor: str, run_id: str) -> str:
    """The id under which ``visitor`` gets what had ``run_id`` where it was exported: always the same one, and
    nobody else's. Ids are capabilities, so that an archive must not choose them."""
    digest = hashlib.sha256(f"{visitor}/{run_id}".encode()).digest()
    return base64.urlsafe_b64encode(digest[:12]).decode()


class File(BaseModel):
    """A JSON file, or a part of one."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Manifest(File):
    """What the archive is; of a later version it may say more."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    format: Literal["digit-lab-work"] = "digit-lab-work"
    version: int
    program: Annotated[str, Field(max_length=40)]
    exported_at: Annotated[str, Field(max_length=40)]
    runs: Annotated[int, Field(ge=0, le=MAX_RUNS)]


class Problem(File):
    """Why a run failed: the ``sentence``, and the message that it was made of."""

    sentence: Annotated[str, Field(max_length=1_000)]
    text: Annotated[str, Field(max_length=1_000)]
    values: dict[str, _Plain]

    @classmethod
    def of(cls, message: Message) -> "Problem":
        """``message`` with plain values."""
        values = {name: _plain(value) for name, value in message.values.items()}
        return cls(sentence=str(message)[:1_000], text=message.text[:1_000], values=values)

    @property
    def message(self) -> Message:
        """The message, where it is one of ours; a stranger's may not be formatted. Of another one, what it
        said."""
        if self.text in _ENDINGS and self.values.keys() == _placeholders(self.text):
            return Message(self.text, self.values)
        return Message(N_("Training failed: {error}"), {"error": plain_text(self.sentence, 1_000)})


class GoesOn(File):
    """What a run goes on from: after the slice ``done``, with the results of the unfinished epoch ``so_far``,
    and so many variables of the ``optimizer``."""

    done: Slice
    so_far: tuple[Progress, ...]
    optimizer: Annotated[int, Field(ge=0, le=40)]


class RunFile(File):
    """A run; ``weights`` are the epochs whose weights lie beside it."""

    id: _Id
    number: Annotated[int, Field(ge=1, le=1_000_000)]
    name: Annotated[str, Field(max_length=MAX_NAME)] | None
    state: Literal["finished", "stopped", "failed"]
    recipe: TrainingConfig
    history: Annotated[tuple[EpochMetrics, ...], Field(max_length=101)]
    events: Annotated[tuple[RunEvent, ...], Field(max_length=1_000)]
    problem: Problem | None
    diverged: bool
    xla: bool | None
    images_per_second: Annotated[float, Field(ge=0)] | None
    fingerprint: Annotated[str, Field(max_length=4_000)]
    weights: Annotated[tuple[int, ...], Field(max_length=101)]
    goes_on: GoesOn | None

    @classmethod
    def of(
        cls, run: RunSnapshot, fingerprint: str, weights: Sequence[int], goes_on: GoesOn | None
    ) -> "RunFile":
        """A run that is over."""
        return cls(
            id=run.id,
            number=run.number,
            name=run.name,
            state=run.state.value,  # type: ignore[arg-type]
            recipe=run.recipe,
            history=run.history,
            events=run.events,
            problem=Problem.of(run.problem) if run.problem else None,
            diverged=run.diverged,
            xla=run.xla,
            images_per_second=run.images_per_second,
            fingerprint=fingerprint,
            weights=tuple(weights),
            goes_on=goes_on,
        )

    def snapshot(self, run_id: str) -> RunSnapshot:
        """The run under another id; its events are not counted in yet."""
        return RunSnapshot(
            id=run_id,
            number=self.number,
            recipe=self.recipe,
            config=self.recipe,
            state=RunState(self.state),
            history=self.history,
            events=self.events,
            images_per_second=self.images_per_second,
            xla=self.xla,
            problem=self.problem.message if self.problem else None,
            diverged=self.diverged,
            name=plain_text(self.name or "", MAX_NAME) or None,
        )


class HandwritingFile(File):
    """The test by one's own hand: ``seed`` decides which digit is asked for when; so many were."""

    seed: Annotated[int, Field(ge=0, lt=2**62)]
    asked: Annotated[int, Field(ge=0, le=MAX_TRIALS)]


class DrawingFile(File):
    """A digit that was asked for: strokes of points (x, y) in pixels of the canvas, y growing downwards; one
    without strokes was skipped."""

    digit: int
    pointer: Pointer | None
    strokes: _Strokes

    @property
    def drawing(self) -> tuple[list[np.ndarray[Any, np.dtype[np.float64]]], Pointer | None] | None:
        """What was handed in."""
        if not self.strokes:
            return None
        return [np.array(stroke, np.float64).reshape(-1, 2) for stroke in self.strokes], self.pointer


class HypothesisFile(File):
    """A hypothesis of Guess first; ``created_at`` in Unix seconds."""

    created_at: float
    hypothesis: Hypothesis


class HypothesesFile(File):
    """All of them, the oldest first."""

    hypotheses: Annotated[tuple[HypothesisFile, ...], Field(max_length=MAX_HYPOTHESES)]


class NetworkFile(File):
    """An imported network: ``file`` lies beside it as it came."""

    file: Annotated[str, Field(pattern=r"^networks/[0-9]{2}\.npz$")]
    created_at: float


class NetworksFile(File):
    """All of them, the oldest first."""

    networks: Annotated[tuple[NetworkFile, ...], Field(max_length=99)]


class PadFile(File):
    """A drawing as the canvas has it."""

    objects: Annotated[tuple[dict[str, Any], ...], Field(max_length=1_000)]
    size: Literal["normal", "large", "wide"]


class DeskFile(File):
    """The last recipe and the last drawing."""

    recipe: TrainingConfig | None
    drawing: PadFile | None


def _plain(value: object) -> _Plain:
    is_plain = isinstance(value, int | float) and abs(value) < 10**12
    return value if is_plain else str(value)[:400]  # type: ignore[return-value]


def _placeholders(text: str) -> set[str]:
    return {name for _text, name, *_format in string.Formatter().parse(text) if name}


# All that ends a run, whatever the values are.
_ENDINGS = {
    message.text
    for message in (
        problems.worker_died(0),
        problems.loss_diverged(TrainingConfig(), Slice(0, 0, 0, ends_epoch=True)),
        problems.training_failed(MemoryError()),
        problems.training_failed(ValueError()),
        problems.weights_unreadable().message,
    )
}
