"""The network that is ready before anybody has trained, and its check whether an image is a digit.

``model/training/make_starter.py`` made ``model/starter/starter.npz``. Its weights are float16 there; every
figure of this network is measured on just these weights.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model.config import Activation
from model.data import mnist
from model.evaluation.calibration import evidence
from model.inference import Images, Network, logits
from model.slices import Arrays, Values, read_only

# The last training images, which it never saw: they set the temperature and the check.
HELD_OUT = 5_000
# Of 817 batches of 256 images each.
EPOCHS = 100

_SHIPPED = "model/starter/starter.npz"
FILE = Path(__file__).parents[2] / _SHIPPED


@dataclass(frozen=True)
class Starter:
    """The network, the temperature of its probabilities, and the least evidence of a digit."""

    network: Network
    temperature: float
    least_evidence: float

    def is_digit(self, images: Images) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        """For each of ``images`` (784 values each), whether it looks like any digit: bool (N,)."""
        return self.finds_digit(logits(self.network, images))

    def finds_digit(self, scores: Values) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        """``is_digit`` of images whose logits (N, 10) this network has computed already."""
        return evidence(scores) >= self.least_evidence


def rounded(weights: Arrays) -> Arrays:
    """``weights`` as they come back from the file: rounded to float16."""
    return read_only([array.astype(np.float16).astype(np.float32) for array in weights])


def save(starter: Starter, path: Path = FILE) -> None:
    """Write ``starter`` to ``path``."""
    layers = {f"layer_{i}": array.astype(np.float16) for i, array in enumerate(starter.network.weights)}
    np.savez_compressed(
        path,
        activation=np.array(starter.network.activation.value),
        check=np.array([starter.temperature, starter.least_evidence]),
        **layers,  # type: ignore[arg-type]
    )


def load(path: Path = FILE) -> Starter:
    """The starter at ``path``, weights as float32.

    Raises:
        model.data.mnist.DataError: the file is missing or damaged.
    """
    arrays = mnist.read_arrays(path, _SHIPPED)
    try:
        temperature, least_evidence = arrays["check"].tolist()
        layers = [arrays[f"layer_{i}"].astype(np.float32) for i in range(len(arrays) - 2)]
        network = Network.from_arrays(read_only(layers), Activation(str(arrays["activation"])))
    except (KeyError, ValueError):
        raise mnist.damaged(_SHIPPED) from None
    return Starter(network, temperature, least_evidence)
