"""What the network reads: the drawing on the pad, or a picture in its place."""

import secrets
from dataclasses import dataclass
from enum import StrEnum
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import numpy as np
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from model.config import TEST_IMAGES
from model.drawing.picture import PhotoError, Picture, framed
from model.drawing.strokes import Ink
from model.inference import ink_of
from model.messages import Message
from runs.decoding import decode
from ui.base import resources, session
from ui.base.text import _, message, number
from ui.components.choices import choose
from ui.components.photo_file import photo_file

if TYPE_CHECKING:
    from model.photo_reader import Reading

_PHOTO_WIDTH = 220
# A process that decodes a picture may take 300 MB.
_one_at_a_time = Lock()
# How many strokes were on the pad when this was last drawn.
_strokes = session.Slot[int | None]("strokes", None)


class Source(StrEnum):
    """Where a digit comes from."""

    PAD = "pad"
    PHOTO = "photo"
    CAMERA = "camera"
    TEST = "test"


@dataclass(frozen=True)
class Chosen:
    """``digits``: those that are in it, float32 (H, W) each, 1 is full ink. ``label``: the digit that it is,
    where that is known. ``is_doubtful``: they could be other ones. ``request``: what to do where there is no
    photo yet."""

    digits: tuple[Ink, ...] = ()
    label: int | None = None
    is_doubtful: bool = False
    request: str | None = None


def other_picture(strokes: int) -> Chosen | None:
    """The controls, and the picture that stands in place of the drawing; ``None`` for the drawing.

    Whoever draws goes back to the drawing: the number of ``strokes`` on the pad has changed then.
    """
    before = _strokes.get()
    _strokes.set(strokes)
    session.prefer(session.SOURCE, Source.PAD, anew=before not in {None, strokes})
    sources = [source for source in Source if source != Source.CAMERA or _may_use_camera()]
    match choose(_("Read from"), sources, _name, session.SOURCE, stays=False):
        case Source.PAD:
            return None
        case Source.PHOTO:
            return _chosen(
                photo_file(_("A photo of a digit, or of a number"), key="photo"),
                _("No photo yet. Choose one."),
            )
        case Source.CAMERA:
            camera = st.camera_input(_("A photo of a digit, or of a number"), key="camera")
            return _chosen(camera, _("No photo yet. Take one."))
        case Source.TEST:
            image = choose_test_image()
            images = resources.test_images()
            return Chosen((ink_of(images.images[image]).reshape(28, 28),), int(images.labels[image]))


def _name(source: Source) -> str:
    match source:
        case Source.PAD:
            return _("Drawing")
        case Source.PHOTO:
            return _("Photo")
        case Source.CAMERA:
            return _("Camera")
        case Source.TEST:
            return _("Test image")


def _may_use_camera() -> bool:
    """Browsers lend their camera to a page that came over HTTPS, or from the machine itself."""
    address = urlsplit(page_address())
    return address.scheme == "https" or address.hostname in ("localhost", "127.0.0.1", "::1")


def page_address() -> str:
    """The address of the page in the browser; empty where it is not known."""
    return st.context.url or ""


def _chosen(file: UploadedFile | None, request: str) -> Chosen:
    """What a photo shows, below it what was found, and the controls for where it was not the right thing; the
    ``request`` for one where there is none."""
    # A canvas can only be imported where Streamlit runs.
    from ui.components.photo_frame import choose_frame

    if file is None:
        return Chosen(request=request)
    picture = _decoded(file.file_id, file.getvalue())
    if isinstance(picture, Message):
        st.error(message(picture), icon=":material/error:")
        return Chosen()
    place = st.container()
    turns = _turns(file.file_id)
    name, upright = f"{file.file_id}_{turns}", np.rot90(picture, turns)
    frame = choose_frame(upright, name)
    if frame is not None:
        name, upright = f"{name}_{frame}", framed(upright, frame)
    reading = _read(name, upright)
    with place:
        _show_found(name, upright, reading)
    if isinstance(reading, Message):
        return Chosen()
    return Chosen(reading.found.digits, is_doubtful=reading.is_doubtful)


def _show_found(name: str, picture: Picture, reading: "Reading | Message") -> None:
    if isinstance(reading, Message):
        st.error(message(reading), icon=":material/error:")
    else:
        st.image(reading.found.outlined(), width=_PHOTO_WIDTH)
        st.caption(_("Outlined: what was found."))
    if _is_clearer_turned(name, picture, reading):
        st.info(_("Is the photo on its side? Turn it: it is much easier to read then."))


def _turns(file_id: str) -> int:
    """A button, and by how many quarters the photo is turned: many carry no note of how they were taken."""
    turned, turns = session.photo_turns.get()
    if turned != file_id:
        turns = 0
        session.digit_of_number.reset()
    if st.button(_("Turn left"), key="turn_photo", icon=":material/rotate_left:"):
        turns = (turns + 1) % 4
    session.photo_turns.set((file_id, turns))
    return turns


@st.cache_resource(show_spinner=False, max_entries=32)
def _decoded(file_id: str, _content: bytes) -> Picture | Message:
    """The picture in a file, or why there is none, which is kept too: a page that is drawn again asks for the
    same file. ``file_id`` stands for the content, which would take longer to compare."""
    try:
        with _one_at_a_time:
            return decode(_content)
    except PhotoError as error:
        return error.message


@st.cache_resource(show_spinner=False, max_entries=32)
def _read(name: str, _picture: Picture) -> "Reading | Message":
    """What is written in the picture that ``name`` stands for, or why nothing is found."""
    # Only now: OpenCV takes 22 MB of memory, and most visitors bring no photo.
    from model.photo_reader import read_picture

    try:
        return read_picture(_picture, resources.starter())
    except PhotoError as error:
        return error.message


@st.cache_resource(show_spinner=False, max_entries=32)
def _is_clearer_turned(name: str, _picture: Picture, _reading: "Reading | Message") -> bool:
    from model.photo_reader import NOTHING, is_clearer_turned

    score = NOTHING if isinstance(_reading, Message) else _reading.score
    return is_clearer_turned(_picture, resources.starter(), score)


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
