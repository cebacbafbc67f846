"""The fewest pixels that change a network's mind, as far as a quick search finds them."""

from dataclasses import dataclass

import numpy as np

from model.drawing.strokes import SIDE, Ink
from model.explain.integrated_gradients import input_gradient, toward
from model.inference import Network, Values, ink_of, logits

# Of all pixels, how many of the most promising are tried at every step.
_TRIED = 256


@dataclass(frozen=True)
class Attack:
    """``ink`` float32 (28, 28) with ``pixels`` turned over, rows first, 0-783; ``reached`` says
    whether that is enough to change the answer."""

    ink: Ink
    pixels: tuple[int, ...]
    reached: bool


def fewest_pixels(network: Network, ink: Ink, target: int | None = None, most: int = 60) -> Attack:
    """Pixels to turn over, at most ``most``, until the answer is ``target``; ``None``: any other answer.

    Turning over makes paper full ink and ink paper. At every step all pixels that the gradient
    finds promising are tried out, and the one stays that helps most, as in Papernot et al. 2016 but
    by its true effect. In the end those that turned out not to be needed are turned back. Greedy: fewer
    pixels may do.
    """
    now = ink_of(ink)[0]
    answer = int(logits(network, now)[0].argmax())
    changed: list[int] = []
    while (lead := float(_lead(logits(network, now), answer, target)[0])) <= 0 and len(changed) < most:
        candidates = _promising(network, now, changed, answer, target)
        leads = _lead(logits(network, _turned_over(now, candidates)), answer, target)
        best = int(candidates[leads.argmax()])
        changed.append(best)
        now = _turned_over(now, np.array([best]))[0]
    if reached := lead > 0:
        now, changed = _spare(network, now, ink_of(ink)[0], changed, answer, target)
    return Attack(now.reshape(SIDE, SIDE), tuple(changed), reached)


def _lead(scores: Values, answer: int, target: int | None) -> Values:
    """How far the wanted digit is before its best rival, (N,); it wins above 0."""
    ours = np.zeros(scores.shape[1], bool)
    ours[answer if target is None else target] = True
    difference: Values = scores[:, ours].max(axis=1) - scores[:, ~ours].max(axis=1)
    return -difference if target is None else difference


def _promising(
    network: Network, now: Values, changed: list[int], answer: int, target: int | None
) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """The pixels not yet changed that would help most if the network were linear."""
    scores = logits(network, now)[0]
    wanted = _best(scores, answer) if target is None else target
    rival = answer if target is None else _best(scores, target)
    gradient = input_gradient(network, now, toward(wanted, rival))[0]
    gains = gradient * np.where(now < 0.5, 1 - now, -now)
    gains[changed] = -np.inf
    return np.argsort(-gains, kind="stable")[: min(_TRIED, len(gains) - len(changed))]


def _best(scores: Values, apart_from: int) -> int:
    others = scores.copy()
    others[apart_from] = -np.inf
    return int(others.argmax())


def _turned_over(now: Values, pixels: np.ndarray[tuple[int], np.dtype[np.intp]]) -> Values:
    """Copies of ``now``, each with one of ``pixels`` turned over: (N, 784)."""
    copies = np.tile(now, (len(pixels), 1))
    copies[np.arange(len(pixels)), pixels] = now[pixels] < 0.5
    return copies


def _spare(
    network: Network, now: Values, before: Values, changed: list[int], answer: int, target: int | None
) -> tuple[Values, list[int]]:
    """``now`` and ``changed`` without pixels that were not needed."""
    while changed:
        copies = np.tile(now, (len(changed), 1))
        copies[np.arange(len(changed)), changed] = before[changed]
        leads = _lead(logits(network, copies), answer, target)
        best = int(leads.argmax())
        if leads[best] <= 0:
            break
        now, changed = copies[best], changed[:best] + changed[best + 1 :]
    return now, changed
