"""A network as a ``.keras`` file, made in the engine, where Keras is."""

import tempfile
from pathlib import Path

from model.config import TrainingConfig
from model.slices import Arrays
from model.training.network import build_mlp


def keras_file(config: TrainingConfig, weights: Arrays) -> bytes:
    """What ``keras.models.load_model`` opens: the layers of ``config`` with these ``weights``."""
    model = build_mlp(config)
    model.set_weights(list(weights))
    # Keras saves to a path only.
    with tempfile.TemporaryDirectory(prefix="digitlab-keras-") as folder:
        path = Path(folder) / "network.keras"
        model.save(path)
        return path.read_bytes()
