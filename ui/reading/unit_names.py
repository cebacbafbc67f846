"""What the units of a network are called."""

from model.drawing.strokes import SIDE
from ui.base.text import _


def unit_name(layer: int, unit: int, sizes: tuple[int, ...]) -> str:
    """Unit ``unit``, from 0, of layer ``layer`` of a network with ``sizes`` units per layer: a pixel of
    layer 0, a digit of the last."""
    if layer == 0:
        return _("row {row}, column {column}", row=unit // SIDE + 1, column=unit % SIDE + 1)
    if layer == len(sizes) - 1:
        return _("digit {digit}", digit=unit)
    return _("unit {unit} of layer {layer}", unit=unit + 1, layer=layer)


def layer_name(layer: int, sizes: tuple[int, ...]) -> str:
    """What a layer behind the pixels is called."""
    if layer == len(sizes) - 1:
        return _("Output layer")
    return _("Layer {layer}: {count} units", layer=layer, count=sizes[layer])
