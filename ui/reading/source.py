"""What the network reads: the drawing on the pad, or a picture in its place."""

import secrets
from dataclasses import dataclass
from enum import StrEnum
from threading import Lock
from typing import TYPE_CHECKING

import streamlit as st

from model.config import TEST_IMAGES
from model.drawing.picture import PhotoError
from model.drawing.strokes import Ink
from model.inference import ink_of
from model.messages import Message
from ui.base import resources, session
from ui.base.text import _, message, number
from ui.components.choices import choose

if TYPE_CHECKING:
    from model.photo_reader import Reading

_MAX_MEGABYTES = 10
_ENDINGS = ["jpg", "jpeg", "jfif", "heic", "heif", "hif", "png", "webp", "avif", "gif", "bmp", "tif", "tiff"]
_PHOTO_WIDTH = 220
# A picture may take 300 MB while it is decoded.
_one_at_a_time = Lock()


class Source(StrEnum):
    """Where a digit comes from."""

    PAD = "pad"
    PHOTO = "photo"
    TEST = "test"


@dataclass(frozen=True)
class Picture:
    """``pixels``: float32 (H, W), 1 is full ink; ``None`` while no photo has been chosen yet.
    ``label``: the digit that it is, where that is known. ``number``: all digits that the starter reads in a
    photo, of which this is one."""

    pixels: Ink | None
    label: int | None = None
    number: str = ""


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
        _("A photo of a digit, or of a number"),
        type=_ENDINGS,
        max_upload_size=_MAX_MEGABYTES,
        key="photo",
    )
    if file is None:
        return Picture(None)
    reading, problem = _read(file.file_id, file.getvalue(), _turns(file.file_id))
    if problem is not None:
        st.error(message(problem), icon=":material/error:")
    if reading is None:
        return Picture(None)
    st.image(reading.found.outlined(), width=_PHOTO_WIDTH)
    st.caption(_("Outlined: what was found."))
    digit = reading.found.digits[_choose_digit(file.file_id, reading.number)]
    return Picture(digit, number=reading.number)


def _turns(file_id: str) -> int:
    """A button, and by how many quarters the photo is turned: many carry no note of how they were taken."""
    turned, turns = session.photo_turns.get()
    turns = turns if turned == file_id else 0
    if st.button(_("Turn left"), key="turn_photo", icon=":material/rotate_left:"):
        turns = (turns + 1) % 4
    session.photo_turns.set((file_id, turns))
    return turns


def _choose_digit(file_id: str, number: str) -> int:
    """Which digit of a ``number`` goes through the network, counted from 0; a control where there are
    several."""
    if len(number) == 1:
        return 0
    chosen = st.segmented_control(
        _("Digit for your network to read"),
        range(len(number)),
        default=0,
        required=True,
        format_func=lambda place: number[place],
        key=f"photo_digit_{file_id}_{len(number)}",
    )
    return int(chosen or 0)


@st.cache_resource(show_spinner=False, max_entries=32)
def _read(file_id: str, _content: bytes, quarter_turns: int) -> "tuple[Reading | None, Message | None]":
    """What a photo shows, or why it cannot be read, which is kept too: a page that is drawn again asks for
    the same photo. ``file_id`` stands for the content, which would take longer to compare."""
    # Only now: OpenCV takes 22 MB of memory, and most visitors bring no photo.
    from model.photo_reader import read_photo

    try:
        with _one_at_a_time:
            return read_photo(_content, resources.starter(), quarter_turns), None
    except PhotoError as error:
        return None, error.message


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
