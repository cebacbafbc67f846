"""The script that draws charts, loaded before there is one."""

from pathlib import Path

import streamlit as st

from ui.components.script import script

_loader = st.components.v2.component(
    "digitlab_charts_ahead", js=script(Path(__file__).with_name("charts_ahead.js"))
)


def load_charts() -> None:
    """Let the browser load plotly in the background, once the pad is there: it is half of all that a first
    visit loads. Call it on a page with a pad, outside of the pad's fragment."""
    if name := chart_script():
        _loader(data=name, key="charts_ahead", height=1)


@st.cache_resource(show_spinner=False)
def chart_script() -> str | None:
    """The name of Streamlit's script with plotly in it, a hash in it; ``None`` where there is none."""
    scripts = Path(st.__file__).parent / "static" / "static" / "js"
    return next((path.name for path in scripts.glob("PlotlyChart.*.js")), None)
