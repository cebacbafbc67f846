"""The curves of a run as CSV."""

import csv
import io
from collections.abc import Sequence

from model.slices import EpochMetrics


def curves_csv(history: Sequence[EpochMetrics]) -> str:
    """A line an epoch, the untrained network as epoch 0; losses in nats, accuracies 0-1."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["epoch", "training loss", "training accuracy", "validation loss", "validation accuracy"])
    for point in history:
        training, validation = point.training, point.validation
        writer.writerow([point.epoch, training.loss, training.accuracy, validation.loss, validation.accuracy])
    return text.getvalue()
