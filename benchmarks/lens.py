"""How long does the lens compute for one frame, while the pen moves?

    python -m benchmarks.lens --json

In real Chromium, on a page of its own, for the lesson's network, the starter and the largest that can be
built: from the strokes of an 8 to the probabilities (preparation and forward pass, ``lens.js``), without
painting. Thirty frames a second leave 33 ms. Milliseconds, p50 and p95 of ``--tries`` frames.
"""

import argparse
import base64
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser

from benchmarks.browser import chromium
from benchmarks.report import machine, report
from model.config import MAX_HIDDEN_LAYERS, MAX_UNITS, TrainingConfig
from model.inference import Network
from model.slices import initial_state
from model.starter import recording, starter
from testing.strokes import DIGITS
from ui.components import lens
from ui.components.script import script

_SIDE = 280
_SOURCE = script(Path(lens.__file__).with_name("lens.js"))
_FRAMES = """async ([source, network, strokes, tries]) => {
    const lens = await import(URL.createObjectURL(new Blob([source], {type: "text/javascript"})))
    const decoded = await lens.decodeNetwork(Uint8Array.from(atob(network), letter => letter.charCodeAt(0)))
    return Array.from({length: tries}, () => {
        const start = performance.now()
        lens.forward(decoded, lens.prepareStrokes(strokes, decoded.preparation))
        return performance.now() - start
    })
}"""


def networks() -> dict[str, Network]:
    largest = TrainingConfig(hidden_layers=(MAX_UNITS,) * MAX_HIDDEN_LAYERS)
    return {
        "lesson": recording.load().network,
        "starter": starter.load().network,
        "largest": Network.from_arrays(initial_state(largest).weights, largest.activation),
    }


def frames(browser: Browser, name: str, network: Network, tries: int) -> list[float]:
    """Milliseconds of ``tries`` frames, the first ones, which compile, apart."""
    strokes = [(np.array(stroke) * _SIDE).tolist() for stroke in DIGITS[8]]
    encoded = base64.b64encode(lens.packed(name, network)).decode()
    page = browser.new_page()
    found: list[float] = page.evaluate(_FRAMES, [_SOURCE, encoded, strokes, tries + 5])
    page.close()
    return found[5:]


def main() -> None:
    parser = argparse.ArgumentParser(description="What the lens needs for one frame, in real Chromium.")
    parser.add_argument("--tries", type=int, default=100)
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    arguments = parser.parse_args()
    if arguments.tries < 1:
        parser.error("at least 1 try")
    with chromium() as browser:
        measured = {
            name: frames(browser, name, network, arguments.tries) for name, network in networks().items()
        }
    result = {
        name: {f"p{share}": float(np.percentile(values, share)) for share in (50, 95)}
        for name, values in measured.items()
    }
    rows = [(name, f"{value['p50']:.2f}", f"{value['p95']:.2f}") for name, value in result.items()]
    report(
        (f"{arguments.tries} frames, ms", "p50", "p95"),
        rows,
        {"frame_ms": result, "tries": arguments.tries, "machine": machine()},
        arguments.json,
    )


if __name__ == "__main__":
    main()
