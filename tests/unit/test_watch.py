"""The watch over the parent process, without a process; and a worker's manners, in one."""

import os
import subprocess
import sys

import psutil
import pytest

from runs import watch


class _EndedError(Exception):
    pass


class _Parent:
    """A parent that ends after some looks; ``how`` says what psutil notices of it."""

    def __init__(self, how: str, looks: int = 3) -> None:
        self.how, self.looks = how, looks

    def is_running(self) -> bool:
        self.looks -= 1
        return self.looks > 0 or self.how != "gone"

    def status(self) -> str:
        if self.looks <= 0 and self.how == "gone between two questions":
            raise psutil.NoSuchProcess(1)
        is_zombie = self.looks <= 0 and self.how == "zombie"
        return str(psutil.STATUS_ZOMBIE if is_zombie else psutil.STATUS_SLEEPING)


@pytest.mark.parametrize("how", ["gone", "zombie", "gone between two questions"])
def test_a_worker_ends_when_its_parent_does(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def end(_: int) -> None:
        raise _EndedError

    monkeypatch.setattr(os, "_exit", end)
    monkeypatch.setattr(watch, "_SECONDS", 0)
    parent = _Parent(how)
    monkeypatch.setattr(psutil, "Process", lambda _: parent)
    with pytest.raises(_EndedError):
        watch._watch(1)
    assert parent.looks <= 0, "it ended although its parent was there"


_BE_SERVED = """
import os
import signal
from pathlib import Path
from runs import watch

score = Path("/proc/self/oom_score_adj")
before = int(score.read_text())
watch.serve(os.getppid())
print(int(score.read_text()) > before)
signal.raise_signal(signal.SIGHUP)
print("is still there")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can be told")
def test_where_memory_runs_short_a_worker_is_ended_before_its_server_and_never_with_a_terminal() -> None:
    done = subprocess.run([sys.executable, "-c", _BE_SERVED], capture_output=True, text=True, timeout=60)
    assert done.stdout == "True\nis still there\n", done.stderr
