"""The path that is followed through a training step: a unit of every layer, picked or the strongest."""

from collections.abc import Mapping

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from model.config import CLASSES
from model.explain.backpropagation import TrainingStep
from ui.base import session
from ui.base.text import _
from ui.look_inside import inside
from ui.look_inside.training_step.stages import Followed
from ui.reading.unit_names import unit_name

# What can be chosen in place of a unit: the one that adds most to the unit that is followed next.
_STRONGEST = -1
# Units of a layer that are offered, those that add most; a click on the picture picks any.
_OFFERED = 20


def path_of(step: TrainingStep) -> tuple[int, ...]:
    """What the visitor picked; elsewhere, traced back from the label, the unit that adds most to the next."""
    sizes, picked = step.network.layer_sizes, inside.followed.get()
    path = [_picked(picked, len(sizes) - 1, sizes, step.label)]
    for layer in reversed(range(len(sizes) - 1)):
        strongest = int(np.abs(_parts(step, layer, path[0])).argmax())
        path.insert(0, _picked(picked, layer, sizes, strongest))
    return tuple(path)


def choose_path(followed: Followed) -> None:
    """A select box for every layer, the pixels first."""
    last = len(followed.sizes) - 1
    with st.expander(_("Follow other pixels, units or digits")):
        st.caption(_("The strongest come first. You can also click a unit in the diagram above."))
        for layer in range(last):
            parts = _parts(followed.step, layer, followed.path[layer + 1])
            label = _("Pixel") if layer == 0 else _("Unit of layer {layer}", layer=layer)
            offered = np.argsort(-np.abs(parts), kind="stable")[:_OFFERED]
            _choose_unit(layer, followed, label, _("the strongest"), offered.tolist())
        _choose_unit(last, followed, _("Digit"), _("the correct digit"), list(range(CLASSES)))
        st.button(_("Follow the strongest links"), key="inside_strongest", on_click=inside.followed.reset)


def _choose_unit(layer: int, followed: Followed, label: str, strongest: str, offered: list[int]) -> None:
    """``strongest`` names what is followed where nothing is picked."""
    unit, key = followed.path[layer], f"inside_follow_{layer}"
    index = slot(layer, followed.sizes)
    is_picked = inside.followed.get().get(index) == unit
    session.prefer(key, unit if is_picked else _STRONGEST, anew=True)
    st.selectbox(
        label,
        [_STRONGEST, *dict.fromkeys([*offered, unit])],
        format_func=lambda option: (
            strongest if option == _STRONGEST else unit_name(layer, option, followed.sizes)
        ),
        key=key,
        on_change=lambda: inside.follow(index, session.value(key)),
    )


def slot(layer: int, sizes: tuple[int, ...]) -> int:
    """Where a pick of ``layer`` is kept: a digit stays a digit in networks with more layers or fewer."""
    return -1 if layer == len(sizes) - 1 else layer


def _picked(picked: Mapping[int, int], layer: int, sizes: tuple[int, ...], otherwise: int) -> int:
    unit = picked.get(slot(layer, sizes), _STRONGEST)
    return unit if 0 <= unit < sizes[layer] else otherwise


def _parts(step: TrainingStep, layer: int, end: int) -> NDArray[np.float32]:
    """What each unit of ``layer`` adds to the sum of unit ``end`` of the next: float32 (units,)."""
    parts: NDArray[np.float32] = step.before.activations[layer] * step.network.layers[layer].kernel[:, end]
    return parts
