"""The class's handwriting for its pupils: the wall, and the gap between it and MNIST's test images."""

import zlib
from collections.abc import Sequence
from functools import lru_cache, partial

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from classroom.handwriting import ClassDrawing
from classroom.seats import Seat
from model.config import CLASSES
from model.data.mnist import LabelledImages
from model.drawing.strokes import SIDE
from model.evaluation.metrics import Evaluation, digit_scores, evaluate
from ui.base import resources, seat, session
from ui.base.errors import plain_errors
from ui.base.text import _, number, percent, plural
from ui.components import tiles
from ui.components.page_link import link
from ui.networks import selection
from ui.networks.epochs import play_through
from ui.networks.image_sets import ImageSet, evaluate_on
from ui.networks.selection import Choice

# Of the wall, in CSS pixels; and how many drawings it has room for: 800 bytes each.
_SIDE, _MAX_SHOWN = 56, 300
# Seconds between two looks for drawings that the teacher has hidden.
_LOOK = 10


def our_handwriting() -> None:
    """The wall, and how much of the others' digits a network of the visitor reads.

    Raises:
        classroom.rules.RoomError: the class does not look at its handwriting now.
    """
    own = seat.current()
    if own is None:
        st.markdown(_("Here the digits of a class are seen together. You are in no class now."))
        link("pages/join.py", _("Join a class"))
        return
    drawings = resources.handwriting().of_class(session.visitor())
    st.fragment(plain_errors()(_follow), run_every=_LOOK)(_names(drawings))
    if not drawings:
        st.markdown(_("Nobody in your class has drawn a digit yet."))
        return
    # On a phone the wall is long, so it comes second.
    left, right = st.columns([2, 3], gap="large")
    with left:
        play_through(partial(_show_gap, own, drawings))
    with right:
        _show_wall(drawings)


def _follow(shown: list[tuple[int, int]]) -> None:
    """The whole page anew, once the teacher has hidden a drawing."""
    if _names(resources.handwriting().of_class(session.visitor())) != shown:
        st.rerun()


def _show_wall(drawings: Sequence[ClassDrawing]) -> None:
    images = _images(drawings)
    ink = images.images.astype(np.float32) / np.float32(255)
    is_digit = _is_digit(images.images.tobytes())
    # By digit, and among those by what says nothing of who drew it.
    order = sorted(
        np.flatnonzero(is_digit).tolist(),
        key=lambda index: (images.labels[index], zlib.crc32(images.images[index].tobytes())),
    )
    shown = order[:: -(-len(order) // _MAX_SHOWN)] if order else []
    st.subheader(
        plural("{count} digit, drawn by your class", "{count} digits, drawn by your class", len(drawings)),
        anchor=False,
    )
    if shown:
        tiles.show(
            "wall",
            ink[shown],
            names=[_("A {digit}, drawn in your class", digit=int(images.labels[index])) for index in shown],
            captions=[str(images.labels[index]) for index in shown],
            colours=tiles.Colours.INK,
            alt=_("The digits of the class, without names"),
            side=_SIDE,
        )
    if doubtful := int(np.count_nonzero(~is_digit)):
        st.caption(
            plural(
                "{count} drawing is not shown, since the starter finds no digit in it. It is counted.",
                "{count} drawings are not shown, since the starter finds no digit in them. They are counted.",
                doubtful,
            )
        )


@lru_cache(maxsize=8)
def _is_digit(images: bytes) -> NDArray[np.bool_]:
    """In which of ``images``, 784 bytes each, the starter finds a digit, bool (N,). It takes 30 ms for 300,
    and all of a class come to the same wall at once."""
    is_digit = resources.starter().is_digit(np.frombuffer(images, np.uint8).reshape(-1, SIDE * SIDE))
    is_digit.setflags(write=False)
    return is_digit


def _show_gap(own: Seat, drawings: Sequence[ClassDrawing]) -> None:
    """A network is measured on what other pupils have drawn: its own pupil may have chosen it by the rest."""
    choice = selection.choose("class_network")
    others = [drawing for drawing in drawings if drawing.seat != own.number]
    if not others:
        st.markdown(
            _("A network is measured on the digits of the others, and nobody else has drawn one yet.")
        )
        return
    images = _images(others)
    _show_accuracies(
        evaluate(choice.network, images, choice.config.l2), len({drawing.seat for drawing in others}), choice
    )


def _show_accuracies(on_class: Evaluation, writers: int, choice: Choice) -> None:
    on_test = evaluate_on(ImageSet.TEST, choice)
    theirs, mnist = st.columns(2)
    theirs.metric(_("Accuracy on the others' digits"), percent(on_class.accuracy, 1), width="content")
    count = len(on_class.labels)
    theirs.caption(
        plural(
            "{right} of {count} digits correct, by {writers}.",
            "{right} of {count} digits correct, by {writers}.",
            count,
            right=int(on_class.correct.sum()),
            writers=plural("{count} other pupil", "{count} other pupils", writers),
        )
    )
    mnist.metric(_("Accuracy on MNIST's test images"), percent(on_test.accuracy, 1), width="content")
    mnist.caption(_("10,000 digits by other people, not used for training."))
    scores, of_mnist = digit_scores(on_class.confusion), digit_scores(on_test.confusion)
    digits = range(CLASSES)
    st.table(
        {
            _("digit"): [str(digit) for digit in digits],
            _("the others"): [
                percent(float(scores.recall[digit])) if scores.images[digit] else "—" for digit in digits
            ],
            _("drawn"): [number(int(scores.images[digit])) for digit in digits],
            _("MNIST"): [percent(float(of_mnist.recall[digit])) for digit in digits],
        }
    )
    st.caption(_("Of each digit, the share that is read correctly. Few drawings say little."))


def _images(drawings: Sequence[ClassDrawing]) -> LabelledImages:
    inks = [np.round(drawing.trial.ink * 255) for drawing in drawings if drawing.trial.ink is not None]
    images: NDArray[np.uint8] = np.array(inks, np.uint8).reshape(len(inks), -1)
    return LabelledImages(images, np.array([drawing.trial.label for drawing in drawings], np.uint8))


def _names(drawings: Sequence[ClassDrawing]) -> list[tuple[int, int]]:
    return [(drawing.seat, drawing.index) for drawing in drawings]
