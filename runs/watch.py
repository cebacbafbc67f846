"""A worker's manners: pages go first, and it ends with its server, or 850 MB would stay behind for ever."""

import os
import signal
import threading
import time
from contextlib import suppress
from pathlib import Path

import psutil

_SECONDS = 0.5
# A page asks for milliseconds: without this, an answer waits twice as long while a run goes on.
_NICENESS = 10
# Up to 1000; so many thousandths of the memory a worker counts more than it has.
_OOM_SCORE = 500


def serve(parent: int) -> None:
    """Called in a fresh worker: yield the processor to whoever else wants it, and end this process within
    a second of the end of process ``parent``."""
    if psutil.WINDOWS:
        psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
    else:
        # Sent to all processes of a terminal that is closed: the server ends, and then this one.
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        os.nice(_NICENESS)
        _go_first()
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _go_first() -> None:
    """Where memory runs short, let Linux end a worker, never the server that starts another one."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(str(_OOM_SCORE))


def _watch(parent: int) -> None:
    try:
        server = psutil.Process(parent)
        while server.is_running() and server.status() != psutil.STATUS_ZOMBIE:
            time.sleep(_SECONDS)
    except psutil.NoSuchProcess:
        pass
    os._exit(0)
