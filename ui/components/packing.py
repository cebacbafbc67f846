"""Arrays on their way to the browser, which ``packing.js`` unpacks."""

import json
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray


def pack(header: Mapping[str, object], values: NDArray[Any]) -> bytes:
    """The length of ``header`` as JSON (uint32, little-endian), the JSON, and the bytes of ``values``."""
    encoded = json.dumps(header).encode()
    return struct.pack("<I", len(encoded)) + encoded + np.ascontiguousarray(values).tobytes()
