import streamlit as st
from ui.frame import frame

with frame("learn"):
    st.write("")
