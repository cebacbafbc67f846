"""The yardstick of ``benchmarks.classroom``: a page with one text, and no more.

The app's own server runs this file beside its pages: what a rerun takes here, no page in that crowd can do
without.
"""

import streamlit as st

st.text("Nothing else.")
