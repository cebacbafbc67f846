"""What happens when the server starts and ends, whoever visits."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from runs import logs
from ui.base import resources

# Seconds that a server which is told to end waits for the slices in flight, and then for the database.
_PATIENCE = 20


@asynccontextmanager
async def lifespan(_app: object) -> AsyncIterator[None]:
    """The runner goes on with what a former server left before the first visitor comes. At the end the slices
    in flight are waited for, and everything is saved."""
    logs.set_up()
    runner = resources.runner()
    yield
    await asyncio.to_thread(runner.close, _PATIENCE)
    # A signal ends Python without the clearing up that loky relies on.
    await asyncio.to_thread(resources.engine().shutdown)
