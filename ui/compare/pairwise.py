"""Two networks on the same test images: who is right where, and whether that is more than chance."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from model.evaluation.comparison import Comparison, compare, same_order_of_images
from model.evaluation.metrics import LEVEL, Evaluation
from ui.base import resources
from ui.base.text import _, number, percent, plural
from ui.compare.contenders import Contender
from ui.components import chart
from ui.components.captioned_image import row_and_more
from ui.figures.evaluation import difference_figure
from ui.networks.epochs import choose_epoch, play_through
from ui.networks.image_sets import ImageSet, evaluate_on
from ui.networks.selection import chosen, epochs_of, kept_epoch_of
from ui.recipe.difference import layers_by_start

_SHOWN = 20
# Below it a p-value is only called small.
_MIN_P = 0.0001


def show_pair(contenders: Sequence[Contender]) -> None:
    """Two select boxes over ``contenders``, the first two preselected, and the comparison of those, after
    any of their epochs."""
    play_through(partial(_show_pair, contenders))


def _show_pair(contenders: Sequence[Contender]) -> None:
    st.subheader(_("Two networks on the same test images"), anchor=False)
    by_id = {contender.id: contender for contender in contenders}
    names = {run_id: contender.label for run_id, contender in by_id.items()}
    columns = st.columns(2)
    chosen = [
        column.selectbox(
            label,
            list(by_id),
            min(index, len(by_id) - 1) if by_id else None,
            format_func=lambda run_id: names.get(run_id, run_id),
            key=f"compare_{key}",
            disabled=len(by_id) < 2,
            placeholder=_("Choose two or more above"),
        )
        for index, (column, label, key) in enumerate(
            zip(columns, (_("First"), _("Second")), ("first", "second"), strict=True)
        )
    ]
    first, second = (by_id.get(str(run_id)) for run_id in chosen)
    if first is None or second is None or first is second:
        st.markdown(_("Choose two different networks to compare their predictions image by image."))
        return
    with columns[0]:
        first = _after_epoch(first, "first")
    with columns[1]:
        second = _after_epoch(second, "second")
    if first.result is None or second.result is None:
        st.markdown(_("The weights of one network were deleted to save space, so there are no predictions."))
        return
    comparison = compare(first.result, second.result)
    if not len(comparison.differing):
        st.markdown(
            _(
                "**No difference.** {first} and {second} predict the same digit for every test image.",
                first=first.markdown,
                second=second.markdown,
            )
        )
        _show_start(first, second)
        st.info(_("Change one setting and train again."), icon=":material/tune:")
        return
    left, right = st.columns(2, gap="large")
    with left:
        _show_verdict(comparison, first.markdown, second.markdown)
        _show_start(first, second)
    with right:
        _show_matrix(comparison, first, second)
    left, right = st.columns(2, gap="large")
    labelled = ((first.markdown, first.result), (second.markdown, second.result))
    with left:
        _show_images(
            _("Only {network} is correct", network=first.markdown),
            comparison.only_first,
            labelled,
            "only_first",
        )
    with right:
        _show_images(
            _("Only {network} is correct", network=second.markdown),
            comparison.only_second,
            labelled,
            "only_second",
        )
    both_wrong = len(comparison.differing) - len(comparison.only_first) - len(comparison.only_second)
    st.caption(
        plural(
            "On {count} more image, both are wrong but predict different digits.",
            "On {count} more images, both are wrong but predict different digits.",
            both_wrong,
        )
    )


def _after_epoch(contender: Contender, side: str) -> Contender:
    """``contender`` as it was after the epoch that the visitor chooses; the one that counts at first."""
    if contender.run is None or contender.result is None:
        return contender
    epoch = choose_epoch(contender.id, epochs_of(contender.id), side, kept_epoch_of(contender.id))
    if epoch == contender.run.kept_epoch:
        return contender
    choice = chosen(contender.id, epoch)
    label, markdown = (
        _("{network}, epoch {epoch}", network=name, epoch=epoch)
        for name in (contender.label, contender.markdown)
    )
    return replace(contender, label=label, markdown=markdown, result=evaluate_on(ImageSet.TEST, choice))


def _show_verdict(comparison: Comparison, first: str, second: str) -> None:
    discordant = len(comparison.only_first) + len(comparison.only_second)
    more = len(comparison.only_first), len(comparison.only_second)
    st.markdown(
        _(
            "Images classified correctly only by {first}: {only_first}; only by {second}: {only_second}.",
            first=first,
            second=second,
            only_first=more[0],
            only_second=more[1],
        )
    )
    if not discordant:
        st.markdown(_("**No difference.** Both classify exactly the same images correctly."))
    elif comparison.is_more_than_chance:
        st.markdown(
            _(
                "**Significant difference** (McNemar's test). If both networks were equally good, {share} "
                "of all test sets would give a split at least this uneven.",
                share=_p_text(comparison.p_value),
            )
        )
    else:
        st.markdown(
            _(
                "**No significant difference** (McNemar's test): it may be chance. Even if both networks "
                "were equally good, {share} of all test sets would give a split at least this uneven.",
                share=_p_text(comparison.p_value),
            )
        )
    low, high = comparison.interval
    low_loss, high_loss = comparison.loss_interval
    st.table(
        {
            _("{second} minus {first}", second=second, first=first): [
                _("accuracy (percentage points)"),
                _("loss"),
            ],
            _("difference"): [
                _signed(100 * comparison.difference, 2),
                _signed(comparison.loss_difference, 4),
            ],
            _("{level} interval", level=percent(LEVEL)): [
                _("{low} to {high}", low=_signed(100 * low, 2), high=_signed(100 * high, 2)),
                _("{low} to {high}", low=_signed(low_loss, 4), high=_signed(high_loss, 4)),
            ],
        }
    )
    st.caption(
        _(
            "The intervals cover the choice of test images, not the seed. Trained with other seeds, both "
            "networks would give slightly different results."
        )
    )


def _show_start(first: Contender, second: Contender) -> None:
    """What of their training was the same."""
    if not (first.has_recipe and second.has_recipe):
        st.caption(
            _(
                "The starter was trained by a separate program. It shares neither initial weights nor the "
                "order of the images with any run."
            )
        )
        return
    same, other = layers_by_start(first.config, second.config)
    if not other:
        weights = _("All layers started from the same initial weights.")
    elif same:
        weights = _(
            "Same initial weights: layer {same}. Different initial weights, because the shapes differ: "
            "layer {other}.",
            same=same,
            other=other,
        )
    elif first.config.seed != second.config.seed:
        weights = _("All initial weights were different, because the seeds differ.")
    else:
        weights = _("All initial weights were different, because the shapes of all layers differ.")
    if same_order_of_images(first.config, second.config):
        order = _("Both were trained on the same images in the same order.")
    else:
        order = _("They were not trained on the same images in the same order.")
    st.caption(weights)
    st.caption(order)


def _show_matrix(comparison: Comparison, first: Contender, second: Contender) -> None:
    chart.show(
        chart.shared(difference_figure, comparison.confusion, _("true digit"), _("predicted digit")),
        key="compare_confusion",
        alt=_(
            "The confusion matrix of {second} minus that of {first}.",
            second=second.label,
            first=first.label,
        ),
    )
    st.caption(
        _(
            "The confusion matrix of {second} minus that of {first}. Blue: {second} predicts this digit "
            "more often. Orange: less often. Blue is good on the diagonal and bad elsewhere.",
            second=second.markdown,
            first=first.markdown,
        )
    )


def _show_images(
    title: str, indices: NDArray[np.int64], labelled: Sequence[tuple[str, Evaluation]], key: str
) -> None:
    """The most confident mistakes of the other one first, with both answers."""
    images = resources.test_images().images
    st.markdown(_("**{title}: {count}**", title=title, count=len(indices)))
    if not len(indices):
        st.write(_("No such images."))
        return
    if len(indices) > _SHOWN:
        st.caption(_("The {count} most confident errors of the other network.", count=_SHOWN))
    (first, of_first), (second, of_second) = labelled

    def caption(index: int) -> str:
        image = indices[index]
        return _(
            "{first}: {one}  \n{second}: {other}",
            first=first,
            one=int(of_first.predicted[image]),
            second=second,
            other=int(of_second.predicted[image]),
        )

    row_and_more(images[indices[:_SHOWN]], caption, key)


def _p_text(p_value: float) -> str:
    """A p-value as a share in plain sight."""
    if p_value < _MIN_P:
        return _("less than {share}", share=percent(_MIN_P, 2))
    return percent(p_value, 2 if p_value < 0.01 else 1)


def _signed(value: float, digits: int) -> str:
    """``value`` with its sign; what rounds to zero has none."""
    rounded = round(value, digits) or 0.0
    text = number(rounded, digits)
    return _("+{number}", number=text) if rounded > 0 else text
