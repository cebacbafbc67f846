"""What all visitors of this process share, made once and never copied."""

import gc

import streamlit as st

from model import data, evaluation, starter
from model.data import LabelledImages
from model.evaluation import Evaluation
from model.inference import Network
from model.starter import Recording
from runs.engine import LocalEngine
from runs.runner import Runner


@st.cache_resource(show_spinner=False)
def runner() -> Runner:
    """The runner; its engine begins to warm up in the background with the first call."""
    gc.freeze()
    return Runner(LocalEngine())


@st.cache_resource(show_spinner=False)
def test_images() -> LabelledImages:
    """The 10,000 test images. Raises ``model.data.DataError``."""
    return data.load("test")


@st.cache_resource(show_spinner=False)
def recording() -> Recording:
    """The starter with its history."""
    return starter.load()


@st.cache_resource(show_spinner=False, max_entries=32)
def evaluate(network_key: str, _network: Network, l2: float) -> Evaluation:
    """``_network`` on the test images; ``network_key`` names its run and epoch."""
    return evaluation.evaluate(_network, test_images(), l2)
