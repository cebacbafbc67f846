"""What outlives a slice, in memory and in the database. Long, since three threads have a part of it each.

A run is in memory while it computes, and in the database from its first epoch on. Nothing here makes the
runner wait: what is to be kept is written behind.
"""

import logging
from collections.abc import Callable, Container, Mapping, Sequence
from concurrent.futures import wait
from contextlib import suppress

from model.early_stopping import best_epoch
from model.messages import Message, MessageError
from model.slices import Arrays, EpochMetrics, Slice, TrainingState
from runs import events, problems
from runs.elsewhere import Elsewhere
from runs.heir import Heir
from runs.kept import record_of, run_of
from runs.kept_reader import KeptReader
from runs.limits import Limits
from runs.records import EventKind, RunState
from runs.run import Run
from storage import care
from storage import runs as stored
from storage.backlog import Key
from storage.database import from_environment
from storage.problems import StorageError
from storage.runs import RestingState, RunChange, RunRecord
from storage.steering import Look
from storage.thinning import ThinOut
from storage.writer import RunListener, Writer

_log = logging.getLogger(__name__)

# Of the looks within the time that one keeps a run going, so many count at most.
MAX_LOOKS = 100
# Bytes that are written before the bounds of all runs together are looked at again.
_THINNED_AFTER = 50_000_000


def open_writer() -> Writer:
    """What writes into the database that the environment names; the runner starts it.

    Raises:
        storage.settings.SettingError: for how long it keeps something is no number of days.
    """
    # Before anything is deleted after it.
    care.retention_days()
    return Writer(from_environment())


class KeptRuns:
    """All runs beyond the schedule. What is said to be written by the runner's thread is called by it alone;
    everything else may be called from any thread. With a ``writer`` that has no database everything stays in
    memory."""

    def __init__(self, writer: Writer, limits: Limits, fingerprint: Callable[[], str | None]) -> None:
        """``fingerprint``: of the engine's workers, ``None`` while it is not known."""
        self._writer, self._backlog = writer, writer.backlog
        self._limits = limits
        self._fingerprint = fingerprint
        # What the runs were computed with that came while it was not known what computes here.
        self._came_from: dict[str, str] = {}
        # What the next slice of a run at work begins with, and after which slice. A page may put an older
        # state here, where there is none: whoever takes it compares the slice.
        self._states: dict[str, tuple[Slice, TrainingState]] = {}
        # The runs at work of which something was put into the backlog.
        self._begun: set[str] = set()
        self._unthinned = 0
        self.reader = KeptReader(writer)
        self.elsewhere = Elsewhere(writer, limits.unwatched_seconds / MAX_LOOKS)

    def start(self, heir: Heir) -> None:
        """Open the database, and go on with the runs that a dead server left."""
        self._heir = heir
        self._writer.start(
            RunListener(
                claimed=self._claimed,
                written=self._written,
                refused=self._refused,
                at_work=heir.at_work,
                held=self._held,
                looked=self._looked,
            )
        )

    def close(self, seconds: float) -> None:
        """Write what waits, and let another server have the runs."""
        self._writer.close(seconds)

    # Written by the runner's thread

    def keep_state(self, run_id: str, done: Slice, training: TrainingState) -> None:
        """Hold in memory what ``done`` has led to."""
        self._states[run_id] = (done, training)

    def save(self, run: Run) -> None:
        """Keep what has happened to ``run``, its epochs apart."""
        self._put(run)

    def save_epoch(self, run: Run, training: TrainingState) -> None:
        """Keep the epoch that has just ended: its point, its weights, and what the run goes on from."""
        point = run.snapshot.history[-1]
        self._put(run, (point,), {point.epoch: training.weights}, _resting(run, training))

    def rest(self, run: Run) -> None:
        """Let what the run goes on from leave the memory, once it is written."""
        done, training = self._states.pop(run.id, (None, None))
        if done is not None and training is not None and done == run.done and not done.ends_epoch:
            self._put(run, state=RestingState(done, run.epoch_so_far, training))

    def moved(self, run_ids: Container[str]) -> list[str]:
        """Those of ``run_ids`` of which only now is known that they were computed otherwise than here, each
        once."""
        here = self._fingerprint()
        if here is None:
            return []
        judged = [run_id for run_id in tuple(self._came_from) if run_id in run_ids]
        return [run_id for run_id in judged if self._came_from.pop(run_id) != here]

    def forget(self, run_id: str) -> None:
        """Hold nothing of the run any more; what is kept of it stays."""
        self._came_from.pop(run_id, None)
        self._states.pop(run_id, None)
        self._begun.discard(run_id)

    def _put(
        self,
        run: Run,
        points: tuple[EpochMetrics, ...] = (),
        weights: dict[int, Arrays] | None = None,
        state: RestingState | None = None,
    ) -> None:
        # Who has had the run before has written it; what was deleted must not come back.
        is_new = run.fence == 1 and run.id not in self._begun
        self._begun.add(run.id)
        change = RunChange(
            record_of(run, self._fingerprint() or self._came_from.get(run.id, "")),
            points,
            weights or {},
            state,
            best_epoch(run.snapshot.history),
            is_new,
            self._limits.run_bytes,
        )
        self._backlog.put(_key(run.id), change)
        self._thin_out(change.size)

    def _thin_out(self, size: int) -> None:
        """Let all runs keep to their bytes, now and then."""
        self._unthinned += size
        if self._unthinned > _THINNED_AFTER:
            self._unthinned = 0
            self._put_thinning()

    def _put_thinning(self) -> None:
        self._backlog.put(Key("upkeep", "weights"), ThinOut(self._limits.total_bytes))

    # Read by anybody

    def wake(self, run_id: str) -> None:
        """Hold in memory what a run that rested goes on from.

        Raises:
            StorageError: the database does not answer now.
        """
        if run_id not in self._states and (state := self._resting_state(run_id)):
            self._states.setdefault(run_id, (state.done, state.training))

    def state(self, run_id: str, part: Slice) -> TrainingState | None:
        """What ``part`` begins with, or ``None`` where that is lost.

        Raises:
            StorageError: the database does not answer now.
        """
        done, training = self._states.get(run_id, (None, None))
        if training is not None and part.follows(done):
            return training
        state = self._resting_state(run_id)
        return state.training if state and part.follows(state.done) else None

    def take_over(self, run_id: str) -> Run | None:
        """A run that is over, to go on with it here; ``None`` where it is not known.

        Raises:
            StorageError: the database does not answer.
            MessageError: what it goes on from cannot be read.
        """
        if self._writer.database is None or self._writer.claim(run_id) is None:
            return None
        record = self._writer.database.read(stored.read, [run_id]).get(run_id)
        state = self._resting_state(run_id)
        if record is None:
            return None
        if state is None and record.history:
            raise problems.weights_unreadable()
        if state:
            self._states.setdefault(run_id, (state.done, state.training))
        run = run_of(record, state)
        return self._moved(run) if self._has_moved(record) else run

    def rename(self, run_id: str, name: str | None) -> None:
        """Call a run that is not at work by another name; errors as ``delete``."""
        self._writer.change(stored.rename, run_id, name)
        self.reader.note_change()

    def delete(self, run_ids: Sequence[str]) -> None:
        """Delete everything of these runs; what is written of them later is refused.

        Raises:
            StorageError: the database cannot be written to now, and nothing was deleted.
        """
        self._writer.delete([_key(run_id) for run_id in run_ids], stored.delete_runs, run_ids)
        self.reader.note_change(run_ids)

    def note_import(self) -> None:
        """Runs were written beside this process: readers look anew, and all weights keep to their bytes."""
        self.reader.note_change()
        self._put_thinning()

    def check_room(self) -> None:
        """Call it before something new is begun.

        Raises:
            StorageError: too much waits to be written already.
        """
        self._backlog.check_room()

    def has_unwritten(self, run_id: str) -> bool:
        """Whether something of the run is not written yet."""
        return self._backlog.waiting(_key(run_id)) is not None

    def wait_until_written(self, run_ids: Sequence[str], seconds: float) -> bool:
        """Wait until other servers know of these runs, at most so long; whether they do."""
        return self._backlog.wait_for([_key(run_id) for run_id in run_ids], seconds)

    def seconds_behind(self, run_id: str) -> float:
        """For how long something of the run has been waiting to be written."""
        return self._backlog.seconds_behind(_key(run_id))

    @property
    def problem(self) -> Message | None:
        """Why nothing can be written at the moment."""
        return self._writer.problem

    def _resting_state(self, run_id: str) -> RestingState | None:
        """What was kept last. Raises ``StorageError`` where the database does not answer now."""
        waiting: RunChange | None = self._backlog.waiting(_key(run_id))
        return (waiting and waiting.state) or self._writer.read(None, stored.state, run_id)

    # In the writer's thread

    def _claimed(self, left: Sequence[tuple[RunRecord, RestingState | None]]) -> None:
        for record, state in left:
            try:
                run = self._after_interruption(record, run_of(record, state))
            except (ValueError, MessageError):
                _log.exception("the run %s is of another version, and cannot go on", record.id)
                continue
            if state and run.state.is_active:
                self._states[run.id] = (state.done, state.training)
            self._heir.restored(run)

    def _after_interruption(self, record: RunRecord, run: Run) -> Run:
        """A run that was active goes on by itself, unless it would not be the same to the last bit."""
        if run.done is not None and self._has_moved(record):
            return self._moved(run).showing(state=RunState.PAUSED)
        goes_on = run.state.is_active and run.done is not None
        return run.noting(EventKind.INTERRUPTED, self._limits.max_events) if goes_on else run

    def _has_moved(self, record: RunRecord) -> bool:
        """``False`` also where it is not known yet: ``moved`` will say it."""
        here = self._fingerprint()
        if here is None:
            self._came_from[record.id] = record.fingerprint
        return here is not None and record.fingerprint != here

    def _moved(self, run: Run) -> Run:
        return run.noting(EventKind.MOVED, self._limits.max_events)

    def _written(self, run_id: str, change: RunChange) -> None:
        self.reader.note(change)
        if change.record.is_over:
            self._heir.saved(run_id)

    def _refused(self, run_id: str, change: RunChange) -> None:
        _log.warning("the run %s is another server's now, or was deleted", run_id)
        self._heir.taken(run_id, change.record.fence)

    def _held(self) -> Mapping[str, int]:
        """The runs whose rows say that this server has them, unless another one has taken them."""
        return {
            run.id: run.fence
            for run in self._heir.runs().values()
            if not run.state.is_over and not self.has_unwritten(run.id)
        }

    def _looked(self, held: Mapping[str, int], look: Look) -> None:
        for run_id, fence in held.items():
            if look.own.get(run_id) != fence:
                _log.warning("the run %s is another server's now, or was deleted", run_id)
                self._heir.taken(run_id, fence)
        self.elsewhere.obey(look, self._carry_out)
        seen = self._heir.looked(self.elsewhere.others_in(look))
        if self._writer.may_be_taken_for_dead:
            # Only who has let go of all that it lost submits anything again.
            wait([seen], self._limits.answer_seconds)

    def _carry_out(self, order: events.Order, is_done: Callable[[], None]) -> None:
        # Where that cannot be read now, it is read again before the next slice.
        with suppress(StorageError):
            if isinstance(order, events.Resumed | events.EpochRequested):
                self.wake(order.run_id)
        self._heir.ordered(order, is_done)


def _key(run_id: str) -> Key:
    return Key("run", run_id)


def _resting(run: Run, training: TrainingState) -> RestingState | None:
    return None if run.done is None else RestingState(run.done, run.epoch_so_far, training)
