"""Evaluate: a network on the 10,000 test images or on the visitor's own digits, and where it fails."""

import streamlit as st

from model.evaluation import Evaluation, evaluate
from model.own_test import images_of
from ui import chart, networks, resources, state
from ui.figures.evaluation import per_digit_figure
from ui.frame import frame, next_button
from ui.results import show_confusion, show_mistakes
from ui.text import _, number, percent, plural

_SHOWN_MISTAKES = 16


def on_own_digits() -> bool:
    """Whether the visitor wants the digits of their own test; not asked where there are none."""
    drawn = len(resources.own_tests().of(state.visitor()).drawn)
    if not drawn:
        return False
    names = {
        False: _("The 10,000 test images"),
        True: plural("Your own {count} digit", "Your own {count} digits", drawn),
    }
    chosen = st.segmented_control(
        _("Images"),
        list(names),
        format_func=lambda own: names[own],
        default=False,
        required=True,
        key="images",
    )
    return bool(chosen)


def show_score(result: Evaluation, own: bool) -> None:
    loss, accuracy = result.score
    left, middle, right = st.columns(3)
    left.metric(
        _("Accuracy on your own digits") if own else _("Accuracy on the test images"), percent(accuracy, 2)
    )
    middle.metric(_("Loss on your own digits") if own else _("Loss on the test images"), number(loss, 4))
    right.metric(_("Mistakes in {count}", count=number(len(result.answers))), number(len(result.mistakes)))
    st.code(f"score = [{loss:.4f}, {accuracy:.4f}]", language="python")


def show_per_digit(result: Evaluation) -> None:
    st.subheader(_("Accuracy per digit"), anchor=False)
    shares = result.accuracy_per_digit.tolist()
    chart.show(
        per_digit_figure(shares, [percent(share, 1) for share in shares], _("digit")),
        key="per_digit",
        alt=_("Bars: the share of each digit that was read rightly."),
    )


with frame("evaluate"):
    st.header(_("Evaluate"), anchor=False)
    choice = networks.choose("evaluate_network")
    own = on_own_digits()
    if own:
        images = images_of(resources.own_tests().of(state.visitor()))
        result = evaluate(choice.network, images, choice.config.l2)
    else:
        images = resources.test_images()
        result = resources.evaluate(choice.key, choice.network, choice.config.l2)
    show_score(result, own)
    left, right = st.columns([3, 2], gap="large")
    with left:
        show_confusion(result)
    with right:
        show_per_digit(result)
    show_mistakes(images, result, _SHOWN_MISTAKES)
    next_button("train", _("Train another network"))
