"""The links that contribute most to the logit of a digit."""

from dataclasses import dataclass

import numpy as np

from model.inference import ForwardPass


@dataclass(frozen=True)
class Link:
    """From unit ``start`` of layer ``layer`` (0: the pixels) to unit ``end`` of the next, and what
    it adds to that unit's sum: activation times weight."""

    layer: int
    start: int
    end: int
    contribution: float


def strongest_links(image: ForwardPass, digit: int, count: int) -> list[Link]:
    """The links that contribute most on the way of one ``image`` to ``digit``, at most ``count`` between
    two layers.

    Traced back from the logit of ``digit``: the largest contributions to it, without their sign,
    then the largest to the units where these begin, and so on down to the pixels.
    """
    links: list[Link] = []
    ends = np.array([digit])
    for layer in reversed(range(len(image.network.layers))):
        contributions = image.activations[layer][:, None] * image.network.layers[layer].kernel[:, ends]
        order = np.argsort(-np.abs(contributions), axis=None, kind="stable")[:count]
        starts, columns = np.unravel_index(order, contributions.shape)
        into_layer = [
            Link(layer, start, int(ends[column]), float(contributions[start, column]))
            for start, column in zip(starts.tolist(), columns.tolist(), strict=True)
            if contributions[start, column] != 0
        ]
        links = into_layer + links
        ends = np.unique(np.array([link.start for link in into_layer], np.int64))
    return links


def links_onward(image: ForwardPass, layer: int, unit: int, count: int) -> list[Link]:
    """Where one ``image`` goes on to from unit ``unit`` of layer ``layer`` (0: the pixels): at most
    ``count`` links to units of the next layer, by contribution without its sign, the largest first."""
    contributions = image.activations[layer][unit] * image.network.layers[layer].kernel[unit]
    order = np.argsort(-np.abs(contributions), kind="stable")[:count]
    return [
        Link(layer, unit, end, float(contributions[end])) for end in order.tolist() if contributions[end] != 0
    ]
