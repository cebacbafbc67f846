"""Pictures that visitors bring, decoded in a process that may be lost (``model.drawing.decoder``)."""

import io
import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.drawing.decoder import SHEET
from model.drawing.picture import PhotoError, Picture, too_much_memory
from model.messages import Message

DECODER = "model.drawing.decoder"
# Bytes that it may ask for; measured, it never has more than 300 MB of them.
MEMORY = 330_000_000
_ROOT = Path(__file__).parents[1]
# Of a photo; a browser that keeps to the page's rules sends no more.
MAX_MEGABYTES = 25
_MOST_BYTES = MAX_MEGABYTES * 2**20
# The largest photo that is decoded takes three, on a busy machine a few more.
_MOST_SECONDS = 20
# A sheet takes two; while a class trains, several times as long.
_MOST_SECONDS_OF_SHEET = 60
_log = logging.getLogger(__name__)


def decode(file: bytes) -> Picture:
    """The first picture in ``file``, uint8 (H, W, 3), as ``model.drawing.picture.open_picture`` makes it.

    Raises:
        PhotoError: the file cannot be read, or is too large or too small.
    """
    picture: Picture = np.load(io.BytesIO(_decoded(file)), allow_pickle=False)
    return picture


def read_sheet(file: bytes) -> tuple[int, NDArray[np.uint8]]:
    """The number of the sheet in a photo, and the ink in each of its boxes, as ``model.drawing.paper.reader``
    has them: it works in the same process, since it takes as much memory again.

    Raises:
        PhotoError: the file cannot be read, or is no photo of a sheet.
    """
    content = _decoded(file, SHEET, seconds=_MOST_SECONDS_OF_SHEET)
    with np.load(io.BytesIO(content), allow_pickle=False) as sheet:
        return int(sheet["number"]), sheet["inks"]


def _decoded(file: bytes, *options: str, seconds: float = _MOST_SECONDS) -> bytes:
    """What the decoder writes, if it needs no more than so many seconds."""
    if len(file) > _MOST_BYTES:
        raise too_much_memory()
    environment = {**os.environ, "PYTHONPATH": str(_ROOT), "OPENBLAS_NUM_THREADS": "1"}
    try:
        process = subprocess.run(
            [sys.executable, "-m", DECODER, str(MEMORY), *options],
            input=file,
            capture_output=True,
            cwd=_ROOT,
            env=environment,
            timeout=seconds,
            check=True,
        )
    except subprocess.CalledProcessError as error:
        _log.warning(
            "a decoder ended with %s: %s", error.returncode, error.stderr[-500:].decode(errors="replace")
        )
        raise too_much_memory() from None
    except subprocess.TimeoutExpired:
        _log.warning("a decoder took more than %s s", seconds)
        raise too_much_memory() from None
    if process.stdout.startswith(b"{"):
        told = json.loads(process.stdout)
        raise PhotoError(Message(told["text"], told["values"]))
    return process.stdout
