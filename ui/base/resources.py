"""What all visitors of this process share, made once and never copied."""

import gc

import streamlit as st

from classroom.answers import Answers
from classroom.archive.lesson_record import TakeHome
from classroom.desk import Desk
from classroom.eyes_up import EyesUp
from classroom.guessing import Guessing
from classroom.handwriting import Handwriting
from classroom.operator import Operator
from classroom.paper import Paper
from classroom.reached import Reached
from classroom.rehearsal.rehearsals import Rehearsals
from classroom.rooms import Rooms
from classroom.seats import Seats
from classroom.teaching_it import TeachingIt
from model.data import mnist
from model.data.mnist import LabelledImages
from model.starter import recording as recordings
from model.starter import starter as starters
from model.starter.recording import Recording
from model.starter.starter import Starter
from runs.cluster.engine import ClusterEngine
from runs.cluster.settings import scheduler_address
from runs.keeping import open_writer
from runs.local_engine import LocalEngine
from runs.runner import Runner
from visitors.desks import Desks
from visitors.devices import Devices
from visitors.hypotheses import Hypotheses
from visitors.imported_networks import ImportedNetworks
from visitors.own_tests import OwnTests


@st.cache_resource(show_spinner=False)
def engine() -> LocalEngine | ClusterEngine:
    """What the runner lets compute: this machine, or those behind ``DIGITLAB_SCHEDULER``."""
    address = scheduler_address()
    return LocalEngine() if address is None else ClusterEngine(address)


@st.cache_resource(show_spinner=False)
def runner() -> Runner:
    """The runner; with the first call its engine begins to warm up in the background, and it goes on with the
    runs that a former server left."""
    gc.freeze()
    return Runner(engine(), writer=open_writer())


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


@st.cache_resource(show_spinner=False)
def own_tests() -> OwnTests:
    """The digits that visitors drew for their own tests."""
    return OwnTests(runner().writer)


@st.cache_resource(show_spinner=False)
def imported_networks() -> ImportedNetworks:
    """The networks that visitors imported from a file."""
    return ImportedNetworks(runner().writer)


@st.cache_resource(show_spinner=False)
def hypotheses() -> Hypotheses:
    """What visitors guessed on Guess first."""
    return Hypotheses(runner().writer)


@st.cache_resource(show_spinner=False)
def desks() -> Desks:
    """What lay last on visitors' desks."""
    return Desks(runner().writer)


@st.cache_resource(show_spinner=False)
def devices() -> Devices:
    """Which browsers find the work of which visitor."""
    return Devices(runner().writer)


@st.cache_resource(show_spinner=False)
def rooms() -> Rooms:
    """Rooms as their teachers have them."""
    return Rooms(runner().writer)


@st.cache_resource(show_spinner=False)
def seats() -> Seats:
    """Seats as pupils have them."""
    return Seats(runner().writer)


@st.cache_resource(show_spinner=False)
def handwriting() -> Handwriting:
    """The digits that classes have drawn."""
    return Handwriting(runner().writer, rooms(), seats(), own_tests())


@st.cache_resource(show_spinner=False)
def answers() -> Answers:
    """What classes have answered."""
    return Answers(runner().writer, rooms())


@st.cache_resource(show_spinner=False)
def guessing() -> Guessing:
    """What classes guess together."""
    return Guessing(runner(), rooms(), answers())


@st.cache_resource(show_spinner=False)
def teaching_it() -> TeachingIt:
    """What teaches the lesson's network the handwriting of classes."""
    return TeachingIt(runner(), rooms(), seats(), handwriting(), recording, test_images)


@st.cache_resource(show_spinner=False)
def paper() -> Paper:
    """What classes have written on paper."""
    return Paper(runner().writer, rooms())


@st.cache_resource(show_spinner=False)
def desk() -> Desk:
    """What teachers' desks show."""
    return Desk(runner().writer, rooms())


@st.cache_resource(show_spinner=False)
def eyes_up() -> EyesUp:
    """What lets a class look up, and its runs rest."""
    return EyesUp(runner(), rooms())


@st.cache_resource(show_spinner=False)
def rehearsals() -> Rehearsals:
    """The rooms with made-up pupils."""
    return Rehearsals(runner(), rooms(), seats(), own_tests(), answers())


@st.cache_resource(show_spinner=False)
def operator() -> Operator:
    """Who says that they run this server."""
    return Operator()


@st.cache_resource(show_spinner=False)
def reached() -> Reached:
    """Whether pupils get through to this server."""
    return Reached()


@st.cache_resource(show_spinner=False)
def take_home() -> TakeHome:
    """What teachers take home of a lesson."""
    return TakeHome(runner().writer, rooms(), handwriting())
