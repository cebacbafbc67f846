"""One unit opened: its weights, its sum with the image's numbers, where it sends it, what excites it."""

import numpy as np
import streamlit as st

from model.explain.backpropagation import unit_sum
from model.explain.links import links_onward
from model.inference import ink_of
from ui.base import resources, session
from ui.base.text import _, decimals, number, percent
from ui.components import tiles
from ui.look_inside import inside
from ui.look_inside.formulas import (
    SUM,
    activated,
    activation_formula,
    activation_symbols,
    exactly,
    significant,
    sum_symbols,
)
from ui.look_inside.subject import Subject, opened_unit
from ui.networks import measurements
from ui.reading.diverged import tell_diverged
from ui.reading.sums import SHOWN, show_sum
from ui.reading.unit_names import layer_name, unit_name

_LAYER, _PLACE = "inside_unit_layer", "inside_unit_place"
_PICTURE_SIDE = 168


def show_unit(shown: Subject) -> None:
    if tell_diverged(shown.forward.logits):
        return
    layer, unit = opened_unit(shown)
    _choose_another(layer, unit, shown.sizes)
    left, right = st.columns(2, gap="large")
    with left:
        _show_sum(shown, layer, unit)
        _show_onward(shown, layer, unit)
    with right:
        if layer == 1:
            _show_weights(shown, unit)
        _show_exciting(shown, layer, unit)
    _show_exactly(shown, layer)


def _choose_another(layer: int, unit: int, sizes: tuple[int, ...]) -> None:
    # Digits are counted from 0, units of hidden layers from 1.
    first = 0 if layer == len(sizes) - 1 else 1
    session.prefer(_LAYER, layer, anew=True)
    session.prefer(_PLACE, unit + first, anew=True)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        st.segmented_control(
            _("Layer"),
            range(1, len(sizes)),
            required=True,
            format_func=lambda layer: layer_name(layer, sizes),
            key=_LAYER,
            on_change=lambda: inside.open_unit(session.value(_LAYER), 0),
            wrap=True,
        )
        st.number_input(
            _("Digit, {first} to {last}", first=0, last=sizes[layer] - 1)
            if first == 0
            else _("Unit, {first} to {last}", first=1, last=sizes[layer]),
            min_value=first,
            max_value=sizes[layer] - 1 + first,
            key=_PLACE,
            on_change=lambda: inside.open_unit(layer, session.value(_PLACE) - first),
            width=150,
        )


def _show_sum(shown: Subject, layer: int, unit: int) -> None:
    sizes = shown.sizes
    written = unit_sum(shown.forward, layer - 1, unit, SHOWN)
    st.subheader(_("Pre-activation: the weighted sum"), anchor=False)
    if layer == 1:
        st.markdown(_("The ink of each pixel times the weight of its link, all added up, plus the bias:"))
        value = _("ink")
    else:
        st.markdown(
            _(
                "The activation of each unit in the previous layer times the weight of its link, all added "
                "up, plus the bias:"
            )
        )
        value = _("activation")
    show_sum(
        written,
        lambda start: unit_name(layer - 1, start, sizes),
        _("from"),
        value,
        _("weighted sum (logit)") if layer == len(sizes) - 1 else _("weighted sum"),
    )
    if layer > 1:
        _buttons("from", [(layer - 1, term.unit) for term in written.terms], sizes)


def _show_onward(shown: Subject, layer: int, unit: int) -> None:
    sizes, network = shown.sizes, shown.network
    if layer == len(sizes) - 1:
        st.subheader(_("Probability"), anchor=False)
        st.markdown(
            _(
                "Softmax compares this logit with the other nine: probability **{probability}**.",
                probability=percent(float(shown.forward.probabilities[unit]), 1),
            )
        )
        return
    pre_activation = unit_sum(shown.forward, layer - 1, unit, 0).total
    activation = float(shown.forward.activations[layer][unit])
    st.subheader(_("Activation"), anchor=False)
    st.latex(activated(network.activation, significant(pre_activation), significant(activation)))
    links = links_onward(shown.forward, layer, unit, SHOWN)
    st.subheader(_("Outgoing links"), anchor=False)
    if not links:
        st.markdown(_("Its activation is 0, so it adds nothing to the next layer."))
        return
    weights = network.layers[layer].kernel[unit]
    added = decimals([link.contribution for link in links])
    st.table(
        {
            _("to"): [unit_name(layer + 1, link.end, sizes) for link in links],
            _("weight"): [number(float(weights[link.end]), 3) for link in links],
            _("contribution"): [number(link.contribution, added) for link in links],
        }
    )
    _buttons("to", [(layer + 1, link.end) for link in links], sizes)


def _buttons(key: str, units: list[tuple[int, int]], sizes: tuple[int, ...]) -> None:
    """A button for each of ``units``, given by layer and index, that opens it."""
    with st.container(horizontal=True, gap="xsmall"):
        for index, (layer, unit) in enumerate(units):
            st.button(
                unit_name(layer, unit, sizes),
                key=f"open_{key}_{index}",
                on_click=inside.open_unit,
                args=(layer, unit),
            )


def _show_weights(shown: Subject, unit: int) -> None:
    st.subheader(_("Its weights as a picture"), anchor=False)
    weights, untrained = shown.network.layers[0].kernel[:, unit], shown.untrained
    pictures = {_("weights"): weights}
    if untrained:
        pictures[_("change from training")] = weights - untrained.network.layers[0].kernel[:, unit]
    pictures[_("weight × ink")] = weights * shown.forward.ink
    tiles.show(
        "inside_unit_pictures",
        np.stack([picture / (np.abs(picture).max() or 1) for picture in pictures.values()]),
        names=list(pictures),
        captions=list(pictures),
        colours=tiles.Colours.SIGNED,
        alt=_("The weights of this unit as pictures."),
        side=_PICTURE_SIDE,
    )
    st.caption(
        _(
            "Ink on blue pixels raises the weighted sum; ink on orange pixels lowers it. Each picture has "
            "its own colour scale."
        )
    )


def _show_exciting(shown: Subject, layer: int, unit: int) -> None:
    key, network = shown.choice.key, shown.network
    about = measurements.layer_statistics(key, network)[layer - 1]
    st.subheader(_("Images with the highest activation"), anchor=False)
    if about.dead[unit]:
        st.markdown(
            _(
                "**A dead unit.** Its activation is the same for the first {count} test images: for the "
                "next layer it is like a bias.",
                count=measurements.PROBE_IMAGES,
            )
        )
        return
    test, found = resources.test_images(), measurements.most_exciting(key, network, layer - 1, unit)
    indices = [index for index, _value in found]
    labels = test.labels[indices].tolist()
    values = [number(value, 2) for _image, value in found]
    tiles.show(
        "inside_exciting",
        ink_of(test.images[indices]),
        names=[
            _("Test image {number}, digit {digit}: {value}", number=index + 1, digit=label, value=value)
            for index, label, value in zip(indices, labels, values, strict=True)
        ],
        captions=values,
        colours=tiles.Colours.INK,
        alt=_(
            "The test images with the highest activation of this unit. Click one to send it through the "
            "network."
        ),
        on_click=lambda index: inside.look_at(indices[index]),
    )
    st.caption(
        _(
            "From the first {count} test images. On {share} of them, the activation is above 0. Click an "
            "image to send it through the network.",
            count=measurements.PROBE_IMAGES,
            share=percent(float(about.active[unit])),
        )
    )


def _show_exactly(shown: Subject, layer: int) -> None:
    lines = [(SUM, sum_symbols())]
    if layer < len(shown.sizes) - 1:
        lines.append((activation_formula(shown.network.activation), activation_symbols()))
    exactly(*lines)
