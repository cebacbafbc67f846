"""A server that is told to end leaves nothing behind. A trial, since one that ends while its worker is just
starting may still leave semaphores, which loky's own process then clears up with a warning."""

from pathlib import Path

import psutil

from testing.server import serve
from testing.waiting import wait_until


def test_who_ends_the_server_reads_of_nothing_that_was_left_behind(tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    app = serve({"DIGITLAB_WORKERS": "1"}, log=log)
    with app:
        server = psutil.Process(app.process_id)
        # A worker, and loky's process that looks for what is left.
        wait_until(lambda: len(server.children()) > 1, 30, "the engine's start")
        others = server.children(recursive=True)
    _gone, alive = psutil.wait_procs(others, timeout=20)
    assert not alive
    assert "leaked" not in log.read_text()
