"""How every benchmark prints what it found."""

import json
import os
import platform
from collections.abc import Sequence
from typing import Any

import numpy as np


def report(
    header: Sequence[str], rows: Sequence[Sequence[str]], result: dict[str, Any], as_json: bool
) -> None:
    """Print a table and, on request, ``result`` as one JSON object on the last line."""
    widths = [max(len(row[i]) for row in (header, *rows)) for i in range(len(header))]
    for row in (header, *rows):
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    if as_json:
        print(json.dumps(result))


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """``p50`` and ``p95``."""
    return {name: float(np.percentile(values, share)) for name, share in (("p50", 50), ("p95", 95))}


def machine() -> str:
    """Where something was measured."""
    return f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
