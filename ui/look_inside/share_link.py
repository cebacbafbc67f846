"""A link to what Look inside shows: the network, its epoch, the view, the unit and the test image."""

import re

import streamlit as st

from model.config import MAX_HIDDEN_LAYERS, TEST_IMAGES
from model.messages import N_, Message, MessageError
from ui.base import session
from ui.base.text import _, message, verbatim
from ui.look_inside import inside
from ui.look_inside.subject import Subject, opened_unit
from ui.look_inside.views import View
from ui.networks import selection
from ui.networks.epochs import set_epoch
from ui.recipe.share_link import LinkError, address

# What stands in place of the last layer's number, which depends on the network.
_ANSWER = "answer"
_UNIT = re.compile(rf"({_ANSWER}|\d{{1,2}})-(\d{{1,3}})", re.ASCII)


def receive() -> None:
    """Take over what the address says, once; what it cannot mean is told, and the page goes on."""
    asked = {name: st.query_params[name] for name in _READERS if name in st.query_params}
    if asked == inside.link.get():
        return
    inside.link.set(asked)
    inside.linked.reset()
    for name, value in asked.items():
        try:
            _READERS[name](value)
        except MessageError as error:
            st.error(verbatim(message(error.message)), icon=":material/link_off:")


def show_link(shown: Subject, view: View) -> None:
    """The address that shows the same to others; a drawing stays with who drew it."""
    layer, unit = opened_unit(shown)
    parameters = {
        "network": shown.choice.id,
        "epoch": str(shown.choice.epoch),
        "view": str(view),
        "unit": f"{_ANSWER}-{unit}" if layer == len(shown.sizes) - 1 else f"{layer}-{unit + 1}",
    }
    if shown.test_image is not None:
        parameters["image"] = str(shown.test_image + 1)
    with st.popover(_("Share this view"), icon=":material/link:"):
        st.markdown(
            _(
                "This link opens the same network, epoch, view, unit and test image. Your own networks can "
                "be opened until they are deleted. Drawings are not shared."
            )
        )
        st.code(address(parameters), language=None, wrap_lines=True)


def tell_nearest(shown: Subject) -> None:
    """That the network has no such unit as the link asks for, while the nearest one is opened instead."""
    found = _UNIT.fullmatch(inside.link.get().get("unit", ""))
    if found is None or inside.opened.get() != _to_open(found):
        return
    if _place(found, len(shown.sizes) - 1) != opened_unit(shown):
        st.info(
            _(
                "The link asks for unit {unit}, which this network does not have. The nearest one is shown.",
                unit=found.group(),
            )
        )


def _place(found: re.Match[str], last: int) -> tuple[int, int]:
    """The layer and the unit, from 0, that a link asks for in a network with this ``last`` layer."""
    layer, unit = found.groups()
    return (last, int(unit)) if layer == _ANSWER else (int(layer), int(unit) - 1)


def _to_open(found: re.Match[str]) -> tuple[int, int]:
    """The same where the network is not known yet."""
    layer, unit = _place(found, MAX_HIDDEN_LAYERS + 1)
    return max(layer, 1), max(unit, 0)


def _read_network(name: str) -> None:
    if not selection.is_kept(name):
        raise LinkError(Message(N_("The network in this link was not found. It may have been deleted.")))
    inside.linked.set(name)


def _read_epoch(text: str) -> None:
    # Of a network with other epochs the nearest is shown.
    set_epoch(st.query_params.get("network", ""), _number(text, 0, 10_000))


def _read_view(name: str) -> None:
    if name not in set(View):
        raise LinkError(
            Message(
                N_("The link has an unknown view, “{view}”. Possible views: {known}."),
                {"view": name[:60], "known": ", ".join(View)},
            )
        )
    session.prefer(inside.VIEW, name, anew=True)


def _read_unit(text: str) -> None:
    found = _UNIT.fullmatch(text)
    if not found:
        raise LinkError(
            Message(
                N_(
                    "The link has an invalid unit, “{unit}”. Expected a layer and a unit, such as 1-17, or "
                    "a digit, such as answer-7."
                ),
                {"unit": text[:60]},
            )
        )
    inside.open_unit(*_to_open(found))


def _read_image(text: str) -> None:
    inside.look_at(_number(text, 1, TEST_IMAGES) - 1)


def _number(text: str, low: int, high: int) -> int:
    if not re.fullmatch(r"\d{1,6}", text, re.ASCII) or not low <= int(text) <= high:
        raise LinkError(
            Message(
                N_("The link has “{text}” where a number from {low} to {high} was expected."),
                {"text": text[:60], "low": low, "high": high},
            )
        )
    return int(text)


_READERS = {
    "network": _read_network,
    "epoch": _read_epoch,
    "view": _read_view,
    "unit": _read_unit,
    "image": _read_image,
}
