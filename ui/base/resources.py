"""What all visitors of this process share, made once and never copied."""

import gc
import threading

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from model.config import TrainingConfig
from model.data import mnist
from model.data.mnist import LabelledImages
from model.drawing.photo import read_photo
from model.drawing.strokes import Ink
from model.evaluation import calibration, metrics
from model.evaluation.metrics import Evaluation
from model.explain import nearest_images, units
from model.explain.nearest_images import Features
from model.explain.units import LayerUnits
from model.inference import Network, logits
from model.slices import Arrays
from model.starter import recording as recordings
from model.starter import starter as starters
from model.starter.recording import Recording
from model.starter.starter import Starter
from runs.engine import LocalEngine
from runs.runner import Runner
from ui.base.visitor_store import BroughtBack, OwnTests

# Test images on which the units of a network are watched: enough to tell a dead unit from a shy one, and
# few enough to watch every epoch of four layers of 512 units while they play.
WATCHED = 1_000
# A tick costs the web process about 15 ms. A run among many has something new less often, so its page
# asks less often: 0.3 s for up to seven runs at work, 1.2 s among thirty.
_POLL_SECONDS = 0.3
_RUNS_PER_POLL = 8

_one_at_a_time = threading.Lock()


@st.cache_resource(show_spinner=False)
def runner() -> Runner:
    """The runner; its engine begins to warm up in the background with the first call."""
    gc.freeze()
    return Runner(LocalEngine())


def poll_seconds(runs_at_work: int) -> float:
    """How often a page asks for news of its run."""
    return _POLL_SECONDS * (1 + runs_at_work // _RUNS_PER_POLL)


@st.cache_resource(show_spinner=False)
def test_images() -> LabelledImages:
    """The 10,000 test images. Raises ``model.data.mnist.DataError``."""
    return mnist.load("test")


@st.cache_resource(show_spinner=False)
def train_images() -> LabelledImages:
    """The 60,000 training images. Raises ``model.data.mnist.DataError``."""
    return mnist.load("train")


@st.cache_resource(show_spinner=False)
def starter() -> Starter:
    """The network that reads drawings from the first minute on, and its check."""
    return starters.load()


@st.cache_resource(show_spinner=False)
def recording() -> Recording:
    """The lesson's network with its history."""
    return recordings.load()


@st.cache_resource(show_spinner=False, max_entries=32)
def photo(file_id: str, _content: bytes) -> Ink:
    """The ink in an uploaded photo.

    Raises:
        model.drawing.photo.PhotoError: it cannot be read, or shows no digit.
    """
    return read_photo(_content)


@st.cache_resource(show_spinner=False)
def own_tests() -> OwnTests:
    """The digits that visitors drew for their own tests."""
    return OwnTests()


@st.cache_resource(show_spinner=False, max_entries=8)
def keras_file(network_key: str, _config: TrainingConfig, _weights: Arrays) -> bytes:
    """A network as a ``.keras`` file, 15 MB at most.

    Raises:
        runs.keras_file.KerasFileError: the engine could not make it.
        TimeoutError: the engine did not come to it within a minute.
    """
    return runner().keras_file(_config, _weights).result(timeout=60)


@st.cache_resource(show_spinner=False)
def brought_back() -> BroughtBack:
    """The networks that visitors brought back from a file."""
    return BroughtBack()


@st.cache_resource(show_spinner=False, max_entries=32)
def evaluate(network_key: str, _network: Network, l2: float) -> Evaluation:
    """``_network`` on the test images; ``network_key`` names its run and epoch."""
    return metrics.evaluate(_network, test_images(), l2)


@st.cache_resource(show_spinner=False, max_entries=8)
def evaluated(network_key: str) -> dict[str, Evaluation]:
    """What is known about a network on sets of training images, by the set's name; 4 MB for all of them."""
    return {}


@st.cache_resource(show_spinner=False, max_entries=256)
def temperature(network_key: str, _network: Network, held_out: int) -> float:
    """The temperature of ``_network``, fitted on the last ``held_out`` training images, 5,000 at most."""
    images, few = train_images(), min(held_out, starters.HELD_OUT)
    return calibration.fit_temperature(logits(_network, images.images[-few:]), images.labels[-few:])


def watched() -> NDArray[np.uint8]:
    """The images on which the units of networks are watched: the first ``WATCHED`` test images."""
    return test_images().images[:WATCHED]


@st.cache_resource(show_spinner=False, max_entries=32)
def survey(network_key: str, _network: Network) -> tuple[LayerUnits, ...]:
    """What each layer of ``_network`` does on the ``watched`` images, 0.3 MB at most."""
    return units.survey(_network, watched())


@st.cache_resource(show_spinner=False, max_entries=6)
def features(network_key: str, _network: Network) -> Features:
    """What the last hidden layer of ``_network`` makes of the 60,000 training images, 31 MB at most.

    One network at a time: while it works it takes up to 230 MB.
    """
    with _one_at_a_time:
        return nearest_images.features(_network, train_images().images)
