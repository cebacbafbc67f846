"""The path that is followed through a training step: a unit of every layer, picked or the strongest."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from model.backpropagation import TrainingStep
from model.config import CLASSES
from ui import state
from ui.inside.names import unit_name
from ui.inside.stages import Followed
from ui.text import _, number

# What can be chosen in place of a unit: the one that adds most to the unit that is followed next.
_STRONGEST = -1
# Units of a layer that are offered, those that add most; a click on the picture picks any.
_OFFERED = 20


def path_of(step: TrainingStep) -> tuple[int, ...]:
    """What the visitor picked; elsewhere, traced back from the label, the unit that adds most to the next."""
    sizes, picked = step.network.layer_sizes, state.followed()
    path = [_picked(picked, len(sizes) - 1, sizes, step.label)]
    for layer in reversed(range(len(sizes) - 1)):
        strongest = int(np.abs(_parts(step, layer, path[0])).argmax())
        path.insert(0, _picked(picked, layer, sizes, strongest))
    return tuple(path)


def choose_path(followed: Followed) -> None:
    """A select box for every layer, the pixels first."""
    step, last = followed.step, len(followed.sizes) - 1
    picked = state.followed()
    with st.expander(_("Follow other pixels, units and digits")):
        st.caption(_("Or click them in the picture above."))
        for layer in range(last):
            parts = _parts(step, layer, followed.path[layer + 1])
            _choose_unit(layer, followed, picked, _strongest(parts), parts)
        _choose_unit(last, followed, picked, list(range(CLASSES)), None)
        st.button(_("Follow the strongest"), key="inside_strongest", on_click=state.follow_none)


def _choose_unit(
    layer: int,
    followed: Followed,
    picked: dict[int, int],
    offered: list[int],
    parts: NDArray[np.float32] | None,
) -> None:
    unit, key = followed.path[layer], f"inside_follow_{layer}"
    is_picked = picked.get(layer) == unit

    def name(option: int) -> str:
        if option == _STRONGEST:
            return _("the strongest") if parts is not None else _("the right digit")
        called = unit_name(layer, option, followed.sizes)
        if parts is None:
            return called
        return _("{unit}: adds {part}", unit=called, part=number(float(parts[option]), 3))

    state.prefer(key, unit if is_picked else _STRONGEST, anew=True)
    st.selectbox(
        _("Digit")
        if parts is None
        else _("Pixel")
        if layer == 0
        else _("Unit of layer {layer}", layer=layer),
        [_STRONGEST, *dict.fromkeys([*offered, unit])],
        format_func=name,
        key=key,
        on_change=lambda: state.follow(layer, state.value(key)),
    )


def _picked(picked: dict[int, int], layer: int, sizes: tuple[int, ...], otherwise: int) -> int:
    unit = picked.get(layer, _STRONGEST)
    return unit if 0 <= unit < sizes[layer] else otherwise


def _parts(step: TrainingStep, layer: int, end: int) -> NDArray[np.float32]:
    """What each unit of ``layer`` adds to the sum of unit ``end`` of the next: float32 (units,)."""
    parts: NDArray[np.float32] = step.activations[layer] * step.network.weights[2 * layer][:, end]
    return parts


def _strongest(parts: NDArray[np.float32]) -> list[int]:
    order: list[int] = np.argsort(-np.abs(parts), kind="stable")[:_OFFERED].tolist()
    return order
