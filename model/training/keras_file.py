"""A network as a ``.keras`` file, made in the engine, where Keras is."""

import io
import json
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from model.config import TrainingConfig
from model.slices import Arrays
from model.training.network import build_mlp

# What later versions of Keras 3 write, with the value that leaves everything as it was; earlier ones refuse
# to open a file that has them. ``python -m testing.keras_versions`` tries which versions open ours.
_NEW_FIELDS = {
    "quantization_config": None,
    "input_axes": None,
    "output_axes": None,
    "optional": False,
    "ragged": False,
}


def keras_file(config: TrainingConfig, weights: Arrays) -> bytes:
    """What ``keras.models.load_model`` of every Keras 3 opens: the layers of ``config`` with these
    ``weights``."""
    model = build_mlp(config)
    model.set_weights(list(weights))
    # Keras saves to a path only.
    with tempfile.TemporaryDirectory(prefix="digitlab-keras-") as folder:
        path = Path(folder) / "network.keras"
        model.save(path)
        return _for_every_keras(path.read_bytes())


def _for_every_keras(file: bytes) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(file)) as source, zipfile.ZipFile(written, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "config.json":
                content = json.dumps(_without_new_fields(json.loads(content))).encode()
            target.writestr(name, content)
    return written.getvalue()


def _without_new_fields(value: Any) -> Any:
    """``value``, part of the configuration of a model, as the first Keras 3 would have written it."""
    if isinstance(value, list):
        return [_without_new_fields(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("class_name") == "DTypePolicy":
        return value["config"]["name"]
    return {
        key: _without_new_fields(item)
        for key, item in value.items()
        if key not in _NEW_FIELDS or item != _NEW_FIELDS[key]
    }
