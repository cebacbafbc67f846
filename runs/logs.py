"""What a process logs for whoever runs it: lines of one form, and of what Dask meets one line each."""

import copy
import logging
import os
import re
import time
from logging import Formatter, Handler, LogRecord

# As .streamlit/config.toml has it for Streamlit's lines.
FORMAT = "%(asctime)s %(levelname) -7s %(name)s: %(message)s"
# Loggers to which Dask gives handlers of its own when it is imported, unless there is one for all.
_DASK = ("distributed", "distributed.client", "distributed.gc", "tornado", "tornado.application")
# Seconds between two lines about a handshake that failed, which others make fail again and again.
_BETWEEN = 60.0
_PORT = re.compile(r":\d+")


def set_up() -> None:
    """All that is logged from now on goes to the standard error, also what libraries log."""
    root = logging.getLogger()
    if root.handlers:
        return
    root.addHandler(handler())
    # Dask looks when it is imported, here or in the processes of workers.
    os.environ.setdefault("DASK_LOGGING__DISTRIBUTED", "warning")
    logging.getLogger("runs.cluster").setLevel(logging.INFO)
    for name in _DASK:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True


def handler() -> Handler:
    """Writes to the standard error, as ``set_up`` says."""
    made = logging.StreamHandler()
    form = _Form(FORMAT)
    form.default_msec_format = "%s.%03d"
    made.setFormatter(form)
    made.addFilter(_FailedHandshakes().is_new)
    return made


def innermost(error: BaseException) -> str:
    """What the first of the errors that led to this one says, of those that say something."""
    said = type(error).__name__
    seen: set[int] = set()
    inner: BaseException | None = error
    while inner is not None and id(inner) not in seen:
        seen.add(id(inner))
        said = " ".join(str(inner).split()) or said
        inner = inner.__cause__ or inner.__context__
    return said


class _Form(Formatter):
    """Dask logs tracebacks of its own code, dozens of lines each, where a connection is lost."""

    def format(self, record: LogRecord) -> str:
        if record.name.startswith(("distributed", "tornado")):
            error = record.exc_info and record.exc_info[1]
            said = [" ".join(record.getMessage().split()), innermost(error) if error else ""]
            record = copy.copy(record)
            record.msg, record.args = ": ".join(filter(None, said)), None
            record.exc_info = record.exc_text = None
        return super().format(record)


class _FailedHandshakes:
    def __init__(self) -> None:
        # When a line was written last, by what it says but for ports.
        self._written: dict[str, float] = {}

    def is_new(self, record: LogRecord) -> bool:
        """Whether a line is to be written."""
        if not record.name.startswith("distributed") or "handshake failed" not in str(record.msg):
            return True
        line, now = _PORT.sub("", record.getMessage()), time.monotonic()
        if now - self._written.get(line, float("-inf")) < _BETWEEN:
            return False
        self._written[line] = now
        return True
