"""The network as a picture in every stage of a training step, with the path that is followed."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import streamlit as st

from model.explain.links import Link
from model.slices import Values
from ui.base.text import _, decimals, number
from ui.components import chart
from ui.figures.flow import FlowTexts, flow_figure, flow_frame, unit_at
from ui.look_inside import inside
from ui.look_inside.training_step.path import slot
from ui.look_inside.training_step.stages import Followed, Kind, Stage
from ui.reading.flow import flow_texts, link_text
from ui.reading.unit_names import unit_name


def show_step_diagram(stage: Stage, followed: Followed) -> None:
    sizes = followed.sizes
    links = _links(stage, followed)
    texts = _texts(stage, sizes)

    def clicked(trace: int, point: Any) -> None:
        if place := unit_at(sizes, trace, point):
            layer, unit = place
            inside.follow(slot(layer, sizes), unit)

    layers, answers = _values(stage, followed)
    chart.show_live(
        chart.shared(flow_frame, sizes, flow_texts(sizes)),
        flow_figure(
            layers,
            answers,
            links,
            [_link_text(stage, link, sizes) for link in links],
            texts,
            followed.path,
            stage.is_backward,
        ),
        key="inside_step_flow",
        alt=_("All layers, with the units reached in this stage and the path that you follow."),
        on_click=clicked,
    )
    st.caption(
        _(
            "Blue: a larger weighted sum would raise the loss. Orange: it would lower it. Framed: what you "
            "follow."
        )
        if stage.is_backward
        else _(
            "The brighter a unit, the stronger its activation; orange is below zero. Framed: what you follow."
        )
    )


def _values(stage: Stage, followed: Followed) -> tuple[list[Values], Values]:
    """What each layer shows, the pixels first and the logits last, and what is shown in place of these.
    No numbers for layers that are not reached yet."""
    step = followed.step
    unknown = [np.full(size, np.nan, np.float32) for size in followed.sizes]
    match stage.kind:
        case Kind.PICTURE | Kind.FORWARD | Kind.SOFTMAX | Kind.LOSS:
            values = [step.before.ink, *step.before.outputs]
            lit = [*values[: stage.layer + 1], *unknown[stage.layer + 1 :]]
            has_probabilities = stage.kind in {Kind.SOFTMAX, Kind.LOSS}
            return lit, step.before.probabilities if has_probabilities else lit[-1]
        case Kind.AFTER:
            return [step.after.ink, *step.after.outputs], step.after.probabilities
        case Kind.ERROR | Kind.BACK | Kind.GRADIENT | Kind.UPDATE:
            first = max(stage.layer, 1)
            lit = [step.before.ink, *unknown[1:first], *step.grad_pre_activations[first - 1 :]]
            return lit, lit[-1]


def _links(stage: Stage, followed: Followed) -> list[Link]:
    """The path's links between layers that are reached: with what they add, the gradient that comes back
    through them, or their own gradient."""
    step, path = followed.step, followed.path
    links = []
    for layer, (start, end) in enumerate(pairwise(path)):
        weight = float(step.network.layers[layer].kernel[start, end])
        match stage.kind:
            case Kind.PICTURE | Kind.FORWARD | Kind.SOFTMAX | Kind.LOSS if layer < stage.layer:
                links.append(Link(layer, start, end, weight * float(step.before.activations[layer][start])))
            case Kind.ERROR | Kind.BACK if layer >= stage.layer:
                links.append(Link(layer, start, end, weight * float(step.grad_pre_activations[layer][end])))
            case Kind.GRADIENT | Kind.UPDATE:
                links.append(Link(layer, start, end, float(step.grad_weights[layer][start, end])))
            case _other:
                pass
    return links


def _link_text(stage: Stage, link: Link, sizes: tuple[int, ...]) -> str:
    if not stage.is_backward:
        return link_text(link, sizes)
    return _(
        "{start} to {end}: {gradient}",
        start=unit_name(link.layer, link.start, sizes),
        end=unit_name(link.layer + 1, link.end, sizes),
        gradient=number(link.contribution, decimals([link.contribution])),
    )


def _texts(stage: Stage, sizes: tuple[int, ...]) -> FlowTexts:
    texts = flow_texts(sizes)
    if stage.is_backward:
        return replace(
            texts,
            unit=_("Unit {unit}: gradient {value}", unit="%{customdata[0]}", value="%{z:.4f}"),
            answer=_("Digit {digit}: gradient {value}", digit="%{customdata[0]}", value="%{z:.4f}"),
        )
    if stage.kind == Kind.FORWARD:
        return replace(
            texts,
            answer=_("Digit {digit}: logit {logit}", digit="%{customdata[0]}", logit="%{customdata[1]}"),
        )
    return texts
