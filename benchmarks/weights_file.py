"""How long does it take to read a file of weights, and to refuse one that is no such file?

    python -m benchmarks.weights_file --json

read_ms     the largest network that is allowed, as the app saves it
refuse_ms   a hostile file: damaged, lying about its size, a bomb, or code in disguise

Milliseconds, p50 and p95 of ``--tries`` readings, and of one reading of every hostile file; ``slowest`` names
the file that took longest.
"""

import argparse
import warnings
from contextlib import suppress
from time import perf_counter

import numpy as np

from benchmarks.report import machine, report
from model.config import MAX_HIDDEN_LAYERS, MAX_UNITS, TrainingConfig
from model.export.npz_archive import WeightsFileError
from model.export.weights_file import from_npz, to_npz
from model.inference import Network
from model.slices import initial_state
from testing.hostile_weights import hostile

_LARGEST = TrainingConfig(hidden_layers=(MAX_UNITS,) * MAX_HIDDEN_LAYERS)


def read_ms(tries: int) -> list[float]:
    network = Network.from_arrays(initial_state(_LARGEST).weights, _LARGEST.activation)
    content = to_npz(network, _LARGEST, 1)
    return [_milliseconds(content) for _ in range(tries)]


def refuse_ms() -> dict[str, float]:
    """Of every hostile file, by its name."""
    with warnings.catch_warnings():
        # NumPy's, of files that are written wrongly on purpose.
        warnings.simplefilter("ignore")
        return {name: _milliseconds(content) for name, content in hostile()}


def _milliseconds(content: bytes) -> float:
    started = perf_counter()
    with suppress(WeightsFileError):
        from_npz(content)
    return (perf_counter() - started) * 1e3


def main() -> None:
    parser = argparse.ArgumentParser(description="How long reading and refusing files of weights takes.")
    parser.add_argument("--tries", type=int, default=20)
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    arguments = parser.parse_args()
    if arguments.tries < 1:
        parser.error("at least 1 try")
    refused = refuse_ms()
    measured = {"read_ms": read_ms(arguments.tries), "refuse_ms": list(refused.values())}
    result = {
        name: {f"p{share}": float(np.percentile(values, share)) for share in (50, 95)}
        for name, values in measured.items()
    }
    slowest = max(refused, key=lambda name: refused[name])
    rows = [(name, f"{value['p50']:.2f}", f"{value['p95']:.2f}") for name, value in result.items()]
    rows.append((f"slowest: {slowest}", f"{refused[slowest]:.2f}", ""))
    report(
        (f"{arguments.tries} tries", "p50", "p95"),
        rows,
        {**result, "slowest": {slowest: refused[slowest]}, "machine": machine()},
        arguments.json,
    )


if __name__ == "__main__":
    main()
