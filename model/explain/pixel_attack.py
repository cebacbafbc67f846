"""The fewest pixels that change a prediction, as far as a quick search finds them."""

from dataclasses import dataclass

import numpy as np

from model.drawing.strokes import SIDE, Ink
from model.explain.integrated_gradients import input_gradient, logit_direction
from model.inference import ForwardPass, Network, forward, logits
from model.slices import Values

# Of all pixels, how many of the most promising are tried at every step.
_TRIED = 256


@dataclass(frozen=True)
class Attack:
    """``ink`` float32 (28, 28) with ``pixels`` turned over, rows first, 0-783, and the ``probabilities``
    float32 (10,) for that; ``reached`` says whether it is enough to change the prediction."""

    ink: Ink
    probabilities: Values
    pixels: tuple[int, ...]
    reached: bool


def fewest_pixels(image: ForwardPass, target: int | None = None, most: int = 60) -> Attack:
    """Pixels of one ``image`` to turn over, at most ``most``, until the prediction is ``target``;
    ``None``: any other digit.

    Turning over makes paper full ink and ink paper. At every step all pixels that the gradient
    finds promising are tried out, and the one stays that helps most, as in Papernot et al. 2016 but
    by its true effect. In the end those that turned out not to be needed are turned back. Greedy: fewer
    pixels may do.
    """
    network, now = image.network, image
    predicted = int(image.logits.argmax())
    changed: list[int] = []
    while (lead := float(_leads(now.logits[None], predicted, target)[0])) <= 0 and len(changed) < most:
        candidates = _promising(now, changed, predicted, target)
        leads = _leads(logits(network, _turned_over(now.ink, candidates)), predicted, target)
        best = int(candidates[leads.argmax()])
        changed.append(best)
        now = forward(network, _turned_over(now.ink, np.array([best]))).image(0)
    if reached := lead > 0:
        ink, changed = _spare(network, now.ink, image.ink, changed, predicted, target)
        now = forward(network, ink).image(0)
    return Attack(now.ink.reshape(SIDE, SIDE), now.probabilities, tuple(changed), reached)


def _leads(scores: Values, predicted: int, target: int | None) -> Values:
    """How far the wanted digit is before its best rival, (N,), by ``scores`` (N, 10); it wins above 0."""
    ours = np.zeros(scores.shape[1], bool)
    ours[predicted if target is None else target] = True
    difference: Values = scores[:, ours].max(axis=1) - scores[:, ~ours].max(axis=1)
    return -difference if target is None else difference


def _promising(
    now: ForwardPass, changed: list[int], predicted: int, target: int | None
) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """The pixels not yet changed that would help most if the network were linear."""
    wanted = _best(now.logits, predicted) if target is None else target
    rival = predicted if target is None else _best(now.logits, target)
    gradient = input_gradient(now, logit_direction(wanted, rival))
    gains = gradient * np.where(now.ink < 0.5, 1 - now.ink, -now.ink)
    gains[changed] = -np.inf
    return np.argsort(-gains, kind="stable")[: min(_TRIED, len(gains) - len(changed))]


def _best(scores: Values, apart_from: int) -> int:
    others = scores.copy()
    others[apart_from] = -np.inf
    return int(others.argmax())


def _turned_over(ink: Values, pixels: np.ndarray[tuple[int], np.dtype[np.intp]]) -> Values:
    """Copies of ``ink``, each with one of ``pixels`` turned over: (N, 784)."""
    copies = np.tile(ink, (len(pixels), 1))
    copies[np.arange(len(pixels)), pixels] = ink[pixels] < 0.5
    return copies


def _spare(
    network: Network, now: Values, before: Values, changed: list[int], predicted: int, target: int | None
) -> tuple[Values, list[int]]:
    """``now`` and ``changed`` without pixels that were not needed."""
    while changed:
        copies = np.tile(now, (len(changed), 1))
        copies[np.arange(len(changed)), changed] = before[changed]
        leads = _leads(logits(network, copies), predicted, target)
        best = int(leads.argmax())
        if leads[best] <= 0:
            break
        now, changed = copies[best], changed[:best] + changed[best + 1 :]
    return now, changed
