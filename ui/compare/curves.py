"""The curves of several networks on the same axes."""

from collections.abc import Sequence

import streamlit as st

from ui.base.text import _
from ui.compare.contenders import Contender
from ui.components import chart
from ui.components.figure_download import offer_figures
from ui.figures.compare import MAX_LINES, ComparedTexts, compared_figure, lines_of


def show_curves(contenders: Sequence[Contender]) -> None:
    """All validation curves on the same axes, zoomed together."""
    st.subheader(_("Curves"), anchor=False)
    begun = [contender for contender in contenders if contender.history]
    lines = lines_of([(contender.label, contender.history) for contender in begun])
    texts = ComparedTexts(_("Validation accuracy"), _("Validation loss"), _("epoch"))
    chart.show(
        chart.shared(compared_figure, lines, texts),
        key="compare_curves",
        alt=_("Charts: validation accuracy and loss of the chosen networks, epoch by epoch."),
    )
    st.caption(
        _(
            "The values before training (epoch 0) may lie outside the charts. Drag to zoom: both charts"
            " show the "
            "same epochs. Double-click to reset."
        )
    )
    if begun:
        offer_figures(["compare_curves"])
    if len(begun) > MAX_LINES:
        st.caption(_("Only the first {count} are drawn, to keep the charts readable.", count=MAX_LINES))
    if len({contender.config.held_out for contender in begun[:MAX_LINES]}) > 1:
        st.caption(
            _(
                "These recipes hold out different numbers of images, so their validation images differ. "
                "Compare the curves only roughly. The results above all use the same test images."
            )
        )
