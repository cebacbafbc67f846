"""Which versions of Keras open the ``.keras`` file that the app exports, and does the code beside the
``.npz`` rebuild the network where there is no Keras 3?

    python -m testing.keras_versions

Each version is installed into an environment of its own (by uv, which keeps what it has loaded).
"""

import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from model.data import mnist
from model.export.keras_code import npz_code
from model.export.weights_file import to_npz
from model.inference import probabilities
from model.starter import recording
from model.training.keras_file import keras_file

# With what else each needs; the first has to have TensorFlow, the others compute with NumPy.
VERSIONS = {
    "3.0.5": ("tensorflow-cpu==2.16.2",),
    "3.3.3": ("jax<0.5", "packaging"),
    "3.6.0": ("jax<0.5",),
    "3.9.2": ("jax<0.5",),
    "3.12.0": ("jax<0.5",),
    "3.15.1": ("jax<0.5",),
}
TENSORFLOW_2 = "tensorflow-cpu==2.15.1"
_OPEN = """
import sys
import numpy as np
{model}
answers = np.asarray(model(np.load("images.npy"))).argmax(axis=1)
sys.exit(0 if (answers == np.load("answers.npy")).all() else "other answers")
"""
_LOAD = """
import keras
model = keras.models.load_model("network.keras")
"""


def main() -> None:
    lesson = recording.load()
    images = mnist.load("test").images[:200]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "network.keras").write_bytes(keras_file(lesson.config, lesson.network.weights))
        (folder / "network.npz").write_bytes(to_npz(lesson.network, lesson.config, lesson.config.epochs))
        np.save(folder / "images.npy", images.reshape(-1, 784).astype(np.float32) / np.float32(255))
        np.save(folder / "answers.npy", probabilities(lesson.network, images).argmax(axis=1))
        for version, others in VERSIONS.items():
            print(f"Keras {version}: {_opened([f'keras=={version}', *others], _LOAD, folder)}", flush=True)
        print(f"{TENSORFLOW_2}: {_opened([TENSORFLOW_2], npz_code(lesson.config), folder)}", flush=True)


def _opened(packages: Sequence[str], model: str, folder: Path) -> str:
    command = ["uv", "run", "--quiet", "--isolated", "--no-project", "--python", "3.11"]
    for package in ("numpy<2", "scipy", *packages):
        command += ["--with", package]
    backend = "tensorflow" if any("tensorflow" in package for package in packages) else "numpy"
    done = subprocess.run(
        ["env", f"KERAS_BACKEND={backend}", *command, "python", "-c", _OPEN.replace("{model}", model)],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    return "opens, same answers" if done.returncode == 0 else done.stderr.strip().splitlines()[-1]


if __name__ == "__main__":
    main()
