"""What Look inside shows: a network after one of its epochs, and an image on its way through it."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import streamlit as st

from model.drawing.strokes import SIDE, Ink
from model.inference import ForwardPass, Network, ink_of
from ui.base import resources
from ui.base.text import _
from ui.components import choices
from ui.components.page_link import caption_with_link
from ui.figures.digits import picture
from ui.look_inside import inside
from ui.networks import selection
from ui.networks.selection import LESSON, STARTER, Choice
from ui.reading.number import digit_on_pad
from ui.reading.source import choose_test_image

_INK_SIDE = 112


class _Source(StrEnum):
    DRAWING = "drawing"
    TEST = "test"


@dataclass(frozen=True)
class Subject:
    """``ink`` is the image; ``test_image`` its index among the test images, from 0, and ``label`` its digit,
    both ``None`` for a drawing."""

    choice: Choice
    ink: Ink
    label: int | None = None
    test_image: int | None = None

    @property
    def network(self) -> Network:
        return self.choice.network

    @property
    def sizes(self) -> tuple[int, ...]:
        """Units per layer, the 784 pixels first and the 10 digits last."""
        return self.network.layer_sizes

    @cached_property
    def forward(self) -> ForwardPass:
        """The image's way through the network, computed once."""
        return self.choice.forward(self.ink)

    @property
    def untrained(self) -> Choice | None:
        """The network before training, ``None`` where that is not kept."""
        return selection.chosen(self.choice.id, 0) if 0 in selection.epochs_of(self.choice.id) else None

    @property
    def newest(self) -> Choice:
        """The network after its last epoch: what stays the same while its epochs play."""
        return selection.chosen(self.choice.id)

    @property
    def forward_through_newest(self) -> ForwardPass:
        """The image's way through the newest network."""
        newest = self.newest
        return self.forward if newest.key == self.choice.key else newest.forward(self.ink)


def choose() -> Subject:
    """The controls that say what is shown. Call it inside ``ui.networks.epochs.play_through``."""
    left, right = st.columns([3, 2], gap="medium")
    with left:
        choice = selection.choose("inside_network", (LESSON, STARTER), inside.linked.get())
    with right, st.container(horizontal=True, gap="medium"):
        place = st.container(width=_INK_SIDE)
        with st.container(width="stretch"):
            drawn = _choose_drawing()
            shown = _with_test_image(choice) if drawn is None else Subject(choice, drawn)
    place.image(picture(shown.ink), width=_INK_SIDE, alt=_("The image that the network reads."))
    return shown


def opened_unit(shown: Subject) -> tuple[int, int]:
    """The layer, 1 for the first behind the pixels, and the unit, from 0, to show on its own: what was opened
    last, or the nearest that this network has; at first the unit that the image excites most."""
    opened = inside.opened.get()
    if opened is None:
        return 1, int(shown.forward.outputs[0].argmax())
    layer = min(opened[0], len(shown.sizes) - 1)
    return layer, min(opened[1], shown.sizes[layer] - 1)


def _with_test_image(choice: Choice) -> Subject:
    index, images = choose_test_image(), resources.test_images()
    ink = ink_of(images.images[index]).reshape(SIDE, SIDE)
    return Subject(choice, ink, int(images.labels[index]), index)


def _choose_drawing() -> Ink | None:
    """The visitor's drawing, where there is one; ``None`` where a test image shall go through."""
    drawn = digit_on_pad()
    if drawn is None:
        caption_with_link(_("To use your own digit here, draw it first."), "pages/draw.py", _("Draw"))
        return None
    source = choices.choose(_("Image"), _Source, _name, inside.SOURCE)
    return None if source == _Source.TEST else drawn


def _name(source: _Source) -> str:
    match source:
        case _Source.DRAWING:
            return _("Your drawing")
        case _Source.TEST:
            return _("Test image")
