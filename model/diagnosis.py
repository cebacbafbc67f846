"""What a curve tells about its recipe: hints in plain language, each with one change to try."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.config import Activation, Optimizer, TrainingConfig, bounds
from model.inference import Network, activations
from model.messages import N_, Message
from model.slices import EpochMetrics

# Recipes that learn are far above this after two epochs; one that L2 kept down reached 42 %.
_LEARNED_ACCURACY = 0.5
_PATIENCE_EPOCHS = 2
# A loss so many times that of the untrained network, which costs about as much as guessing.
_EXPLODED = 2.0
# Epochs that are looked at together, so that a single noisy one decides nothing.
_WINDOW = 3
# Validation loss above its best by this share is worse; below the window before by this, better.
_WORSE, _BETTER = 0.02, 0.01
# Learning by heart shows in a training loss below this share of the validation loss.
_BY_HEART = 0.5
# Half of a layer that never lights up has stopped taking part; in the seed recipe no unit is dead.
_DEAD_SHARE = 0.5
# Penalties from here on have kept networks at guessing, and so has dropout.
_STRONG_L2, _STRONG_DROPOUT = 0.03, 0.8
# Above these an optimizer's steps are too large rather than too small.
_LARGE_RATE = {
    Optimizer.SGD: 0.5,
    Optimizer.MOMENTUM: 0.05,
    Optimizer.RMSPROP: 0.01,
    Optimizer.ADAM: 0.01,
}
_MORE_EPOCHS = 20


class HintKind(StrEnum):
    """What may be wrong with a recipe."""

    EXPLODING = "exploding"
    NOT_LEARNING = "not_learning"
    DEAD_UNITS = "dead_units"
    OVERFITTING = "overfitting"
    STILL_IMPROVING = "still_improving"


@dataclass(frozen=True)
class Hint:
    """What is seen (``text``), and one change (``action`` is its name): either ``changes`` of the
    recipe's fields for another run, or ``more_epochs`` for the same one."""

    kind: HintKind
    text: Message
    action: Message
    changes: Mapping[str, Any] = field(default_factory=dict)
    more_epochs: int = 0


def diagnose(
    config: TrainingConfig,
    history: Sequence[EpochMetrics],
    dead: Sequence[float] = (),
    exploded: bool = False,
) -> list[Hint]:
    """Hints on a run, the most important first; none where there is nothing to say.

    ``history`` begins with the untrained network, ``dead`` is what ``dead_shares`` found, and
    ``exploded`` says that the run was ended because of its loss.
    """
    if exploded or _has_exploded(history):
        return [
            _smaller_steps(config, HintKind.EXPLODING, N_("The loss has exploded: each step jumps too far."))
        ]
    if len(history) <= 1:
        return []
    if len(history) > _PATIENCE_EPOCHS and _best_accuracy(history) < _LEARNED_ACCURACY:
        return [_not_learning(config)]
    hints = []
    if max(dead, default=0) >= _DEAD_SHARE:
        text = N_("Many units never light up any more: large steps have pushed them out of reach.")
        hints.append(_smaller_steps(config, HintKind.DEAD_UNITS, text))
    if _is_overfitting(history):
        hints.append(_overfitting(config, _best_epoch(history)))
    elif _is_improving(history) and history[-1].epoch < bounds("epochs")[1]:
        hints.append(_more_epochs(history[-1].epoch))
    return hints


def dead_shares(network: Network, images: NDArray[np.uint8]) -> list[float]:
    """For each hidden layer of ReLUs the share of units that no image of (N, 784) lights up; for
    other activations nothing, since their units are never quite dead."""
    if network.activation != Activation.RELU:
        return []
    return [float(np.mean((layer == 0).all(axis=0))) for layer in activations(network, images)[:-1]]


def _has_exploded(history: Sequence[EpochMetrics]) -> bool:
    if len(history) <= 1:
        return False
    untrained = history[0].validation.loss
    return max(point.training.loss for point in history[1:]) > _EXPLODED * untrained


def _best_accuracy(history: Sequence[EpochMetrics]) -> float:
    last = history[-_WINDOW:]
    return max(max(point.training.accuracy, point.validation.accuracy) for point in last)


def _best_epoch(history: Sequence[EpochMetrics]) -> int:
    return min(history[1:], key=lambda point: point.validation.loss).epoch


def _mean_loss(points: Sequence[EpochMetrics]) -> float:
    return sum(point.validation.loss for point in points) / len(points)


def _is_overfitting(history: Sequence[EpochMetrics]) -> bool:
    """Validation has been worse for a while, and training is far better than it."""
    best, now = history[_best_epoch(history)], _mean_loss(history[-_WINDOW:])
    return (
        history[-1].epoch - best.epoch >= _WINDOW
        and now > (1 + _WORSE) * best.validation.loss
        and history[-1].training.loss < _BY_HEART * now
    )


def _is_improving(history: Sequence[EpochMetrics]) -> bool:
    trained = history[1:]
    if len(trained) < 2 * _WINDOW:
        return history[-1].validation.loss < history[-2].validation.loss
    before, now = _mean_loss(trained[-2 * _WINDOW : -_WINDOW]), _mean_loss(trained[-_WINDOW:])
    return now < (1 - _BETTER) * before


def _not_learning(config: TrainingConfig) -> Hint:
    kind = HintKind.NOT_LEARNING
    if config.l2 >= _STRONG_L2:
        return Hint(
            kind,
            Message(N_("It does not learn: the L2 penalty is so strong that all weights shrink to nothing.")),
            Message(N_("Try an L2 penalty of {penalty}"), {"penalty": 0.0001}),
            {"l2": 0.0001},
        )
    if config.dropout >= _STRONG_DROPOUT:
        return Hint(
            kind,
            Message(N_("It does not learn: dropout switches off almost all units in every step.")),
            Message(N_("Try a dropout of {share}"), {"share": 0.2}),
            {"dropout": 0.2},
        )
    if config.learning_rate > _LARGE_RATE[config.optimizer]:
        text = N_("It does not learn: each step jumps so far that nothing is kept.")
        return _smaller_steps(config, kind, text)
    if config.activation == Activation.SIGMOID and len(config.hidden_layers) > 1:
        return Hint(
            kind,
            Message(
                N_("It hardly learns: through several layers of sigmoids almost no gradient comes back.")
            ),
            Message(N_("Try the activation ReLU")),
            {"activation": Activation.RELU.value},
        )
    rate = min(_tenfold(config.learning_rate), bounds("learning_rate")[1])
    return Hint(
        kind,
        Message(N_("It hardly learns: the steps may be too small.")),
        Message(N_("Try a learning rate of {rate}"), {"rate": rate}),
        {"learning_rate": rate},
    )


def _smaller_steps(config: TrainingConfig, kind: HintKind, text: str) -> Hint:
    rate = max(float(f"{config.learning_rate / 10:.3g}"), bounds("learning_rate")[0])
    return Hint(
        kind,
        Message(text),
        Message(N_("Try a learning rate of {rate}"), {"rate": rate}),
        {"learning_rate": rate},
    )


def _overfitting(config: TrainingConfig, best_epoch: int) -> Hint:
    kind = HintKind.OVERFITTING
    text = Message(
        N_(
            "It begins to learn its training images by heart: since epoch {epoch} it gets better on them "
            "and worse on the others."
        ),
        {"epoch": best_epoch},
    )
    if config.dropout == 0 and config.hidden_layers:
        action = Message(N_("Try a dropout of {share}"), {"share": 0.3})
        return Hint(kind, text, action, {"dropout": 0.3})
    if config.augmentation == 0:
        action = Message(N_("Try an augmentation of {strength}"), {"strength": 0.5})
        return Hint(kind, text, action, {"augmentation": 0.5})
    return Hint(
        kind, text, Message(N_("Stop after {count} epochs"), {"count": best_epoch}), {"epochs": best_epoch}
    )


def _more_epochs(epoch: int) -> Hint:
    count = min(_MORE_EPOCHS, bounds("epochs")[1] - epoch)
    return Hint(
        HintKind.STILL_IMPROVING,
        Message(N_("It was still getting better when it ended.")),
        Message(N_("Train {count} epochs more"), {"count": count}),
        more_epochs=count,
    )


def _tenfold(rate: float) -> float:
    return float(f"{rate * 10:.3g}")
