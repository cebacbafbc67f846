"""How a figure gets onto a page."""

import plotly.graph_objects as go
import streamlit as st

# Registers the template through which this app's theme reaches plotly; Streamlit itself would
# import it with the first chart, after the first figure was made.
import streamlit.elements.plotly_chart


def show(figure: go.Figure, key: str, alt: str) -> None:
    """Draw ``figure``; ``alt`` describes it to a screen reader and stays the same while it changes."""
    st.plotly_chart(figure, key=key, alt=alt, config={"displayModeBar": False})
