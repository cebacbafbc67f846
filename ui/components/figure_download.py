"""The charts of a page as pictures to take away."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from ui.base.text import _
from ui.components.script import script

_HERE = Path(__file__).parent
_saver = st.components.v2.component(
    "digitlab_figure_files",
    js=script(_HERE / "figure_download.js"),
    css=(_HERE / "figure_download.css").read_text(encoding="utf-8"),
)


def offer_figures(keys: Sequence[str]) -> None:
    """Two buttons that save the charts with these ``keys`` as they stand on the page, PNG or SVG."""
    _saver(
        data={"keys": list(keys), "labels": {"png": _("Figures (PNG)"), "svg": _("Figures (SVG)")}},
        key="figure_files",
    )
