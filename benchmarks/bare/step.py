"""The yardstick of ``benchmarks.look_inside``: a slider over epochs and one chart that follows it, no more.

Streamlit runs this file: what a step of the slider takes here, no page with a chart can do without.
"""

import numpy as np
import plotly.graph_objects as go
import streamlit as st

_EPOCHS = range(21)
_BARS = 100

epoch = st.select_slider("After epoch", _EPOCHS, _EPOCHS[-1])
heights = np.random.default_rng(epoch).random(_BARS).tolist()
with st.container(key="bars"):
    st.plotly_chart(go.Figure(go.Bar(y=heights)), config={"displayModeBar": False})
