"""MNIST, shipped in the repository and checked by checksum.

60,000 training and 10,000 test images of 28x28 pixels by Yann LeCun, Corinna Cortes and
Christopher J. C. Burges, CC BY-SA 3.0 (see ``model/data/LICENCE.md``).
``model/data/build.py`` made the two files from the original IDX files.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.messages import N_, Message, MessageError

FOLDER = Path(__file__).parent

# SHA-256 over the bytes of the images followed by those of the labels.
CHECKSUMS = {
    "train": "edc0d1098aa497be14ace79ddd5171e5a3dcf9c4d196c015389203eb3ba1f59b",
    "test": "c3f9adf9c66efb572b1f9326c3a511b45910c7173b97be66ceceeeeaef6b802b",
}


class DataError(MessageError):
    """A data file is missing or damaged."""


@dataclass(frozen=True)
class LabelledImages:
    """``images`` uint8 (N, 784), 0 is background and 255 full ink; ``labels`` uint8 (N,), 0-9.

    Both arrays are read-only: they are shared by everybody in the process.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.labels)


def load(name: str, folder: Path = FOLDER) -> LabelledImages:
    """The ``"train"`` or the ``"test"`` images.

    Raises:
        DataError: the file is missing or is not what was shipped.
    """
    path, shipped = folder / f"{name}.npz", f"model/data/{name}.npz"
    arrays = read_arrays(path, shipped)
    if arrays.keys() != {"images", "labels"} or checksum(**arrays) != CHECKSUMS[name]:
        raise damaged(shipped)
    images, labels = arrays["images"], arrays["labels"]
    images.setflags(write=False)
    labels.setflags(write=False)
    return LabelledImages(images, labels)


def checksum(images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> str:
    """SHA-256 in hex over the images' bytes, then the labels'."""
    digest = hashlib.sha256(images.tobytes())
    digest.update(labels.tobytes())
    return digest.hexdigest()


def read_arrays(path: Path, shipped: str) -> dict[str, NDArray[Any]]:
    """All arrays of the ``.npz`` file at ``path``, read without pickle.

    ``shipped`` is where the repository has this file.

    Raises:
        DataError: the file is missing or cannot be read.
    """
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except FileNotFoundError:
        missing = N_("The data file {file} is missing. To restore it, run: {command}")
        raise DataError(Message(missing, _restore(shipped))) from None
    except Exception:
        # A damaged zip directory can raise almost anything: BadZipFile, zlib.error, RuntimeError
        # ("encrypted"), NotImplementedError, TypeError, EOFError, ...
        raise damaged(shipped) from None


def damaged(shipped: str) -> DataError:
    """The error for a file that is there and is not what was shipped."""
    return DataError(
        Message(N_("The data file {file} is damaged. To restore it, run: {command}"), _restore(shipped))
    )


def _restore(shipped: str) -> dict[str, str]:
    return {"file": shipped, "command": f"git checkout -- {shipped}"}
