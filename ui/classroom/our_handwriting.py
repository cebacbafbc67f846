"""The class's handwriting for its pupils: the wall, and the gap between it and MNIST's test images."""

import zlib
from collections.abc import Sequence
from functools import lru_cache, partial

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from classroom.handwriting import ClassDrawing, digits_of
from classroom.seats import Seat
from model.config import CLASSES
from model.drawing.strokes import SIDE
from model.evaluation.handwriting_gap import HandwritingGap, handwriting_gap
from ui.base import resources, seat, session
from ui.base.errors import plain_errors
from ui.base.text import _, number, percent, plural
from ui.classroom.way_in import show_way_in
from ui.components import tiles
from ui.components.folded import folded
from ui.handwriting.card import show_card
from ui.networks import selection
from ui.networks.epochs import play_through
from ui.networks.image_sets import ImageSet, evaluate_on

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
        show_way_in(_("Here all digits of a class are shown together."))
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
    card = partial(show_card, digits_of(drawings))
    folded(_("Data card"), "data_card", card, icon=":material/description:")


def _follow(shown: list[tuple[str, int]]) -> None:
    """The whole page anew, once the teacher has hidden a drawing."""
    if _names(resources.handwriting().of_class(session.visitor())) != shown:
        st.rerun()


def _show_wall(drawings: Sequence[ClassDrawing]) -> None:
    images = digits_of(drawings).images
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
    _show_accuracies(handwriting_gap(choice.network, digits_of(others), evaluate_on(ImageSet.TEST, choice)))


def _show_accuracies(gap: HandwritingGap) -> None:
    drawn = gap.overall.drawn
    if drawn is None:
        return
    theirs, mnist = st.columns(2)
    theirs.metric(_("Accuracy on the others' digits"), percent(drawn.share, 1), width="content")
    theirs.caption(
        plural(
            "{right} of {count} digits correct, by {writers}.",
            "{right} of {count} digits correct, by {writers}.",
            drawn.images,
            right=round(drawn.share * drawn.images),
            writers=plural("{count} other pupil", "{count} other pupils", gap.writers),
        )
    )
    mnist.metric(_("Accuracy on MNIST's test images"), percent(gap.overall.mnist.share, 1), width="content")
    mnist.caption(_("10,000 digits by other people, not used for training."))
    if drawn.interval is None:
        st.markdown(_("One other pupil is not enough to say how well it reads the next one."))
    else:
        low, high = drawn.interval
        st.markdown(
            _(
                "For pupils who write like these, it lies between {low} and {high} (95% interval).",
                low=percent(low),
                high=percent(high),
            )
        )
    st.table(
        {
            _("digit"): [str(digit) for digit in range(CLASSES)],
            _("the others"): [percent(digit.drawn.share) if digit.drawn else "—" for digit in gap.digits],
            _("drawn"): [number(digit.drawn.images if digit.drawn else 0) for digit in gap.digits],
            _("MNIST"): [percent(digit.mnist.share) for digit in gap.digits],
        }
    )
    st.caption(_("Of each digit, the share that is read correctly. Few drawings say little."))


def _names(drawings: Sequence[ClassDrawing]) -> list[tuple[str, int]]:
    return [(drawing.writer, drawing.index) for drawing in drawings]
