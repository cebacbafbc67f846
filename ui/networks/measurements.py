"""What is known about a network, measured once for all visitors.

``network_key`` names its weights: a run or a file, and an epoch. The network itself is never hashed.
"""

import threading
from collections import deque
from collections.abc import Callable

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from model.config import TrainingConfig
from model.data.mnist import LabelledImages
from model.evaluation import calibration, metrics
from model.evaluation.metrics import Evaluation
from model.explain import nearest_images, units
from model.explain.histogram import Histogram
from model.explain.nearest_images import Features
from model.explain.units import LayerStatistics
from model.inference import Network, logits
from model.slices import Arrays
from model.starter.starter import HELD_OUT
from ui.base import resources

# Test images that every unit of a network is measured on: enough to tell a dead unit from a shy one, and
# few enough for every epoch of four layers of 512 units while they play.
PROBE_IMAGES = 1_000
# An evaluation takes 0.6 MB on the test images, and 3.4 MB on all training images.
_EVALUATIONS = 24

_measured: deque[tuple[str, str]] = deque(maxlen=_EVALUATIONS)
_one_at_a_time = threading.Lock()


@st.cache_resource(show_spinner=False, max_entries=_EVALUATIONS)
def evaluation_of(
    network_key: str, image_set: str, _network: Network, l2: float, _images: Callable[[], LabelledImages]
) -> Evaluation:
    """``_network`` on the images that ``_images`` loads, which ``image_set`` names."""
    evaluation = metrics.evaluate(_network, _images(), l2)
    _measured.append((network_key, image_set))
    return evaluation


def is_measured(network_key: str, image_set: str) -> bool:
    """Whether ``evaluation_of`` has the result already, and answers at once."""
    return (network_key, image_set) in _measured


@st.cache_resource(show_spinner=False, max_entries=256)
def temperature(network_key: str, _network: Network, held_out: int) -> float:
    """The temperature of ``_network``, fitted on the last ``held_out`` training images, 5,000 at most."""
    images, few = resources.train_images(), min(held_out, HELD_OUT)
    return calibration.fit_temperature(logits(_network, images.images[-few:]), images.labels[-few:])


def probe_images() -> NDArray[np.uint8]:
    """The images that the units of networks are measured on: the first ``PROBE_IMAGES`` test images."""
    return resources.test_images().images[:PROBE_IMAGES]


@st.cache_resource(show_spinner=False, max_entries=32)
def layer_statistics(network_key: str, _network: Network) -> tuple[LayerStatistics, ...]:
    """What each layer of ``_network`` does on the ``probe_images``, 0.6 MB at most."""
    return units.layer_statistics(_network, probe_images())


@st.cache_resource(show_spinner=False, max_entries=256)
def most_exciting(network_key: str, _network: Network, layer: int, unit: int) -> list[tuple[int, float]]:
    """The ``probe_images`` that excite a unit of ``_network`` most; nobody may change the list."""
    return units.most_exciting(_network, probe_images(), layer, unit)


@st.cache_resource(show_spinner=False, max_entries=32)
def weight_histograms(network_key: str, _network: Network) -> tuple[Histogram, ...]:
    """The weights of each layer of ``_network``, 0.5 MB at most."""
    return units.weight_histograms(_network)


@st.cache_resource(show_spinner=False, max_entries=6)
def features(network_key: str, _network: Network) -> Features:
    """What the last hidden layer of ``_network`` makes of the 60,000 training images, 31 MB at most.

    One network at a time: while it works it takes up to 230 MB.
    """
    with _one_at_a_time:
        return nearest_images.features(_network, resources.train_images().images)


@st.cache_resource(show_spinner=False, max_entries=8)
def keras_file(network_key: str, _config: TrainingConfig, _weights: Arrays) -> bytes:
    """A network as a ``.keras`` file, 15 MB at most.

    Raises:
        runs.keras_file.KerasFileError: the engine could not make it.
        TimeoutError: the engine did not come to it within a minute.
    """
    return resources.runner().keras_file(_config, _weights).result(timeout=60)
