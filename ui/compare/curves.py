"""The curves of several networks on the same axes."""

from collections.abc import Sequence

import streamlit as st

from ui.base.text import _
from ui.compare.contenders import Contender
from ui.components import chart
from ui.components.figure_download import offer_figures
from ui.figures.compare import MAX_LINES, OverlayTexts, lines_of, overlay_figure


def show_curves(contenders: Sequence[Contender]) -> None:
    """All validation curves on the same axes, zoomed together."""
    st.subheader(_("Curves"), anchor=False)
    begun = [contender for contender in contenders if contender.history]
    lines = lines_of([(contender.label, contender.history) for contender in begun])
    texts = OverlayTexts(_("Validation accuracy"), _("Validation loss"), _("epoch"))
    chart.show(
        overlay_figure(lines, texts),
        key="compare_curves",
        alt=_("Charts of the validation accuracy and loss of all chosen networks, epoch by epoch."),
    )
    st.caption(
        _(
            "The axes show what was learned; the guessing at the start may lie outside. Drag over a part to "
            "enlarge it: the epochs go along in the other chart. A double click brings all back."
        )
    )
    if begun:
        offer_figures(["compare_curves"])
    if len(begun) > MAX_LINES:
        st.caption(_("Only the first {count} are drawn: more could not be told apart.", count=MAX_LINES))
    if len({contender.config.held_out for contender in begun[:MAX_LINES]}) > 1:
        st.caption(
            _(
                "Not all of them are validated on the same images, because they hold out other numbers of "
                "them: such curves can only be compared roughly. The results above are all on the test "
                "images."
            )
        )
