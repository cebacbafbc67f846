"""The training images that are nearest to a picture in the last hidden layer."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.inference import ForwardPass, Images, Network, ink_of
from model.slices import Values

# Images that go through the network at once, and how many of the nearest are measured again exactly.
_CHUNK = 4_096
_SHORTLIST = 100


@dataclass(frozen=True)
class Features:
    """What the last hidden layer makes of many images, kept small: ``values`` int8 (N, units) times
    ``steps`` float32 (units,); ``squares`` float32 (N,) are their squared lengths."""

    values: NDArray[np.int8]
    steps: Values
    squares: Values


@dataclass(frozen=True)
class Neighbours:
    """``indices`` of the nearest images among those that ``Features`` was made of, their Euclidean
    ``distances``, and the ``median`` distance of all, for comparison."""

    indices: tuple[int, ...]
    distances: tuple[float, ...]
    median: float


def last_hidden(network: Network, images: Images) -> Values:
    """The activations of the last hidden layer, float32 (N, units); the logits where there is none."""
    values = ink_of(images)
    for layer in network.layers[:-1] or network.layers:
        values = layer.activate(layer.pre_activations(values))
    return values


def features(network: Network, images: Images) -> Features:
    """``last_hidden`` of many images, rounded to 1/127 of each unit's largest value."""
    flat = images.reshape(-1, 784)
    exact = np.concatenate([last_hidden(network, flat[chunk]) for chunk in _chunks(len(flat))])
    steps = np.abs(exact).max(axis=0) / np.float32(127)
    steps[steps == 0] = 1
    exact = np.round(exact / steps, out=exact)
    values = exact.astype(np.int8)
    return Features(values, steps, np.square(exact * steps, out=exact).sum(axis=1))


def nearest(
    image: ForwardPass, known: Features, images: Images, count: int, among: NDArray[np.bool_]
) -> Neighbours:
    """The ``count`` of ``images`` that are nearest to one ``image`` in the last hidden layer, nearest first.

    ``known`` are the features of ``images``; ``among`` bool (N,), not all false, says which to look
    at. The rounded features choose a shortlist, which is then measured exactly.
    """
    point = image.hidden[-1] if image.hidden else image.logits
    products = [
        known.values[chunk].astype(np.float32) @ (known.steps * point) for chunk in _chunks(len(among))
    ]
    squares = np.maximum(known.squares - 2 * np.concatenate(products) + point @ point, 0)
    candidates = np.flatnonzero(among)
    shortlist = candidates[np.argsort(squares[candidates], kind="stable")[:_SHORTLIST]]
    exact = np.linalg.norm(last_hidden(image.network, images[shortlist]) - point, axis=1)
    order = np.argsort(exact, kind="stable")[:count]
    median = float(np.sqrt(np.median(squares[candidates])))
    return Neighbours(tuple(shortlist[order].tolist()), tuple(exact[order].tolist()), median)


def _chunks(count: int) -> list[slice]:
    return [slice(start, start + _CHUNK) for start in range(0, count, _CHUNK)]
