"""What an answer depends on: five views of one drawing, each with what it does not show."""

from enum import StrEnum

import numpy as np
import streamlit as st

from model.config import CLASSES
from model.drawing.strokes import SIDE, Ink, Stroke
from model.explain.integrated_gradients import integrated_gradients, logit_direction
from model.explain.nearest_images import Neighbours, nearest
from model.explain.pixel_attack import fewest_pixels
from model.explain.stroke_ablation import longest, without
from model.inference import ForwardPass, Network, probabilities
from model.slices import Values, training_indices
from ui.base import resources
from ui.base.text import _, number, percent, plural
from ui.components import chart
from ui.components.captioned_image import card, row
from ui.components.choices import choose
from ui.figures.attribution import change_bars, change_frame, marked, painted
from ui.figures.digits import picture
from ui.figures.softmax import bar_texts
from ui.networks import measurements
from ui.networks.selection import Choice
from ui.reading.diverged import tell_diverged
from ui.reading.flow import not_shown, show_flow

_LARGE, _SMALL = 280, 140
_MAX_STROKES = 6
_MAX_PIXELS = 60
_NEIGHBOURS = 5
# What can be chosen in place of a digit: the answer; the strongest rival; no rival at all.
_ANSWER, _RIVAL, _ALONE = -1, -2, -3


class _View(StrEnum):
    INK = "ink"
    STROKES = "strokes"
    PIXELS = "pixels"
    IMAGES = "images"
    LAYERS = "layers"


def show_dependence(choice: Choice, image: ForwardPass, strokes: list[Stroke] | None) -> None:
    """The views on what the network of ``choice`` predicts for one ``image``; only the chosen one is
    computed.

    ``strokes`` are what the image was drawn with, ``None`` where it came as a picture. Call it inside a
    fragment.
    """
    if tell_diverged(image.logits):
        return
    with st.container(horizontal=True, gap="medium"):
        view = choose(_("Method"), _View, _name, "depends_view")
        picked = st.selectbox(
            _("For which digit?"),
            [_ANSWER, *range(10)],
            format_func=lambda digit: _("prediction") if digit == _ANSWER else str(digit),
            key="depends_digit",
            width=_SMALL,
        )
    digit = int(image.probabilities.argmax()) if picked == _ANSWER else picked
    match view:
        case _View.INK:
            _show_ink(image, digit)
        case _View.STROKES:
            _show_strokes(image, strokes, digit)
        case _View.PIXELS:
            _show_pixels(image, digit)
        case _View.IMAGES:
            _show_images(choice, image, digit)
        case _View.LAYERS:
            show_flow(image, digit)


def _name(view: _View) -> str:
    match view:
        case _View.INK:
            return _("Pixel attribution")
        case _View.STROKES:
            return _("Leave out a stroke")
        case _View.PIXELS:
            return _("Adversarial pixels")
        case _View.IMAGES:
            return _("Nearest training images")
        case _View.LAYERS:
            return _("Layer by layer")


def _show_ink(image: ForwardPass, digit: int) -> None:
    rival = int(np.where(np.arange(CLASSES) == digit, -1, image.probabilities).argmax())

    def name(other: int) -> str:
        if other == _RIVAL:
            return _("the strongest rival")
        return _("no other digit: the logit of {digit} alone", digit=digit) if other == _ALONE else str(other)

    left, right = st.columns([1, 2], gap="medium")
    with right:
        picked = st.selectbox(
            _("Why {digit} rather than …", digit=digit),
            [_RIVAL, *(other for other in range(10) if other != digit), _ALONE],
            format_func=name,
            key=f"depends_other_{digit}",
            width=_LARGE,
        )
        other = {_RIVAL: rival, _ALONE: None}.get(picked, picked)
        found = integrated_gradients(image, logit_direction(digit, other))
        together = (
            _("**total: logit of {digit}**", digit=digit)
            if other is None
            else _("**total: logit of {digit} minus logit of {other}**", digit=digit, other=other)
        )
        st.table(
            {
                _("source"): [
                    _("blank image (baseline)"),
                    _("ink in favour (blue)"),
                    _("ink against (orange)"),
                    together,
                ],
                _("logits"): [
                    number(found.blank, 2),
                    number(found.added, 2),
                    number(found.taken, 2),
                    f"**{number(found.ink, 2)}**",
                ],
            }
        )
    with left:
        st.image(
            painted(image.ink, found.pixels),
            width=_LARGE,
            alt=_("The digit, each pixel coloured by its attribution."),
        )
    st.markdown(
        _("**Integrated gradients**: what each pixel adds to the total as the ink fades in from blank.")
    )
    not_shown(
        _(
            "Limits: blank pixels get no attribution, though a gap can matter as much as ink; and the "
            "result depends on the baseline (here: a blank image)."
        )
    )


def _show_strokes(image: ForwardPass, strokes: list[Stroke] | None, digit: int) -> None:
    if strokes is None:
        st.info(_("This image has no strokes. To leave one out, draw a digit with two or more strokes."))
        return
    if len(strokes) < 2:
        st.info(_("You drew this in one stroke. To leave one out, lift the pen and draw two or more."))
        return
    left_out = longest(strokes, _MAX_STROKES)
    rest = {stroke: _without_stroke(image.network, strokes, stroke) for stroke in left_out}
    with st.container(horizontal=True, gap="small"):
        before = image.probabilities
        card(picture(image.ink), _("All strokes: read as {digit}", digit=int(before.argmax())), _SMALL)
        for stroke, (remaining, after) in rest.items():
            caption = _(
                "Without stroke {stroke}: read as {answer}. Probability of {digit}: {before} → {after}.",
                stroke=stroke + 1,
                answer=int(after.argmax()),
                digit=digit,
                before=percent(float(before[digit])),
                after=percent(float(after[digit])),
            )
            card(picture(remaining), caption, _SMALL)
    changes = [abs(float(after[digit] - before[digit])) for _remaining, after in rest.values()]
    chosen = st.segmented_control(
        _("Leave out stroke"),
        left_out,
        default=left_out[int(np.argmax(changes))],
        required=True,
        format_func=lambda stroke: number(stroke + 1),
        key=f"depends_stroke_{len(strokes)}",
    )
    after = rest[left_out[0] if chosen is None else chosen][1].tolist()
    names = (_("all strokes"), _("without this stroke"))
    chart.show_live(
        chart.shared(change_frame, names),
        change_bars(before.tolist(), after, bar_texts(after, percent), names),
        key="depends_bars",
        alt=_("Ten pairs of bars: the probability of each digit with all strokes and without one."),
    )
    st.markdown(_("The probabilities with and without one stroke. Strokes are numbered in drawing order."))
    not_shown(
        _(
            "Limits: the other strokes are scaled and centred again, so all of them move. And if two "
            "strokes do the same job, neither seems to matter."
        )
    )


def _without_stroke(network: Network, strokes: list[Stroke], stroke: int) -> tuple[Ink, Values]:
    """The ink of the other strokes, and the probabilities for it."""
    remaining = without(strokes, stroke)
    ink = np.zeros((SIDE, SIDE), np.float32) if remaining is None else remaining
    return ink, probabilities(network, ink)[0]


def _show_pixels(image: ForwardPass, digit: int) -> None:
    predicted = int(image.probabilities.argmax())
    found = fewest_pixels(image, None if digit == predicted else digit, _MAX_PIXELS)
    after = found.probabilities
    left, right = st.columns([1, 2], gap="medium")
    with left:
        st.image(
            marked(found.ink, found.pixels), width=_LARGE, alt=_("The digit, with the changed pixels framed.")
        )
    with right:
        if found.reached:
            st.subheader(
                plural(
                    "{count} pixel changes the prediction",
                    "{count} pixels change the prediction",
                    len(found.pixels),
                ),
                anchor=False,
            )
            st.markdown(
                _(
                    "Before: read as {answer} ({before}). Now: read as **{new}** ({after}).",
                    answer=predicted,
                    before=percent(float(image.probabilities[predicted]), 1),
                    new=int(after.argmax()),
                    after=percent(float(after.max()), 1),
                )
            )
        else:
            st.subheader(_("{count} pixels are not enough", count=len(found.pixels)), anchor=False)
            st.markdown(
                _("The search could not change the prediction from {digit}.", digit=predicted)
                if digit == predicted
                else _("The search could not change the prediction to {digit}.", digit=digit)
            )
        st.markdown(_("Blue frames: ink added. Orange frames: ink removed."))
        not_shown(
            _(
                "Limits: an **adversarial attack** fools the network, not you. It explains little about the "
                "prediction. The search is greedy (one pixel at a time), so fewer pixels may be enough."
            )
        )


def _show_images(choice: Choice, image: ForwardPass, digit: int) -> None:
    with st.spinner(_("Running all training images through this network …")):
        known = measurements.features(choice.key, choice.network)
    train = resources.train_images()
    used = np.zeros(len(train), bool)
    used[training_indices(choice.config)] = True

    def look(among: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Neighbours:
        return nearest(image, known, train.images, _NEIGHBOURS, among)

    found = look(used)
    _show_row(found)
    if digit != int(image.probabilities.argmax()) and (used & (train.labels == digit)).any():
        st.markdown(_("Nearest images labelled **{digit}**:", digit=digit))
        _show_row(look(used & (train.labels == digit)))
    where = (
        _("the last hidden layer")
        if choice.config.hidden_layers
        else _("the logits (there is no hidden layer)")
    )
    st.markdown(
        _(
            "The five nearest of {count} training images, by distance in {where}. Half of the {count} are "
            "farther away than {median} (the median).",
            count=int(used.sum()),
            where=where,
            median=number(found.median, 1),
        )
    )
    not_shown(
        _(
            "Limits: this is similarity, not cause. The network stores weights, not images, so it does not "
            "look these up. What makes them similar is not shown."
        )
    )


def _show_row(found: Neighbours) -> None:
    train = resources.train_images()
    captions = [
        _("label {digit}, distance {distance}", digit=int(train.labels[index]), distance=number(distance, 2))
        for index, distance in zip(found.indices, found.distances, strict=True)
    ]
    row(zip(train.images[list(found.indices)], captions, strict=True), _SMALL)
