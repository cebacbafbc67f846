"""The way from a drawing to the ink, in five pictures with switches."""

from collections.abc import Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from model.drawing.preprocessing import Step, Switches, pictures, pictures_of
from model.drawing.strokes import Ink, Stroke
from model.inference import ForwardPass, probabilities
from ui.base.text import _, percent
from ui.components import canvas
from ui.figures.digits import picture

_SIDE = 112


def show_steps(image: ForwardPass, drawing: Sequence[Stroke] | Ink) -> None:
    """What the network of ``image`` reads after each step of the preparation of ``drawing``, strokes or a
    picture; ``image`` is what they make of it."""
    st.markdown(
        _(
            "A network only knows pictures like those it learned from. Switch a step off, and see what "
            "becomes of the answer."
        )
    )
    row = st.container(horizontal=True, gap="small")
    places = [row.container(width=_SIDE + 30) for _step in Step]
    on = [
        _switch(place, step, isinstance(drawing, np.ndarray))
        for place, step in zip(places, Step, strict=True)
    ]
    switches = Switches(*on[1:])
    predicted = int(image.probabilities.argmax())
    for place, ink in zip(places, _pictures(drawing, switches).values(), strict=True):
        _show(place, ink, probabilities(image.network, ink)[0], predicted)


def _pictures(drawing: Sequence[Stroke] | Ink, switches: Switches) -> dict[Step, Ink]:
    if isinstance(drawing, np.ndarray):
        return pictures_of(drawing, switches)
    return pictures(drawing, canvas.SIDE, canvas.PEN, switches)


def _switch(place: st.delta_generator.DeltaGenerator, step: Step, is_picture: bool) -> bool:
    if step == Step.DRAWN:
        return place.toggle(_name(step), True, disabled=True, key="step_drawn")
    impossible = is_picture and step == Step.INKED
    return place.toggle(
        _name(step),
        not impossible,
        disabled=impossible,
        key=f"step_{step}_{impossible}",
        help=_("A picture has no strokes that could be drawn anew.") if impossible else _help(step),
    )


def _show(
    place: st.delta_generator.DeltaGenerator, ink: Ink, probabilities: NDArray[np.float32], predicted: int
) -> None:
    reads = int(probabilities.argmax())
    text = _(
        "{digit}: {probability}", digit=predicted, probability=percent(float(probabilities[predicted]), 1)
    )
    place.image(picture(ink, 224), width=_SIDE, alt=text)
    place.markdown(f"**{text}**" if reads == predicted else text)
    if reads != predicted:
        place.caption(
            _(
                "It reads a {digit}: {probability}",
                digit=reads,
                probability=percent(float(probabilities[reads])),
            )
        )


def _name(step: Step) -> str:
    match step:
        case Step.DRAWN:
            return _("Drawn")
        case Step.CROPPED:
            return _("Cropped")
        case Step.SCALED:
            return _("Scaled")
        case Step.INKED:
            return _("New ink")
        case Step.CENTRED:
            return _("Centred")


def _help(step: Step) -> str | None:
    match step:
        case Step.DRAWN:
            return None
        case Step.CROPPED:
            return _("Cut out the box around the ink. Off: all of the canvas is taken.")
        case Step.SCALED:
            return _("Fit it into 20 × 20 pixels, keeping its shape. Off: it is stretched over all 28 × 28.")
        case Step.INKED:
            return _("Draw the lines anew, as thick as those of MNIST. Off: the pen is as thick as it was.")
        case Step.CENTRED:
            return _("Move the centre of mass to the middle. Off: the box is in the middle.")
