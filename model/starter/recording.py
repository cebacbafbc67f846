"""A finished run of the lesson's network that ships with the app: the seed recipe, seed 0.

``model/training/make_recording.py`` made ``model/starter/seed_recipe.npz``. It holds the weights after
every epoch as float16, a few MB; the figures of this network are measured on just these weights.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from model.config import TrainingConfig
from model.data import mnist
from model.inference import Network
from model.slices import Arrays, EpochMetrics, Score, read_only

_SHIPPED = "model/starter/seed_recipe.npz"
FILE = Path(__file__).parents[2] / _SHIPPED


@dataclass(frozen=True)
class Recording:
    """A finished run: its configuration, and metrics and weights after every epoch, 0 included."""

    config: TrainingConfig
    history: tuple[EpochMetrics, ...]
    weights: tuple[Arrays, ...]

    @property
    def network(self) -> Network:
        """The network after the last epoch."""
        return Network.from_arrays(self.weights[-1], self.config.activation)


def save(recording: Recording, path: Path = FILE) -> None:
    """Write ``recording`` to ``path``, its weights rounded to float16."""
    layers = [np.stack(epochs).astype(np.float16) for epochs in zip(*recording.weights, strict=True)]
    arrays: dict[str, Any] = {f"layer_{i}": layer for i, layer in enumerate(layers)}
    scores = [
        (m.training.loss, m.training.accuracy, m.validation.loss, m.validation.accuracy)
        for m in recording.history
    ]
    np.savez_compressed(
        path, config=np.array(recording.config.to_json()), scores=np.array(scores, np.float64), **arrays
    )


def load(path: Path = FILE) -> Recording:
    """The recording at ``path``, weights as float32.

    Raises:
        model.data.mnist.DataError: the file is missing or damaged.
    """
    arrays = mnist.read_arrays(path, _SHIPPED)
    try:
        config = TrainingConfig.from_json(str(arrays["config"]))
        layers = [arrays[f"layer_{i}"].astype(np.float32) for i in range(2 * len(config.layer_sizes) - 2)]
        history = tuple(
            EpochMetrics(epoch, Score(*row[:2].tolist()), Score(*row[2:].tolist()))
            for epoch, row in enumerate(arrays["scores"])
        )
    except (KeyError, ValueError):
        raise mnist.damaged(_SHIPPED) from None
    weights = tuple(read_only([layer[epoch] for layer in layers]) for epoch in range(len(history)))
    return Recording(config, history, weights)
