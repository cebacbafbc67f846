"""MNIST, shipped in the repository and checked by checksum.

60,000 training and 10,000 test images of 28x28 pixels by Yann LeCun, Corinna Cortes and
Christopher J. C. Burges, CC BY-SA 3.0 (see ``model/data/LICENCE.md``).
``model/build_data.py`` made the two files from the original IDX files.
"""

import hashlib
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.messages import N_, Message, MessageError

FOLDER = Path(__file__).parent / "data"

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
    path = folder / f"{name}.npz"
    restore = {"file": f"model/data/{path.name}", "command": f"git checkout -- model/data/{path.name}"}
    try:
        with np.load(path, allow_pickle=False) as arrays:
            images, labels = arrays["images"], arrays["labels"]
    except FileNotFoundError:
        raise DataError(
            Message(N_("The data file {file} is missing. To restore it, run: {command}"), restore)
        ) from None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error):
        raise _damaged(restore) from None
    if checksum(images, labels) != CHECKSUMS[name]:
        raise _damaged(restore)
    images.setflags(write=False)
    labels.setflags(write=False)
    return LabelledImages(images, labels)


def checksum(images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> str:
    """SHA-256 in hex over the images' bytes, then the labels'."""
    digest = hashlib.sha256(images.tobytes())
    digest.update(labels.tobytes())
    return digest.hexdigest()


def _damaged(restore: dict[str, str]) -> DataError:
    return DataError(Message(N_("The data file {file} is damaged. To restore it, run: {command}"), restore))
