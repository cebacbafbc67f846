"""What a curve tells about its recipe: hints in plain language, each with one change to try.

The thresholds were set on about 75 real runs; their comments name those on either side.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from statistics import median
from typing import Any

import numpy as np

from model.config import LEARNING_RATES, Activation, Optimizer, TrainingConfig, bounds
from model.explain.units import LayerStatistics
from model.inference import Network
from model.messages import N_, Message
from model.slices import EpochMetrics

# Epochs whose median counts, so that a single noisy one decides nothing.
_WINDOW = 3
# Before there are as many, a network that has read fewer digits than this, in training and validation, has
# learned nothing yet; where its recipe says why, it is told. Through two layers of sigmoids, one epoch comes
# to 18 %, which does learn; through three, or at a learning rate of 0.0001, to 11 %.
_NOTHING_LEARNED = 0.15
# An L2 penalty of 0.1 keeps even Adam at 58 % of the validation images.
_LEARNED_ACCURACY = 0.6
# What the training accuracy gains from window to window on the way there: 0.115 and more through two
# layers of sigmoids, which do learn; 0.1 and less at a learning rate of 0.0001, which hardly does.
_GAIN = 0.11
# Beside the loss of the untrained network: SGD at a learning rate of 10 jumps to 100 times as much.
_JUMP = 2.0
# Better: the seed recipe gains 5 % in a window after 20 epochs, 1 % after 80. Worse: curves at rest
# sway by up to 8 % (SGD at a learning rate of 0.1), Adam's rises by 24 to 31 % within 20 epochs.
_BETTER, _WORSE = 0.01, 0.1
# Known by heart: so many errors on the training images for each one on the others. Adam comes to
# 0.1, and to 0.9 at a learning rate of 0.05, which only shakes it; the seed recipe to 1.
_BY_HEART = 2 / 3
# Of the units of a layer, at most 2 % are dead in the seed recipe and 8 % with Adam; at a learning rate
# of 1, or of 0.02 with Adam, 34 to 64 %.
_DEAD_SHARE = 0.25
# An L2 penalty of 0.03 still reaches 87 %, 0.1 fails; a dropout of 0.8 crawls, 0.9 fails.
_STRONG_L2, _STRONG_DROPOUT = 0.05, 0.8
# Learning rates that train the lesson's network well: SGD reaches 97.6 % (seed recipe: 95 %), momentum
# 97.9 %; for the other two they are Keras' own default.
_GOOD_RATE = {
    Optimizer.SGD: 0.1,
    Optimizer.MOMENTUM: 0.01,
    Optimizer.RMSPROP: 0.001,
    Optimizer.ADAM: 0.001,
}
# A run that does not learn at more than so many times the good rate takes steps that are too large.
_FAR = 5
# At less than this part of it even one epoch shows that the steps are too small.
_VERY_FAR = 20
_MORE_EPOCHS, _MAX_EPOCHS = 20, bounds("epochs")[1]
_ACTIONS = {
    "activation": N_("Try ReLU as the activation"),
    "augmentation": N_("Try an augmentation of {value}"),
    "dropout": N_("Try a dropout of {value}"),
    "epochs": N_("Stop after {value} epochs"),
    "l2": N_("Try an L2 penalty of {value}"),
    "learning_rate": N_("Try a learning rate of {value}"),
}


class HintKind(StrEnum):
    """What a curve may show."""

    NOT_LEARNING = "not_learning"
    EXPLODING = "exploding"
    STILL_IMPROVING = "still_improving"
    OVERFITTING = "overfitting"
    DEAD_UNITS = "dead_units"


@dataclass(frozen=True)
class Hint:
    """What is seen and why (``text``), and what to try (``action``, the label of a button): either
    ``changes`` of the recipe's fields for the next run, or ``more_epochs`` for this one."""

    kind: HintKind
    text: Message
    action: Message
    changes: Mapping[str, Any] = field(default_factory=dict)
    more_epochs: int = 0


def diagnose(
    config: TrainingConfig,
    history: Sequence[EpochMetrics],
    dead_shares: Sequence[float] = (),
    diverged: bool = False,
) -> list[Hint]:
    """Hints on a run, the most important first; none where there is nothing to say.

    ``history`` begins with the untrained network; ``dead_shares`` are those of the last weights;
    ``diverged`` says that the run was ended because of its loss.
    """
    if diverged:
        return [_exploding(config)]
    if len(history) <= _WINDOW:
        return _early(config, history) or _still_improving(history)
    if not _learns(history):
        return [_exploding(config) if _jumped(history) else _known_cause(config) or _too_small_steps(config)]
    return [*_dead_units(config, dead_shares), *(_overfitting(config, history) or _still_improving(history))]


def dead_shares(network: Network, layers: Sequence[LayerStatistics]) -> list[float]:
    """For each hidden layer of ReLUs the share of units, 0-1, that are dead by the statistics of its
    ``layers``; nothing for other activations, whose units are never quite silent."""
    if network.activation != Activation.RELU:
        return []
    return [float(np.mean(layer.dead)) for layer in layers[:-1]]


def _early(config: TrainingConfig, history: Sequence[EpochMetrics]) -> list[Hint]:
    """What the first epochs show: a jump of the loss, or nothing learned where the recipe says why."""
    if (
        len(history) < 2
        or max(history[-1].training.accuracy, history[-1].validation.accuracy) > _NOTHING_LEARNED
    ):
        return []
    if _jumped(history):
        return [_exploding(config)]
    cause = _known_cause(config)
    if cause is None and config.learning_rate <= _GOOD_RATE[config.optimizer] / _VERY_FAR:
        cause = _too_small_steps(config)
    return [] if cause is None else [cause]


def _learns(history: Sequence[EpochMetrics]) -> bool:
    """It reads most digits, or gets better at a pace that will take it there."""
    reached = median(point.validation.accuracy for point in history[-_WINDOW:])
    training = [point.training.accuracy for point in history[1:]]
    gain = median(training[-_WINDOW:]) - median(training[-2 * _WINDOW : -_WINDOW] or training[:1])
    return reached >= _LEARNED_ACCURACY or gain >= _GAIN


def _jumped(history: Sequence[EpochMetrics]) -> bool:
    return max(point.training.loss for point in history[1:]) > _JUMP * history[0].validation.loss


def _exploding(config: TrainingConfig) -> Hint:
    text = N_("Diverged: the loss exploded. The steps are so large that the loss rises instead of falling.")
    return _smaller_steps(config, HintKind.EXPLODING, text)


def _known_cause(config: TrainingConfig) -> Hint | None:
    """The setting that is known to keep a network from learning; ``None`` where there is none."""
    kind, good_rate = HintKind.NOT_LEARNING, _GOOD_RATE[config.optimizer]
    if config.l2 >= _STRONG_L2:
        text = N_("The network hardly learns. The L2 penalty is so strong that all weights stay close to 0.")
        return _change(kind, text, "l2", 0.0001)
    if config.dropout >= _STRONG_DROPOUT and config.hidden_layers:
        text = N_("The network hardly learns. Dropout switches off almost all hidden units in each step.")
        return _change(kind, text, "dropout", 0.2)
    if config.learning_rate > _FAR * good_rate:
        text = N_("The network does not learn. The steps are so large that each one undoes the ones before.")
        return _smaller_steps(config, kind, text)
    if config.activation == Activation.SIGMOID and len(config.hidden_layers) > 1:
        text = N_(
            "Vanishing gradient: each sigmoid layer shrinks the gradient. Almost nothing of it reaches the "
            "first layer, so the network hardly learns."
        )
        return _change(kind, text, "activation", Activation.RELU.value)
    return None


def _too_small_steps(config: TrainingConfig) -> Hint:
    text = N_("The network hardly learns. Each step changes the weights too little.")
    larger = next(rate for rate in LEARNING_RATES if rate > config.learning_rate)
    rate = max(larger, _GOOD_RATE[config.optimizer])
    return _change(HintKind.NOT_LEARNING, text, "learning_rate", rate)


def _dead_units(config: TrainingConfig, shares: Sequence[float]) -> list[Hint]:
    """Only where the learning rate can be the reason."""
    if max(shares, default=0) < _DEAD_SHARE or config.learning_rate <= _GOOD_RATE[config.optimizer]:
        return []
    text = N_(
        "Dead units: many units output 0 for every image. Steps that were too large pushed them there, "
        "and with a gradient of 0 they no longer learn."
    )
    return [_smaller_steps(config, HintKind.DEAD_UNITS, text)]


def _overfitting(config: TrainingConfig, history: Sequence[EpochMetrics]) -> list[Hint]:
    """Where validation was better once, and the training images are known far better by now.

    Behind dropout, augmentation took 10 % of the images from 95.8 % to 97.6 %, an L2 penalty to 96.0 %.
    """
    losses, last = [point.validation.loss for point in history[1:]], history[-_WINDOW:]
    windows = [median(losses[first : first + _WINDOW]) for first in range(len(losses) - _WINDOW + 1)]
    errors = 1 - median(point.training.accuracy for point in last)
    others = 1 - median(point.validation.accuracy for point in last)
    if windows[-1] < (1 + _WORSE) * min(windows) or errors > _BY_HEART * others:
        return []
    best = history[1 + windows.index(min(windows)) + _WINDOW // 2].epoch
    text = N_(
        "Overfitting: it memorises the training images. The validation loss was lowest around epoch "
        "{epoch} and has risen since."
    )
    change: tuple[str, Any] = ("epochs", best)
    if config.dropout == 0 and config.hidden_layers:
        change = ("dropout", 0.3)
    elif config.augmentation == 0:
        change = ("augmentation", 0.5)
    return [_change(HintKind.OVERFITTING, text, *change, epoch=best)]


def _still_improving(history: Sequence[EpochMetrics]) -> list[Hint]:
    """Where validation is better than ever before, and there is room for more epochs."""
    losses = [point.validation.loss for point in history]
    width = min(_WINDOW, len(losses) - 1)
    count = min(_MORE_EPOCHS, _MAX_EPOCHS - len(losses) + 1)
    if width < 1 or count < 1 or median(losses[-width:]) > (1 - _BETTER) * min(losses[:-width]):
        return []
    text = Message(N_("Still improving: the validation loss keeps falling."))
    action = Message(N_("Train {count} more epochs"), {"count": count})
    return [Hint(HintKind.STILL_IMPROVING, text, action, more_epochs=count)]


def _smaller_steps(config: TrainingConfig, kind: HintKind, text: str) -> Hint:
    """The good learning rate, or where that was not small enough the next round one below."""
    smaller = [rate for rate in LEARNING_RATES if rate < config.learning_rate] or LEARNING_RATES[:1]
    return _change(kind, text, "learning_rate", min(smaller[-1], _GOOD_RATE[config.optimizer]))


def _change(kind: HintKind, text: str, name: str, value: Any, **seen: Any) -> Hint:
    return Hint(kind, Message(text, seen), Message(_ACTIONS[name], {"value": value}), {name: value})
