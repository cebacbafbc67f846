"""A process of its own that decodes one picture: ``python -m model.drawing.decoder BYTES``, where it may ask
for so many bytes of memory.

The file comes in through its standard input; out comes the picture as ``.npy``, or a message as JSON. A file
that brings a decoder down, or that needs more memory than there is, takes nothing else with it.
"""

import io
import json
import sys

import numpy as np

from model.drawing.picture import PhotoError, open_picture, too_much_memory


def main() -> None:
    """Decode what comes in, and say what went wrong."""
    _limit_memory(int(sys.argv[1]))
    out = io.BytesIO()
    try:
        np.save(out, open_picture(sys.stdin.buffer.read()))
    except MemoryError:
        _tell(too_much_memory())
    except PhotoError as error:
        _tell(error)
    else:
        sys.stdout.buffer.write(out.getvalue())


def _tell(error: PhotoError) -> None:
    sys.stdout.write(json.dumps({"text": error.message.text, "values": dict(error.message.values)}))


def _limit_memory(most: int) -> None:
    try:
        import resource
    except ImportError:
        return  # Windows has no such limits.
    _soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if hard == resource.RLIM_INFINITY or hard > most:
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))


if __name__ == "__main__":
    main()
