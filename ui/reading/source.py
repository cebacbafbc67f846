"""What the network reads: the drawing on the pad, or a picture in its place."""

import secrets
from dataclasses import dataclass
from enum import StrEnum

import streamlit as st

from model.config import TEST_IMAGES
from model.drawing.photo import PhotoError, read_photo
from model.drawing.strokes import Ink
from model.inference import ink_of
from ui.base import resources, session
from ui.base.text import _, message, number
from ui.components.choices import choose

_MAX_MEGABYTES = 10


class Source(StrEnum):
    """Where a digit comes from."""

    PAD = "pad"
    PHOTO = "photo"
    TEST = "test"


@dataclass(frozen=True)
class Picture:
    """``pixels``: float32 (H, W), 1 is full ink; ``None`` while no photo has been chosen yet.
    ``label``: the digit that it is, where that is known."""

    pixels: Ink | None
    label: int | None = None


def other_picture(strokes: int) -> Picture | None:
    """The controls, and the picture that stands in place of the drawing; ``None`` for the drawing.

    Whoever draws goes back to the drawing: the number of ``strokes`` on the pad has changed then.
    """
    session.prefer(session.SOURCE, Source.PAD, anew=session.has_drawn(strokes))
    match choose(_("Read from"), Source, _name, session.SOURCE, stays=False):
        case Source.PAD:
            return None
        case Source.PHOTO:
            return _photo()
        case Source.TEST:
            image = choose_test_image()
            images = resources.test_images()
            return Picture(ink_of(images.images[image]).reshape(28, 28), int(images.labels[image]))


def _name(source: Source) -> str:
    match source:
        case Source.PAD:
            return _("Drawing")
        case Source.PHOTO:
            return _("Photo")
        case Source.TEST:
            return _("Test image")


def _photo() -> Picture:
    file = st.file_uploader(
        _("A photo of one digit on plain paper"),
        type=["png", "jpg", "jpeg"],
        max_upload_size=_MAX_MEGABYTES,
        key="photo",
    )
    if file is None:
        return Picture(None)
    try:
        return Picture(_ink_of_photo(file.file_id, file.getvalue()))
    except PhotoError as error:
        st.error(message(error.message), icon=":material/error:")
        return Picture(None)


@st.cache_resource(show_spinner=False, max_entries=32)
def _ink_of_photo(file_id: str, _content: bytes) -> Ink:
    return read_photo(_content)


def choose_test_image() -> int:
    """A number input over the test images and a die; returns the chosen one, from 0."""
    session.prefer(session.TEST_IMAGE, 1)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.number_input(
            _("Test image, 1 to {count}", count=number(TEST_IMAGES)),
            min_value=1,
            max_value=TEST_IMAGES,
            key=session.TEST_IMAGE,
            width=150,
            persist_state="session",
        )
        st.button(_("Random"), key="another_test_image", icon=":material/casino:", on_click=_another)
    return int(chosen) - 1


def _another() -> None:
    session.prefer(session.TEST_IMAGE, 1 + secrets.randbelow(TEST_IMAGES), anew=True)
