"""Which run Train shows."""

from model.config import TrainingConfig
from runs.records import RunSnapshot
from ui.base import resources, session


def selected_run() -> RunSnapshot | None:
    """The run that the visitor chose or started last, or else the newest one, as after a reload."""
    runner = resources.runner()
    chosen = session.run_id.get()
    if chosen and (run := runner.snapshot(chosen)):
        return run
    newest = runner.runs_of(session.visitor())[:1]
    return runner.snapshot(newest[0].id) if newest else None


def selected_config(config: TrainingConfig) -> TrainingConfig:
    """The recipe behind the curves on Train: ``config`` before the first run."""
    if session.replay_seconds() is not None:
        return resources.recording().config
    run = selected_run()
    return run.config if run else config
