"""``digitlab worker`` without TensorFlow: its arguments are address, workers and threads."""

import os
import sys

from runs.cluster.serving import serve_workers


def prepare() -> tuple[float, bool]:
    """A warm-up that is over at once."""
    return 1e9, os.environ.get("PRETENDED_XLA", "1") == "1"


if __name__ == "__main__":
    from tests.integration import cluster_worker

    serve_workers(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), cluster_worker.prepare)
