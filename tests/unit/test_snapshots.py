"""Weights as files: kept per epoch, thinned within budgets, gone with their process."""

import os
from itertools import pairwise
from pathlib import Path

import numpy as np
import psutil
import pytest

from model.slices import Arrays, TrainingState
from runs.snapshots import SnapshotFolder, temporary_folder


def arrays(value: float, count: int = 250) -> Arrays:
    return (np.full((count, 1), value, np.float32), np.full(1, value, np.float32))


def first_value(folder: SnapshotFolder, run_id: str, epoch: int) -> float | None:
    weights = folder.weights(run_id, epoch)
    return None if weights is None else float(weights[0][0, 0])


def test_weights_come_back_bit_by_bit_and_read_only(tmp_path: Path) -> None:
    folder = SnapshotFolder(tmp_path)
    saved = arrays(1 / 3)
    assert folder.save_weights("run", 4, saved)
    back = folder.weights("run", 4)
    assert back is not None
    for before, after in zip(saved, back, strict=True):
        assert before.dtype == after.dtype
        assert before.tobytes() == after.tobytes()
        assert not after.flags.writeable


def test_a_state_comes_back_with_the_optimizers_variables(tmp_path: Path) -> None:
    folder = SnapshotFolder(tmp_path)
    state = TrainingState(arrays(1.0), (np.array(7, np.int64), np.ones(3, np.float32)))
    assert folder.save_state("run", state)
    back = folder.state("run")
    assert back is not None
    assert [a.tobytes() for a in (*back.weights, *back.optimizer)] == [
        a.tobytes() for a in (*state.weights, *state.optimizer)
    ]
    assert folder.state("another") is None


def test_a_run_past_its_budget_keeps_thinned_epochs_the_first_and_the_last(tmp_path: Path) -> None:
    folder = SnapshotFolder(tmp_path, run_bytes=20_000)
    for epoch in range(101):
        folder.save_weights("run", epoch, arrays(epoch))
    kept = folder.epochs("run")
    assert kept[0] == 0
    assert kept[-1] == 100
    assert 5 <= len(kept) <= 20
    assert max(b - a for a, b in pairwise(kept)) <= 25
    assert sum(file.stat().st_size for file in tmp_path.rglob("*.npz")) <= 20_000
    assert [first_value(folder, "run", epoch) for epoch in kept] == kept
    assert first_value(folder, "run", 99 if 99 not in kept else 98) is None


def test_the_best_epoch_is_kept_whatever_else_goes(tmp_path: Path) -> None:
    folder = SnapshotFolder(tmp_path, run_bytes=20_000, total_bytes=24_000)
    for epoch in range(101):
        folder.save_weights("run", epoch, arrays(epoch), best=min(epoch, 37))
    assert 37 in folder.epochs("run")
    for epoch in range(20):
        folder.save_weights("newer", epoch, arrays(epoch), best=epoch)
    assert folder.epochs("run") == [37, 100]


def test_past_the_total_bytes_the_oldest_runs_keep_their_last_epoch(tmp_path: Path) -> None:
    folder = SnapshotFolder(tmp_path, total_bytes=15_000)
    for run_id in ("old", "middle", "new"):
        for epoch in range(4):
            folder.save_weights(run_id, epoch, arrays(epoch))
    assert folder.epochs("old") == [3]
    assert folder.epochs("new") == [0, 1, 2, 3]
    assert first_value(folder, "old", 3) == 3


def test_a_forgotten_run_leaves_no_file(tmp_path: Path) -> None:
    folder = SnapshotFolder(tmp_path)
    folder.save_weights("run", 0, arrays(1))
    folder.save_state("run", TrainingState(arrays(1)))
    folder.forget("run")
    assert list(tmp_path.iterdir()) == []
    assert folder.epochs("run") == []


def test_a_folder_that_cannot_be_written_to_costs_the_snapshot_only(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("a file where a folder should be")
    folder = SnapshotFolder(tmp_path)
    assert not folder.save_weights("run", 0, arrays(1))
    assert not folder.save_state("run", TrainingState(arrays(1)))
    assert folder.weights("run", 0) is None


def test_a_damaged_file_is_as_good_as_none(tmp_path: Path) -> None:
    folder = SnapshotFolder(tmp_path)
    folder.save_weights("run", 0, arrays(1))
    [file] = tmp_path.rglob("*.npz")
    file.write_bytes(file.read_bytes()[:300])
    assert folder.weights("run", 0) is None


def test_folders_of_dead_processes_are_removed_and_those_of_living_ones_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIGITLAB_DATA", str(tmp_path))
    parent = os.getppid()
    dead = tmp_path / "digitlab-999999999-1-x"
    # As in a container, whose server has the same number whenever it starts.
    of_another_life = tmp_path / f"digitlab-{os.getpid()}-1-y"
    living = tmp_path / f"digitlab-{parent}-{int(psutil.Process(parent).create_time())}-z"
    for folder in (dead, of_another_life, living):
        folder.mkdir()
    own = temporary_folder()
    assert set(tmp_path.iterdir()) == {own, living}
    assert temporary_folder() != own
    assert own.is_dir()
