"""A network measured on sets of images: scores, confusion matrix, calibration and export."""

from functools import partial

import streamlit as st

from ui.base.text import _
from ui.components.choices import choose
from ui.evaluate.calibration import show_confidence, show_threshold
from ui.evaluate.export import show_export
from ui.networks import selection
from ui.networks.image_sets import ImageSet, evaluate_on, images_in, is_quick, offered, set_name
from ui.networks.results import (
    show_accuracy,
    show_cell,
    show_confusion,
    show_digits,
    show_mistakes,
    show_scores,
)

_SHOWN = 24


def evaluate() -> None:
    """The whole page below its title."""
    choice = selection.choose("evaluate_network")
    sets = offered(choice)
    show_accuracy(evaluate_on(ImageSet.TEST, choice))
    name = partial(set_name, choice=choice)
    chosen = choose(_("Image set"), sets, name, f"images_{len(sets)}", stays=False)
    result, images = evaluate_on(chosen, choice), images_in(chosen, choice)
    left, right = st.columns(2, gap="large")
    with left:
        cell = show_confusion(result, f"confusion_{chosen}")
    with right:
        if cell:
            show_cell(images, result, cell, _SHOWN)
        else:
            show_mistakes(images, result, _SHOWN)
    scores = st.empty()
    at_once = {
        set_name(images, choice): evaluate_on(images, choice) if is_quick(images, choice) else None
        for images in sets
    }
    with scores.container():
        show_scores(at_once)
    show_threshold(result)
    show_confidence(result)
    show_digits(result)
    own = evaluate_on(ImageSet.OWN, choice) if ImageSet.OWN in sets else None
    figures = [f"confusion_{chosen}", "coverage", "confidence", "reliability"]
    show_export(choice, figures, evaluate_on(ImageSet.TEST, choice), own)
    # Sixty thousand images take a while the first time: the rest of the page does not wait for them.
    if None in at_once.values():
        with scores.container():
            show_scores({set_name(images, choice): evaluate_on(images, choice) for images in sets})
