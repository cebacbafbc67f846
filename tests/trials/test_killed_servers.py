"""Servers that are killed at moments that nobody chose, with TensorFlow in their workers."""

import os

import pytest

from runs.runner import Runner
from testing.kept_runs import RECIPES
from testing.killing import check_kills
from testing.storage import Open
from testing.waiting import over

KILLS = int(os.environ.get("DIGITLAB_KILLS", "20"))


@pytest.mark.timeout(60 + 60 * KILLS)
def test_trainings_of_killed_servers_come_to_the_end_that_they_would_have_had(
    open_database: Open, runner: Runner
) -> None:
    run_ids = {visitor: runner.submit(recipe, visitor) for visitor, recipe in RECIPES.items()}
    undisturbed = {visitor: over(runner, run_id, 120).history for visitor, run_id in run_ids.items()}
    check_kills(open_database(), undisturbed, KILLS)
