"""The softmax panel, which answers in the browser while the pen moves."""

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from model.data.mnist import DataError
from model.drawing.strokes import BOX, CENTRE, MIN_EXTENT, OVERSAMPLING, PEN_WIDTH, SIDE, thinned
from model.inference import Network
from model.quantization import QuantizedLayer, quantize
from ui.base import resources, session
from ui.base.text import _, language, plural
from ui.components.drawing import Drawing
from ui.components.packing import pack
from ui.components.script import script, style
from ui.figures.softmax import SHOWN_FROM

_HERE = Path(__file__).parent
# More points than a drawing needs are not sent.
_MAX_POINTS = 1_500
# How far off the lens may be (``quantize``): the starter's and the lesson network's probabilities are within
# 1 % of the server's for 19 of 20 test images. The starter, of more than half a million parameters, forgives
# more.
_NOISE, _NOISE_OF_LARGE, _LARGE = 0.005, 0.05, 500_000
_PROBES = 500
_panel = st.components.v2.component(
    "digitlab_lens",
    js=script(_HERE / "lens.js"),
    css=style(_HERE / "lens.css", _HERE.with_name("spoken.css")),
)


def show(
    key: str,
    network: Network,
    probabilities: NDArray[np.float32] | None,
    hidden: NDArray[np.float32] | None,
    headline: str,
    drawing: Drawing | None,
    with_units: bool = True,
    has_pad: bool = True,
) -> None:
    """The server's answer, until the pen moves on the pad. A page that never ``has_pad`` for it needs no
    weights in the browser, of which a class would load thirty times what the starter has: 400 KB.

    ``key`` names ``network``. ``probabilities`` (10,) and the activations of the last hidden layer (units,);
    ``None`` for a blank, or where there is no such layer; shown ``with_units`` only. A screen reader speaks
    ``headline``. ``drawing`` is what is on the pad; without it, the lens does not answer.
    """
    units = network.layer_sizes[-2]
    has_hidden = len(network.layer_sizes) > 2
    if not with_units:
        hidden = None
    elif has_hidden and hidden is None:
        hidden = np.zeros(units, np.float32)
    _panel(
        data={
            "key": key,
            "probabilities": None if probabilities is None else probabilities.tolist(),
            "hidden": None if hidden is None else np.round(hidden, 4).tolist(),
            "language": language().replace("_", "-"),
            "alt": _("Ten bars: the probability of each digit from 0 to 9."),
            "units": plural(
                "Activation of the {count} unit of the last hidden layer",
                "Activations of the {count} units of the last hidden layer",
                units,
            ),
            "withUnits": with_units,
            "spoken": headline,
            "drawing": None if drawing is None else _as_lists(drawing),
            "shownFrom": SHOWN_FROM,
        },
        key="lens",
    )
    if has_pad and session.sent_to_lens.get() != key:
        _panel(data=packed(key, network), key="lens_weights", height=1)


def _as_lists(drawing: Drawing) -> dict[str, Any]:
    strokes = thinned(drawing.strokes, _MAX_POINTS)
    return {"strokes": [stroke.round(1).tolist() for stroke in strokes], "size": drawing.size}


def send(key: str, network: Network) -> None:
    """Give the browser the ``network`` that ``show`` is going to show. Call it outside of the fragment that
    does: a stroke would mount its weights anew."""
    _panel(data=packed(key, network), key="lens_sent", height=1)
    session.sent_to_lens.set(key)


@st.cache_resource(show_spinner=False, max_entries=64)
def packed(key: str, _network: Network) -> bytes:
    """``_network`` for the browser, compressed: a header, which says how its ink is prepared too, and weights
    of eight bits (``quantize``). A class loads this thirty times."""
    header = {
        "key": key,
        "activation": _network.activation.value,
        "sizes": _network.layer_sizes,
        "preparation": {
            "side": SIDE,
            "box": BOX,
            "centre": CENTRE,
            "penWidth": PEN_WIDTH,
            "oversampling": OVERSAMPLING,
            "smallest": MIN_EXTENT,
        },
    }
    layers = as_sent(_network)
    floats = np.concatenate([values for layer in layers for values in (layer.steps, layer.bias)])
    codes = np.concatenate([layer.codes.ravel() for layer in layers])
    content = floats.astype("<f4").tobytes() + codes.tobytes()
    # Without the time in it: who has these weights already is not to mount them anew.
    return gzip.compress(pack(header, np.frombuffer(content, np.uint8)), mtime=0)


def as_sent(network: Network) -> tuple[QuantizedLayer, ...]:
    """``network`` as a browser gets it."""
    is_large = sum(array.size for array in network.weights) > _LARGE
    try:
        probes = resources.test_images().images[:_PROBES]
    except DataError:
        # Drawings are read without it, too. One blank leaves the steps as fine as eight bits allow.
        probes = np.zeros((1, 784), np.uint8)
    return quantize(network, probes, _NOISE_OF_LARGE if is_large else _NOISE)
