"""A process of its own that decodes one picture: ``python -m model.drawing.decoder BYTES``, where it may ask
for so many bytes of memory. With ``sheet`` behind them it reads a sheet of a class's handwriting, too.

The file comes in through its standard input; out comes the picture as ``.npy``, or the ``number`` and the
``inks`` of a ``ReadSheet`` as ``.npz``, or a message as JSON. A file that brings a decoder down, or that
needs more memory than there is, takes nothing else with it.
"""

import io
import json
import sys

import numpy as np

from model.drawing.picture import PhotoError, open_picture, too_much_memory

SHEET = "sheet"


def main() -> None:
    """Decode what comes in, and say what went wrong."""
    _limit_memory(int(sys.argv[1]))
    out = io.BytesIO()
    try:
        _write(sys.stdin.buffer.read(), is_sheet=sys.argv[2:] == [SHEET], out=out)
    except MemoryError:
        _tell(too_much_memory())
    except PhotoError as error:
        _tell(error)
    else:
        sys.stdout.buffer.write(out.getvalue())


def _write(file: bytes, is_sheet: bool, out: io.BytesIO) -> None:
    if not is_sheet:
        np.save(out, open_picture(file))
        return
    # Only for a sheet: OpenCV takes as long to load as most photos to decode.
    from model.drawing.paper.reader import MAX_SIDE, read_sheet

    sheet = read_sheet(open_picture(file, MAX_SIDE))
    np.savez(out, number=sheet.number, inks=sheet.inks)


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
