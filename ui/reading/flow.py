"""A drawing on its way through a network, layer by layer."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import streamlit as st

from model.config import Activation
from model.explain.links import Link, strongest_links
from model.inference import ForwardPass
from model.slices import Values
from ui.base import session
from ui.base.text import _, number
from ui.components import chart
from ui.figures.flow import FlowTexts, flow_figure, flow_frame, unit_at
from ui.reading.unit_names import layer_name, unit_name

# Links drawn between two layers; those of the last are listed, too.
_LINKS = 5


def show_flow(
    image: ForwardPass,
    digit: int,
    key: str = "depends_flow",
    on_click: Callable[[int, int], None] | None = None,
    columns: Sequence[st.delta_generator.DeltaGenerator] | None = None,
) -> None:
    """All layers of a network, lit by one ``image``, with the strongest links on the way to ``digit``.

    A click on a unit where one of the listed links starts highlights that link. ``on_click`` is a callback
    that gets the layer and the unit of any other click, pixels being layer 0. ``columns`` are where the
    picture and its text go, if not into two new ones.
    """
    layers = [image.ink, *image.outputs]
    links = strongest_links(image, digit, _LINKS)
    sizes = image.network.layer_sizes
    texts = flow_texts(sizes)

    listed = [link for link in links if link.layer == len(sizes) - 2]
    choice = f"{key}_link"

    def clicked(trace: int, point: Any) -> None:
        place = unit_at(sizes, trace, point)
        numbers = [n for n, link in enumerate(listed, start=1) if (link.layer, link.start) == place]
        if numbers and session.value(choice) not in numbers:
            session.prefer(choice, numbers[0], anew=True)
        elif on_click and place:
            on_click(*place)

    left, right = columns or st.columns(2, gap="medium")
    with right:
        st.markdown(
            _(
                "The brighter a unit, the stronger its activation. Lines: the links that contribute most to "
                "the score (logit) of **{digit}**. Blue adds, orange subtracts.",
                digit=digit,
            )
        )
        if image.network.activation == Activation.TANH and len(sizes) > 2:
            st.markdown(_("Units below zero are orange."))
        marked = _choose_link(listed, choice)
        if links:
            _list_links(listed, layers[-2], sizes, marked)
            not_shown(
                _(
                    "Limits: only {shown} of {all} links are drawn, and many weak links together can "
                    "outweigh a strong one. The diagram does not show what a unit stands for.",
                    shown=len(links),
                    all=sum(a * b for a, b in pairwise(sizes)),
                )
            )
        else:
            st.info(
                _(
                    "No unit in the layer before the output is active for this image, so no links are drawn. "
                    "Each score (logit) is only a bias."
                )
            )
    with left:
        chart.show_live(
            chart.shared(flow_frame, sizes, texts),
            flow_figure(
                layers,
                image.probabilities,
                links,
                [link_text(link, sizes) for link in links],
                texts,
                picked=[None] * (len(sizes) - 2) + [marked.start, marked.end] if marked else (),
                numbered=[link.start for link in listed] if len(sizes) > 2 else (),
            ),
            key=key,
            alt=_("All layers from the image down to the output, with the strongest links between them."),
            on_click=clicked,
        )


def _choose_link(links: list[Link], key: str) -> Link | None:
    """Which of the ``links`` is marked in the picture and the table; none at first."""
    if not links:
        return None
    place = st.pills(_("Highlight link"), range(1, len(links) + 1), key=key)
    return None if place is None else links[place - 1]


def _list_links(links: list[Link], activations: Values, sizes: tuple[int, ...], marked: Link | None) -> None:
    """Numbered, as units are in the picture, for those who cannot hover; the ``marked`` one stands out."""

    def shown(link: Link, text: str) -> str:
        return f"**{text}**" if link is marked else text

    st.table(
        {
            _("link"): [shown(link, number(place)) for place, link in enumerate(links, start=1)],
            _("strongest links to the output"): [
                shown(link, unit_name(link.layer, link.start, sizes)) for link in links
            ],
            _("activation"): [shown(link, number(float(activations[link.start]), 2)) for link in links],
            _("contribution"): [shown(link, number(link.contribution, 2)) for link in links],
        }
    )


def flow_texts(sizes: tuple[int, ...]) -> FlowTexts:
    """What the figure of a network with ``sizes`` units per layer says."""
    return FlowTexts(
        pixel=_(
            "Row {row}, column {column}: ink {ink}",
            row="%{customdata[0]}",
            column="%{customdata[1]}",
            ink="%{z:.2f}",
        ),
        unit=_("Unit {unit}: activation {value}", unit="%{customdata[0]}", value="%{z:.2f}"),
        answer=_(
            "Digit {digit}: logit {logit}, probability {probability}",
            digit="%{customdata[0]}",
            logit="%{customdata[1]}",
            probability="%{z:.1%}",
        ),
        layers=(_("Input image"), *(layer_name(layer, sizes) for layer in range(1, len(sizes)))),
    )


def link_text(link: Link, sizes: tuple[int, ...]) -> str:
    """What a link adds to the unit at its end."""
    return _(
        "{start} adds {contribution} to {end}",
        start=unit_name(link.layer, link.start, sizes),
        end=unit_name(link.layer + 1, link.end, sizes),
        contribution=number(link.contribution, 2),
    )


def not_shown(text: str) -> None:
    """What a view does not show, said below it."""
    st.caption(f":material/visibility_off: {text}")
