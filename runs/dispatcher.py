"""The thread that all runs depend on: takes events in order, carries out the state machine's commands."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from functools import partial
from queue import Queue
from typing import assert_never

from model.config import TrainingConfig
from model.messages import MessageError
from model.slices import Progress, Slice, TrainingState, initial_state
from runs import commands, events, machine, problems
from runs.engine import WORKER_ENDED, ConnectionLostError, Engine
from runs.keeping import KeptRuns
from runs.limits import Limits
from runs.run import Attempt
from runs.schedule import Schedule
from runs.status import Pace
from storage.problems import StorageError
from storage.writer import Writer

_log = logging.getLogger(__name__)

TrainSlice = Callable[[TrainingConfig, TrainingState, Slice], tuple[TrainingState, Progress]]


class Dispatcher:
    """What is asked for becomes an event in an inbox. One thread takes them out in order, lets the state
    machine make the next schedule (its rules are in ``runs.machine``) and carries out the commands that come
    with it. Every public method may be called from any thread."""

    def __init__(
        self,
        engine: Engine,
        train_slice: TrainSlice,
        kept: KeptRuns,
        writer: Writer,
        limits: Limits,
        clock: Callable[[], float],
    ) -> None:
        self._engine, self._train_slice = engine, train_slice
        self._kept, self._writer = kept, writer
        self._limits, self._clock = limits, clock
        self.pace = Pace(clock)
        self.is_closing = False
        self.schedule = Schedule()
        """The latest one, which never changes: readers wait for nobody."""
        self._inbox: Queue[tuple[events.Event, Future[None]]] = Queue()
        threading.Thread(target=self._work, name="runner", daemon=True).start()

    def join(self) -> None:
        """Wait until everything that was asked for so far is done; slices may still be in flight."""
        self._inbox.join()

    def close(self, seconds: float) -> None:
        """Submit no more slices, and wait for those in flight, as far as ``seconds`` allow."""
        self.is_closing = True
        self.put(self._look_at_engine())
        deadline = time.monotonic() + seconds
        while (self._inbox.unfinished_tasks or self.schedule.in_flight) and time.monotonic() < deadline:
            time.sleep(0.01)
        self.tell(events.Drained())

    def put(self, event: events.Event) -> Future[None]:
        """Done when the event has been handled; raises what the state machine says against it."""
        handled: Future[None] = Future()
        self._inbox.put((event, handled))
        return handled

    def tell(self, event: events.Event) -> None:
        """Put an event and wait for it: the next look at the run shows what came of it."""
        with suppress(TimeoutError):
            self.put(event).result(self._limits.answer_seconds)

    # In the thread

    def _work(self) -> None:
        with _errors_logged():
            self._start_engine()
        while True:
            event, handled = self._inbox.get()
            try:
                for run_id in self._kept.moved(self.schedule.runs):
                    self._handle(events.Moved(run_id))
                # An engine that was shut down does not say so by itself.
                if (engine := self._look_at_engine()) != self.schedule.engine:
                    self._handle(engine)
                if not self._is_outdated(event):
                    self._handle(event)
                handled.set_result(None)
            except Exception as error:
                if not isinstance(error, MessageError):
                    _log.exception("the runner goes on after an error")
                handled.set_exception(error)
            finally:
                self._inbox.task_done()

    def _is_outdated(self, event: events.Event) -> bool:
        """A run of which more has happened since it was saved."""
        return isinstance(event, events.Saved) and self._kept.has_unwritten(event.run_id)

    def _handle(self, event: events.Event) -> None:
        schedule, to_do = machine.step(self.schedule, event, self._clock(), self._limits)
        for command in to_do:
            with _errors_logged():
                self._carry_out(command)
        # Last, so that whoever sees an epoch finds its weights.
        self.schedule = schedule

    def _carry_out(self, command: commands.Command) -> None:
        match command:
            case commands.SubmitSlice():
                self._submit(command)
            case commands.KeepState(run_id, done, training):
                self._kept.keep_state(run_id, done, training)
            case commands.SaveEpoch(run, training):
                self._kept.save_epoch(run, training)
            case commands.Save(run):
                self._kept.save(run)
            case commands.Rest(run):
                self._kept.rest(run)
            case commands.Forget(run_id):
                self._kept.forget(run_id)
            case commands.StartEngine():
                if self._engine.status().needs_help:
                    self._start_engine()
            case _:
                assert_never(command)

    def _start_engine(self) -> None:
        def when_ready() -> None:
            self.put(self._look_at_engine())

        self._engine.start(when_ready)

    def _look_at_engine(self) -> events.EngineChanged:
        status = self._engine.status()
        is_ready = status.is_ready and not self.is_closing and not self._writer.may_be_taken_for_dead
        workers = self._engine.capacity
        # Of several servers' slices each worker computes first what has waited longest: it has to be there.
        waiting = workers if self._engine.is_shared else 1
        return events.EngineChanged(workers, is_ready, status.speed, waiting)

    def _submit(self, command: commands.SubmitSlice) -> None:
        attempt = command.attempt
        try:
            training = self._training_before(attempt)
            result = self._engine.submit(
                self._train_slice,
                attempt.config,
                training,
                attempt.part,
                run_id=attempt.run_id,
                ready_since=command.ready_since,
                patience=command.patience,
            )
        except StorageError:
            self.put(events.SliceDelayed(attempt))
        except Exception as error:
            self.put(_failure(attempt, error))
        else:
            result.add_done_callback(partial(self._on_done, attempt))

    def _training_before(self, attempt: Attempt) -> TrainingState:
        if attempt.part.epoch == 0:
            return initial_state(attempt.config)
        if training := self._kept.state(attempt.run_id, attempt.part):
            return training
        raise problems.weights_unreadable()

    def _on_done(self, attempt: Attempt, result: Future[tuple[TrainingState, Progress]]) -> None:
        """Called in a thread of the engine's, so it only puts an event into the inbox."""
        try:
            training, progress = result.result()
        except Exception as error:
            self.put(_failure(attempt, error))
        else:
            self.pace.note()
            self.put(events.SliceCompleted(attempt, training, progress))


@contextmanager
def _errors_logged() -> Iterator[None]:
    """What goes wrong with one command must not end the thread that all runs depend on."""
    try:
        yield
    except Exception:
        _log.exception("the runner goes on after an error")


def _place(attempt: Attempt) -> str:
    return f"a part of epoch {attempt.part.epoch} of the run {attempt.run_id}"


def _failure(attempt: Attempt, error: Exception) -> events.SliceEnded:
    if isinstance(error, ConnectionLostError):
        _log.warning("%s is sent again, since no computer that trains was reached", _place(attempt))
        return events.SliceUnanswered(attempt)
    if isinstance(error, WORKER_ENDED):
        _log.warning("a worker died while it computed %s", _place(attempt))
        return events.SliceLost(attempt)
    if not isinstance(error, MessageError):
        _log.error("a slice failed", exc_info=error)
    return events.SliceFailed(attempt, problems.training_failed(error))
