"""Numbers on the command line."""

import argparse
from collections.abc import Callable
from contextlib import suppress


def whole(least: int, most: int) -> Callable[[str], int]:
    """Reads a whole number from ``least`` to ``most``."""

    def read(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(
                f"needs a whole number from {least} to {most:,}, received {text!r}"
            )
        return int(text)

    return read


def number(least: float, most: float) -> Callable[[str], float]:
    """Reads a number from ``least`` to ``most``."""

    def read(text: str) -> float:
        with suppress(ValueError):
            if least <= float(text) <= most:
                return float(text)
        raise argparse.ArgumentTypeError(f"needs a number from {least:g} to {most:g}, received {text!r}")

    return read


# One that others can be told of.
port = whole(1, 65_535)
