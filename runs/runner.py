"""What pages and other servers ask of runs. Long, since each question has its own few lines."""

import secrets
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

from model import worker
from model.config import TrainingConfig
from model.data.mnist import LabelledImages
from model.messages import Message
from model.plain_text import plain_text
from model.slices import Arrays, initial_state
from runs import elsewhere, events, machine, problems
from runs.dispatcher import Dispatcher, TrainSlice
from runs.engine import Engine, EngineStatus
from runs.expected_wait import expected_waits
from runs.fine_tuning import FineTuningError, fine_tune
from runs.heir import Heir
from runs.keeping import MAX_LOOKS, KeptRuns
from runs.keras_file import keras_file
from runs.limits import Limits
from runs.records import RunSnapshot
from runs.schedule import Schedule
from runs.status import Status, status_of
from storage.writer import Writer


class Runner:
    """Submit, steer and look at runs; every method may be called from any thread.

    What changes something goes through the dispatcher's one thread. Readers look at the latest schedule,
    which never changes, and wait for nobody.
    """

    def __init__(
        self,
        engine: Engine,
        train_slice: TrainSlice = worker.train_slice,
        writer: Writer | None = None,
        limits: Limits | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Without a ``writer`` everything stays in memory. ``clock`` gives seconds and never goes back."""
        self._engine = engine
        self._limits = limits or Limits()
        self._clock = clock
        self._taking = threading.Lock()
        self.writer = writer or Writer()
        """What writes all that is kept, also for others."""
        self._kept = KeptRuns(self.writer, self._limits, lambda: engine.fingerprint)
        self._dispatcher = Dispatcher(engine, train_slice, self._kept, self.writer, self._limits, clock)
        self._kept.start(
            Heir(
                restored=lambda run: self._dispatcher.put(events.Restored(run)),
                saved=lambda run_id: self._dispatcher.put(events.Saved(run_id)),
                taken=lambda run_id, fence: self._dispatcher.put(events.Taken(run_id, fence)),
                ordered=self._carry_out_order,
                looked=self._see_others,
                runs=lambda: self._schedule.runs,
                at_work=self._at_work,
            )
        )

    @property
    def _schedule(self) -> Schedule:
        return self._dispatcher.schedule

    # Engine

    def restart_engine(self) -> None:
        """Start the engine again where it needs that; waiting runs keep waiting for it."""
        self._dispatcher.put(events.EngineNeeded())

    def engine_status(self) -> EngineStatus:
        """Whether the engine is ready, and else why not."""
        return self._engine.status()

    def status(self) -> Status:
        """How this server is, for whoever runs it; waits for the database for a moment."""
        return status_of(self._engine, self._schedule, self.writer, self._dispatcher.pace, self._clock())

    def predict(self, config: TrainingConfig, visitor: str) -> float | None:
        """Seconds until a run of ``visitor`` would be over that was submitted now; ``None`` before any
        measurement."""
        return self._predict({visitor: config}, 1)

    def predict_class(self, config: TrainingConfig, pupils: int) -> float | None:
        """Seconds until the last of so many ``pupils`` has trained, who all submit a run now; ``None`` before
        any measurement."""
        return self._predict({f"pupil {number}": config for number in range(pupils)}, pupils)

    def _predict(self, new: Mapping[str, TrainingConfig], open_pages: int) -> float | None:
        waits = expected_waits(self._schedule, new, open_pages, self._engine.is_shared)
        return max(wait.done for wait in waits) if waits else None

    # Readers

    def snapshot(self, run_id: str) -> RunSnapshot | None:
        """The run as it is now, or ``None`` where it is not known (any more). Counts as a look at it."""
        run = self._schedule.runs.get(run_id)
        if run is None:
            kept = self._kept.reader.snapshot(run_id)
            if kept and kept.state.is_active:
                self._kept.elsewhere.note_look(run_id)
            return kept
        if self._clock() - run.last_viewed > self._limits.unwatched_seconds / MAX_LOOKS:
            self._dispatcher.put(events.Viewed(run_id))
        return run.snapshot

    def runs_at_work(self) -> int:
        """How many runs take turns, over all visitors."""
        return self._schedule.runs_at_work()

    def runs_of(self, visitor: str) -> list[RunSnapshot]:
        """This visitor's runs, the newest first."""
        # In this order, since a run is written before it leaves the schedule.
        at_work = self._schedule.runs_of(visitor)
        runs = {run.id: run for run in (*self._kept.reader.runs_of(visitor), *at_work)}
        return sorted(runs.values(), key=lambda run: run.number, reverse=True)

    def epochs(self, run_id: str) -> list[int]:
        """The epochs whose weights are kept, sorted; all of them where the run is not too large."""
        return self._kept.reader.epochs(run_id)

    def weights(self, run_id: str, epoch: int) -> Arrays | None:
        """The weights after ``epoch``, read-only, or ``None`` where they are not kept (any more).

        Raises:
            storage.problems.StorageError: the database does not answer.
        """
        kept = self._kept.reader.weights(run_id, epoch)
        if kept is not None or epoch:
            return kept
        run = self._schedule.runs.get(run_id)
        snapshot = run.snapshot if run else self._kept.reader.snapshot(run_id)
        return initial_state(snapshot.recipe).weights if snapshot else None

    def seconds_behind(self, run_id: str) -> float:
        """For how long something of the run has been waiting to be saved; 0 where everything is. Without a
        database nothing is ever saved, and it grows."""
        return self._kept.seconds_behind(run_id)

    def wait_until_saved(self, run_ids: Sequence[str], seconds: float) -> bool:
        """Wait until other servers know of these runs, at most so long; whether they do. Without a database
        there are none."""
        return self.writer.database is None or self._kept.wait_until_written(run_ids, seconds)

    @property
    def storage_problem(self) -> Message | None:
        """Why nothing can be saved at the moment."""
        return self._kept.problem

    def keras_file(self, config: TrainingConfig, weights: Arrays) -> Future[bytes]:
        """The network as a ``.keras`` file, made by the engine between two slices.

        The future raises ``runs.keras_file.KerasFileError`` where that fails.
        """
        return keras_file(self._engine.submit, config, weights)

    def fine_tune(self, config: TrainingConfig, weights: Arrays, images: LabelledImages, of: str) -> Arrays:
        """What ``model.worker.fine_tune`` makes of ``weights``, computed by the engine between two slices.

        It waits for that, so it is nothing for the thread of a page. Calls ``of`` one name, one after the
        other, get no more of the engine than a run does.

        Raises:
            runs.fine_tuning.FineTuningError: it was not done. An engine that failed is started again.
        """

        def submit(fn: Callable[..., Any], *args: Any) -> Future[Any]:
            if self._dispatcher.is_closing:
                raise FineTuningError(problems.engine_shut_down())
            if problem := self._engine.status().problem:
                self.restart_engine()
                raise FineTuningError(problem)
            return self._engine.submit(fn, *args, run_id=of)

        return fine_tune(submit, config, weights, images)

    def join(self) -> None:
        """Wait until everything that was asked for so far is done; slices may still be in flight."""
        self._dispatcher.join()

    def close(self, seconds: float) -> None:
        """Submit no more slices, wait for those in flight, and save everything, each as far as ``seconds``
        allow. Another runner can go on with all runs at once."""
        self._dispatcher.close(seconds)
        self._kept.close(seconds)

    # Steering: what does not fit a run, or speaks of one that is not known, changes nothing. Of a run at
    # another server this is done within two seconds or so; what that server would refuse is refused here,
    # and where the database cannot be written to now, ``storage.problems.StorageError`` is raised.

    def submit(self, recipe: TrainingConfig, visitor: str) -> str:
        """Queue a run and return its id, which nobody can guess.

        Raises:
            runs.problems.QuotaExceededError: this visitor has too many runs that are not over.
            storage.problems.StorageError: too much waits to be saved.
        """
        self._kept.check_room()
        run_id = secrets.token_urlsafe(12)
        number, open_runs = self._kept.reader.last_number(visitor), self._kept.elsewhere.open_runs(visitor)
        self._dispatcher.tell(events.Submitted(run_id, recipe, visitor, number, open_runs))
        return run_id

    def pause(self, run_id: str) -> None:
        """Submit no further slice of a run; the one that is being computed still counts."""
        self._steer(events.Paused(run_id))

    def resume(self, run_id: str) -> None:
        """Let a paused run go on.

        Raises:
            storage.problems.StorageError: what it goes on from cannot be read now.
        """
        self._wake(run_id)
        self._steer(events.Resumed(run_id))

    def train_one_epoch(self, run_id: str) -> None:
        """Go on to the end of an epoch, and pause there; errors as ``resume``."""
        self._wake(run_id)
        self._steer(events.EpochRequested(run_id))

    def train_longer(self, run_id: str, epochs: int) -> None:
        """Let a run that is finished or was stopped go on for ``epochs`` more.

        Raises:
            model.config.ConfigError: more epochs than a run may have.
            runs.problems.QuotaExceededError: its visitor has too many runs that are not over.
            model.messages.MessageError: what it goes on from cannot be read now.
        """
        # Two tabs must not both take it from the database.
        with self._taking:
            is_at_work = run_id in self._schedule.runs
            self._dispatcher.tell(self._extended(run_id, epochs))
            if is_at_work and run_id not in self._schedule.runs:
                # It was saved, and left, in this moment.
                self._dispatcher.tell(self._extended(run_id, epochs))

    def _extended(self, run_id: str, epochs: int) -> events.Extended:
        """A run that is not at work is taken over for it; one that may not train longer stays as it is."""
        if run := self._schedule.runs.get(run_id):
            return events.Extended(run_id, epochs, open_runs=self._kept.elsewhere.open_runs(run.visitor))
        open_runs: tuple[events.RunElsewhere, ...] = ()
        snapshot, visitor = self._kept.reader.snapshot(run_id), self._kept.reader.visitor_of(run_id)
        if snapshot:
            snapshot.config.with_changes(epochs=snapshot.epoch + epochs)
        if visitor and snapshot and snapshot.state.is_over:
            open_runs = self._kept.elsewhere.open_runs(visitor)
            machine.check_quota(self._schedule.runs, visitor, open_runs, self._limits)
        return events.Extended(run_id, epochs, self._kept.take_over(run_id), open_runs)

    def set_learning_rate(self, run_id: str, rate: float) -> None:
        """Change the learning rate from the next slice on.

        Raises:
            model.config.ConfigError: a rate out of range.
            runs.problems.QuotaExceededError: the run was changed too often.
        """
        if run_id not in self._schedule.runs and (run := self._kept.reader.snapshot(run_id)):
            machine.with_rate(run, rate, self._limits)
        self._steer(events.RateChanged(run_id, rate))

    def stop(self, run_id: str) -> None:
        """End a run now; a slice that is being computed is dropped."""
        self._steer(events.Stopped(run_id))

    def wait_for_owners(self, run_ids: Sequence[str]) -> None:
        """Call it where somebody waits to see what came of steering: runs at other servers take a second."""
        others = [run_id for run_id in run_ids if run_id not in self._schedule.runs]
        if others and self.writer.is_shared:
            self._kept.elsewhere.wait_until_obeyed(others, self._limits.owner_seconds)
            self._kept.reader.note_change()

    def rename(self, run_id: str, name: str) -> None:
        """Call a run by another name; an empty one takes it away.

        Raises:
            storage.problems.StorageError: the database cannot be written to now.
        """
        short = plain_text(name, self._limits.name_length) or None
        self._steer(events.Renamed(run_id, short))
        if run_id not in self._schedule.runs:
            self._kept.rename(run_id, short)

    def delete(self, run_ids: Sequence[str]) -> None:
        """Delete everything of these runs, whatever they are doing.

        Raises:
            storage.problems.StorageError: the database cannot be written to now; they are still there then.
        """
        self._kept.delete(run_ids)
        for run_id in run_ids:
            self._dispatcher.tell(events.Taken(run_id))

    def note_import(self) -> None:
        """Call it after runs that are over were written into the database beside this runner."""
        self._kept.note_import()

    def _steer(self, event: events.Order) -> None:
        self._dispatcher.tell(event)
        if event.run_id not in self._schedule.runs:
            self._kept.elsewhere.order(event)

    def _wake(self, run_id: str) -> None:
        if run_id in self._schedule.runs:
            self._kept.wake(run_id)

    # Other servers, in the writer's thread

    def _carry_out_order(self, order: events.Order, is_done: Callable[[], None]) -> None:
        self._dispatcher.put(order).add_done_callback(lambda _: is_done())

    def _see_others(self, others: events.OthersSeen) -> Future[None]:
        if not self._engine.is_shared:
            others = replace(others, flops_left=())
        # Every second, also where nothing is new: an engine that was held up goes on then.
        return self._dispatcher.put(others)

    def _at_work(self) -> str:
        if not self._engine.is_shared:
            return elsewhere.at_work(())
        runs = self._schedule.runs.values()
        return elsewhere.at_work(run.flops_left() for run in runs if run.state.takes_turns)
