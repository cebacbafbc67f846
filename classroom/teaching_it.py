"""Teach it our handwriting: the lesson's network is fine-tuned on half of a class and tested on the other."""

import logging
import threading
import time
import zlib
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from pydantic import TypeAdapter, ValidationError

from classroom import rules
from classroom.handwriting import Handwriting, digits_of
from classroom.lesson import Step
from classroom.rooms import Rooms
from classroom.rules import RoomError
from classroom.seats import Seats
from model.config import TrainingConfig
from model.data.mnist import LabelledImages
from model.evaluation.teaching import Teaching, fine_tunings, teach
from model.evaluation.writers import Drawings
from model.messages import N_, Message, MessageError
from model.slices import Arrays
from model.starter.recording import Recording
from runs.runner import Runner
from storage import findings
from storage import work as stored
from storage.problems import StorageError
from storage.writer import Writer

_log = logging.getLogger(__name__)

# What its findings are kept as.
KIND = "teach_it"
# Seconds between two words to other servers of how far it is.
_TOLD_AFTER = 1.0


@dataclass(frozen=True)
class TeachingFinding:
    """What came of it. ``digits`` has a checksum of each digit that it was computed from, and ``seed`` has
    decided who was in which half."""

    teaching: Teaching
    digits: tuple[int, ...]
    seed: int

    def changes(self, drawings: Drawings) -> int:
        """How many digits were drawn, hidden or deleted since, if the class has these ``drawings`` now."""
        then, now = Counter(self.digits), Counter(_checksums(drawings))
        return ((then - now) + (now - then)).total()


@dataclass(frozen=True)
class TeachingWork:
    """How many fine-tunings of ``all`` are done."""

    done: int
    all: int


@dataclass(frozen=True)
class TeachingState:
    """The newest ``finding``; the ``work`` that is under way, or the ``problem`` that the last one ended with
    before its end."""

    finding: TeachingFinding | None
    work: TeachingWork | None = None
    problem: Message | None = None


_FINDING, _WORK = TypeAdapter(TeachingFinding), TypeAdapter(TeachingWork)


class _Elsewhere:
    """What servers over one database know of each other's work."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        # When each room was told of, on the monotonic clock.
        self._told: dict[str, float] = {}

    def begin(self, room_id: str, work: TeachingWork) -> bool:
        """Whether no other server is at it."""
        if not self._writer.is_shared:
            return True
        server, content = self._writer.server, _WORK.dump_json(work).decode()
        return bool(self._writer.change(stored.begin, server, room_id, KIND, content))

    def tell(self, room_id: str, work: TeachingWork) -> None:
        """How far it is here; now and then is enough."""
        now = time.monotonic()
        if self._writer.is_shared and now - self._told.get(room_id, -_TOLD_AFTER) >= _TOLD_AFTER:
            self._told[room_id] = now
            with suppress(StorageError):
                self._writer.change(stored.tell, room_id, KIND, _WORK.dump_json(work).decode())

    def end(self, room_id: str) -> None:
        """It is over here."""
        self._told.pop(room_id, None)
        if self._writer.is_shared:
            with suppress(StorageError):
                self._writer.change(stored.end, room_id, KIND)

    def of(self, room_id: str) -> TeachingWork | None:
        """How far another server is."""
        nothing: str | None = None
        if not self._writer.is_shared:
            return None
        content = self._writer.read(nothing, stored.of_others, self._writer.server, room_id, KIND)
        return _WORK.validate_json(content) if content else None


class TeachingIt:
    """Every method may be called from any thread; errors are as those of ``Rooms``.

    The work of a room ends with the process, and the teacher can begin again. Other servers know of it.
    """

    def __init__(
        self,
        runner: Runner,
        rooms: Rooms,
        seats: Seats,
        handwriting: Handwriting,
        network: Callable[[], Recording],
        test: Callable[[], LabelledImages],
    ) -> None:
        """``network`` gives the lesson's, ``test`` MNIST's test images."""
        self._runner, self._rooms, self._seats, self._handwriting = runner, rooms, seats, handwriting
        self._network, self._test = network, test
        self._lock = threading.Lock()
        self._work: dict[str, TeachingWork] = {}
        self._problems: dict[str, Message] = {}
        self._elsewhere = _Elsewhere(runner.writer)

    def begin(self, visitor: str, room_id: str) -> None:
        """Begin in a thread of its own, for a teacher of the room, unless it is under way.

        Raises:
            RoomError: also at another step, or where there are fewer than two writers.
        """
        rules.check_teaches_it(self._rooms.taught(visitor, room_id).lesson)
        drawn = self._handwriting.of_room(visitor, room_id)
        drawings = digits_of([drawing for drawing in drawn if not drawing.is_hidden])
        # Of the room: to press again until chance makes a gain is of no use.
        seed = zlib.crc32(room_id.encode())
        plan = fine_tunings(drawings.names, seed)
        if not plan:
            raise RoomError(Message(N_("Two writers are needed: one to teach with, and one to test on.")))
        args = (room_id, drawings, seed)
        thread = threading.Thread(target=self._compute, args=args, name="teach it", daemon=True)
        with self._lock:
            begun = TeachingWork(0, len(plan))
            if room_id not in self._work and self._elsewhere.begin(room_id, begun):
                # First: a thread that cannot start leaves the button as it is.
                try:
                    thread.start()
                except RuntimeError:
                    self._elsewhere.end(room_id)
                    raise
                self._work[room_id] = begun
                self._problems.pop(room_id, None)

    def of_room(self, visitor: str, room_id: str) -> TeachingState:
        """How far a room is whose desk the visitor has."""
        self._rooms.taught(visitor, room_id)
        return self._state(room_id)

    def of_class(self, visitor: str) -> TeachingState:
        """How far the class is in which the visitor has a seat; of a problem the teacher alone reads.

        Raises:
            RoomError: the class is at another step, or the visitor is in none.
        """
        seat = self._seats.on_page(visitor, rules.page_of(Step.TEACH_IT))
        return replace(self._state(seat.room.id), problem=None)

    def _state(self, room_id: str) -> TeachingState:
        # In this order, since a finding is written before its work is over.
        with self._lock:
            work, problem = self._work.get(room_id), self._problems.get(room_id)
        work = work or self._elsewhere.of(room_id)
        nothing: str | None = None
        content = self._runner.writer.read(nothing, findings.of_room, room_id, KIND)
        return TeachingState(finding_of(content) if content else None, work, problem)

    # In a thread of its own

    def _compute(self, room_id: str, drawings: Drawings, seed: int) -> None:
        def fine_tune(config: TrainingConfig, weights: Arrays, images: LabelledImages) -> Arrays:
            tuned = self._runner.fine_tune(config, weights, images, of=f"{KIND} {room_id}")
            with self._lock:
                work = self._work[room_id]
                work = self._work[room_id] = replace(work, done=work.done + 1)
            self._elsewhere.tell(room_id, work)
            return tuned

        problem = None
        try:
            network = self._network()
            taught = teach(network.config, network.weights[-1], drawings, self._test(), fine_tune, seed)
            content = _FINDING.dump_json(TeachingFinding(taught, _checksums(drawings), seed)).decode()
            self._runner.writer.change(findings.keep, room_id, KIND, content)
        except MessageError as error:
            problem = error.message
        except Exception as error:
            _log.exception("the network was not taught")
            problem = Message(N_("The network was not taught: {error}"), {"error": repr(error)})
        self._elsewhere.end(room_id)
        with self._lock:
            del self._work[room_id]
            if problem is not None:
                self._problems[room_id] = problem


def finding_of(content: str) -> TeachingFinding | None:
    """What was kept; ``None`` where another version has kept it in another way: it can be computed again."""
    with suppress(ValidationError):
        return _FINDING.validate_json(content)
    return None


def _checksums(drawings: Drawings) -> tuple[int, ...]:
    """Of each digit: its ink, which one it is, and who wrote it."""
    images, labels = drawings.images.images, drawings.images.labels
    return tuple(
        zlib.crc32(f"{label} {writer}".encode(), zlib.crc32(image.tobytes()))
        for image, label, writer in zip(images, labels, drawings.writers, strict=True)
    )
