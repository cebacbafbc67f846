"""What Look inside shows: a network after one of its epochs, and an image on its way through it."""

from dataclasses import dataclass
from enum import StrEnum

import streamlit as st

from model.data import LabelledImages
from model.drawing import Ink, prepare, strokes_of_paths
from model.inference import Network, ink_of
from model.units import LayerUnits
from ui import networks, resources, state
from ui.figures.digits import picture
from ui.networks import LESSON, STARTER, Choice
from ui.source import choose_test_image
from ui.text import _

# Test images on which the units are watched: enough to tell a dead unit from a shy one, and few enough
# to watch every epoch of four layers of 512 units while they play.
WATCHED = 1_000
_INK_SIDE = 112


class _Source(StrEnum):
    DRAWING = "drawing"
    TEST = "test"


@dataclass(frozen=True)
class Subject:
    """``ink`` is the image, and ``label`` its digit, ``None`` for a drawing."""

    choice: Choice
    ink: Ink
    label: int | None

    @property
    def network(self) -> Network:
        return self.choice.network

    @property
    def sizes(self) -> tuple[int, ...]:
        """Units per layer, the 784 pixels first and the 10 digits last."""
        return self.network.layer_sizes

    @property
    def untrained(self) -> Choice | None:
        """The same network before training, ``None`` where that is not kept."""
        return networks.chosen(self.choice.id, 0) if 0 in networks.epochs_of(self.choice.id) else None

    @property
    def newest(self) -> Choice:
        """The same network after its last epoch: what stays the same while its epochs play."""
        return networks.chosen(self.choice.id)


def choose() -> Subject:
    """The controls that say what is shown. Call it inside ``ui.epochs.play_through``."""
    left, right = st.columns([3, 2], gap="medium")
    with left:
        choice = networks.choose("inside_network", (LESSON, STARTER))
    with right, st.container(horizontal=True, gap="medium"):
        place = st.container(width=_INK_SIDE)
        with st.container(width="stretch"):
            ink, label = _image()
    place.image(picture(ink), width=_INK_SIDE, alt=_("The image that goes through the network."))
    return Subject(choice, ink, label)


def watched() -> LabelledImages:
    """The test images on which the units are watched: the first ``WATCHED``."""
    test = resources.test_images()
    return LabelledImages(test.images[:WATCHED], test.labels[:WATCHED])


def survey(choice: Choice) -> tuple[LayerUnits, ...]:
    """What the units of ``choice`` do on the ``watched`` images: hidden layers, then the logits."""
    return resources.survey(choice.key, choice.network, watched().images)


def _image() -> tuple[Ink, int | None]:
    drawn = prepare(strokes_of_paths(state.pad().objects))
    if drawn is None:
        st.caption(_("What you draw on the page Draw can go through here, too."))
        return _from_test_images()
    source = st.segmented_control(
        _("Image"),
        list(_Source),
        default=_Source.DRAWING,
        required=True,
        format_func=lambda source: _name(_Source(source)),
        key=state.INSIDE_SOURCE,
        persist_state="session",
    )
    return _from_test_images() if source == _Source.TEST else (drawn, None)


def _from_test_images() -> tuple[Ink, int]:
    image, images = choose_test_image(), resources.test_images()
    return ink_of(images.images[image]).reshape(28, 28), int(images.labels[image])


def _name(source: _Source) -> str:
    match source:
        case _Source.DRAWING:
            return _("Your drawing")
        case _Source.TEST:
            return _("Test image")
