"""The log's lines: one form for all, and no tracebacks of Dask's."""

import logging
import re
import subprocess
import sys
import time
import tomllib

import pytest

from runs import logs
from testing.documented import ROOT


@pytest.fixture
def handler() -> logging.Handler:
    return logs.handler()


def _error() -> OSError:
    try:
        try:
            raise ConnectionRefusedError(111, "Connection refused")
        except OSError as error:
            raise OSError("Timed out\n trying to connect") from error
    except OSError as error:
        return error


def _line(handler: logging.Handler, name: str, message: str, *arguments: str, fails: bool = False) -> str:
    error = _error() if fails else None
    info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord(name, logging.ERROR, __file__, 1, message, arguments, info)
    return handler.format(record) if handler.filter(record) else ""


def test_a_line_has_time_level_and_who_says_it_as_streamlits_have(handler: logging.Handler) -> None:
    line = _line(handler, "storage.writer", "not saved for now: %s", "it is away")
    assert re.fullmatch(r"[\d-]{10} [\d:]{8}\.\d{3} ERROR   storage.writer: not saved .*: it is away", line)
    settings = tomllib.loads((ROOT / ".streamlit/config.toml").read_text(encoding="utf-8"))
    assert settings["logger"]["messageFormat"] == logs.FORMAT


def test_what_dask_meets_is_one_line_with_its_cause_and_our_own_errors_are_whole(
    handler: logging.Handler,
) -> None:
    line = _line(handler, "distributed.core", "Lost %s", "a worker", fails=True)
    assert line.endswith("distributed.core: Lost a worker: [Errno 111] Connection refused")
    line = _line(handler, "distributed.utils", "", fails=True)
    assert line.endswith("distributed.utils: [Errno 111] Connection refused")
    line = _line(handler, "distributed.worker", "Compute Failed\nTraceback: 'File'\n")
    assert line.endswith("distributed.worker: Compute Failed Traceback: 'File'")
    assert "Traceback" in _line(handler, "runs.dispatcher", "the runner goes on", fails=True)


def test_the_first_cause_that_says_something_is_told() -> None:
    assert logs.innermost(_error()) == "[Errno 111] Connection refused"
    silent = OSError("Timed out\n trying to connect")
    silent.__cause__ = TimeoutError()
    assert logs.innermost(silent) == "Timed out trying to connect"
    assert logs.innermost(TimeoutError()) == "TimeoutError"


def test_handshakes_that_fail_again_and_again_are_told_once_a_minute(
    handler: logging.Handler, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    dask = ("distributed.comm.tcp", "Listener on %r: TLS handshake failed with remote %r: unknown ca")
    told = []
    for now in (0.0, 5.0, 59.0, 61.0):
        told.append(bool(_line(handler, *dask, "tls://a:8786", f"tls://b:{40_000 + now:.0f}")))
    assert told == [True, False, False, True]
    assert _line(handler, *dask, "tls://a:8786", "tls://other:40000")
    assert _line(handler, "distributed.core", "another line")
    assert _line(handler, "distributed.core", "another line")


def test_a_process_that_set_it_up_writes_dasks_lines_in_the_same_form_whenever_dask_is_imported() -> None:
    program = """
import sys
from runs import logs
if "first" in sys.argv:
    import distributed
logs.set_up()
import distributed, logging
logging.getLogger("distributed.nanny").error("Worker died")
logging.getLogger("runs.cluster.serving").info("workers")
"""
    for order in ("first", "later"):
        done = subprocess.run(
            [sys.executable, "-c", program, order], cwd=ROOT, capture_output=True, text=True, check=True
        )
        ends = [line.partition(" ")[2].partition(" ")[2] for line in done.stderr.splitlines()]
        assert ends == ["ERROR   distributed.nanny: Worker died", "INFO    runs.cluster.serving: workers"]
