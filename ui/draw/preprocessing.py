"""The way from a drawing to the ink, in five pictures with switches."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from model.drawing.preprocessing import Step, Switches, pictures, pictures_of
from model.drawing.strokes import Ink
from model.inference import ForwardPass, probabilities
from ui.base.text import _, percent
from ui.components.drawing import Drawing
from ui.figures.digits import picture

_SIDE = 112


def show_steps(image: ForwardPass, drawing: Drawing | Ink) -> None:
    """What the network of ``image`` reads after each step of the preparation of a ``drawing`` or a picture;
    ``image`` is what they make of it."""
    st.markdown(
        _(
            "**Preprocessing** makes the image look like the training images. Switch a step off and see "
            "what happens to the prediction."
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


def _pictures(drawing: Drawing | Ink, switches: Switches) -> dict[Step, Ink]:
    if isinstance(drawing, np.ndarray):
        return pictures_of(drawing, switches)
    return pictures(drawing.strokes, drawing.size[1], drawing.widths, switches)


def _switch(place: st.delta_generator.DeltaGenerator, step: Step, is_picture: bool) -> bool:
    if step == Step.DRAWN:
        return place.toggle(_name(step), True, disabled=True, key="step_drawn")
    impossible = is_picture and step == Step.INKED
    return place.toggle(
        _name(step),
        not impossible,
        disabled=impossible,
        key=f"step_{step}_{impossible}",
        help=_("An image has no strokes to redraw.") if impossible else _help(step),
    )


def _show(
    place: st.delta_generator.DeltaGenerator, ink: Ink, probabilities: NDArray[np.float32], predicted: int
) -> None:
    reads = int(probabilities.argmax())
    text = _("{digit}: {probability}", digit=predicted, probability=percent(float(probabilities[predicted])))
    place.image(picture(ink, 224), width=_SIDE, alt=text)
    place.markdown(f"**{text}**" if reads == predicted else text)
    if reads != predicted:
        place.caption(
            _(
                "Prediction: {digit}, {probability}",
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
            return _("Redrawn")
        case Step.CENTRED:
            return _("Centred")


def _help(step: Step) -> str | None:
    match step:
        case Step.DRAWN:
            return None
        case Step.CROPPED:
            return _("Crop to the box around the ink. Off: use the whole canvas.")
        case Step.SCALED:
            return _("Scale to fit 20 × 20 pixels and keep the proportions. Off: stretch to 28 × 28.")
        case Step.INKED:
            return _("Redraw the lines as thick as in MNIST. Off: keep the lines as drawn.")
        case Step.CENTRED:
            return _("Put the centre of mass in the middle. Off: put the centre of the box there.")
