"""The links that contribute most to the logit of a digit."""

from dataclasses import dataclass

import numpy as np

from model.drawing.strokes import Ink
from model.inference import Network, activations, ink_of


@dataclass(frozen=True)
class Link:
    """From unit ``start`` of layer ``layer`` (0: the pixels) to unit ``end`` of the next, and what
    it adds to that unit's sum: activation times weight."""

    layer: int
    start: int
    end: int
    contribution: float


def strongest_links(network: Network, ink: Ink, digit: int, count: int) -> list[Link]:
    """The links that speak loudest on the way to ``digit``, at most ``count`` between two layers.

    Traced back from the logit of ``digit``: the largest contributions to it, without their sign,
    then the largest to the units where these begin, and so on down to the pixels.
    """
    passed = [ink_of(ink)[0], *(layer[0] for layer in activations(network, ink)[:-1])]
    kernels = network.weights[::2]
    links: list[Link] = []
    ends = np.array([digit])
    for layer in reversed(range(len(kernels))):
        parts = passed[layer][:, None] * kernels[layer][:, ends]
        order = np.argsort(-np.abs(parts), axis=None, kind="stable")[:count]
        starts, places = np.unravel_index(order, parts.shape)
        found = [
            Link(layer, start, int(ends[place]), float(parts[start, place]))
            for start, place in zip(starts.tolist(), places.tolist(), strict=True)
            if parts[start, place] != 0
        ]
        links = found + links
        ends = np.unique(np.array([link.start for link in found], np.int64))
    return links
