"""The only place that names session_state keys. The session holds ids and plain values."""

import re
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from model.config import TrainingConfig

COOKIE = "digitlab_visitor"
# Seconds; longer than the 200 ms for which the canvas keeps a stroke to itself after the pen has lifted.
STROKE_DELAY = 0.3
# Widgets of ``ui.reading.source`` that the page sets, too.
SOURCE, TEST_IMAGE = "source", "test_image"
# What Look inside shows, and of which image: clicks and links set them, too.
INSIDE_VIEW, INSIDE_SOURCE = "inside_view", "inside_source"
# What secrets.token_urlsafe(16) makes: 128 random bits.
_SECRET = re.compile(r"[\w-]{22}", re.ASCII)


@dataclass
class Pad:
    """The visitor's drawing: canvas objects, the ones it was mounted with, and a counter.

    ``discarded`` are objects that the canvas may still send after Clear or Undo.
    """

    objects: list[Any] = field(default_factory=list)
    initial: list[Any] = field(default_factory=list)
    version: int = 0
    visit: int = -1
    discarded: list[Any] | None = None


def visitor() -> str:
    """Who this is, as nobody else can guess: what the browser kept (``ui.base.visitor``), or a new secret."""
    if "visitor" not in st.session_state:
        kept = str(st.context.cookies.get(COOKIE))
        st.session_state["visitor"] = kept if _SECRET.fullmatch(kept) else secrets.token_urlsafe(16)
    return str(st.session_state["visitor"])


def enter(page: str) -> None:
    """Note that the visitor is on ``page`` now."""
    if st.session_state.get("page") != page:
        st.session_state["page"] = page
        st.session_state["visit"] = visit() + 1
        stop_replay()
        stop_playing()


def visit() -> int:
    """Grows by one with every change of page."""
    return int(st.session_state.get("visit", 0))


def pad(name: str = "draw") -> Pad:
    """The drawing called ``name``; pages that ask for the same name share it."""
    kept: Pad = st.session_state.setdefault("pad" if name == "draw" else f"{name}_pad", Pad())
    return kept


def config() -> TrainingConfig:
    """The recipe as it was last set on Train; the seed recipe before that."""
    text = st.session_state.get("config")
    return TrainingConfig.from_json(text) if text else TrainingConfig()


def set_config(value: TrainingConfig, restart: bool = False) -> None:
    """Remember the recipe; ``restart`` makes the controls show it, wherever they stand."""
    st.session_state["config"] = value.to_json()
    if restart:
        st.session_state["restarts"] = st.session_state.get("restarts", 0) + 1


def controls() -> tuple[TrainingConfig, str]:
    """Where the recipe's controls start from, and what their keys begin with.

    Both stay while the visitor moves the controls, and are new after a change of page and after
    ``set_config(..., restart=True)``.
    """
    version = f"{visit()}_{st.session_state.get('restarts', 0)}"
    if st.session_state.get("controls_version") != version:
        st.session_state["controls_version"] = version
        st.session_state["controls_start"] = config().to_json()
    return TrainingConfig.from_json(st.session_state["controls_start"]), f"recipe_{version}_"


def run_id() -> str | None:
    """The run that Train shows."""
    shown = st.session_state.get("run_id")
    return str(shown) if shown else None


def set_run_id(value: str | None) -> None:
    st.session_state["run_id"] = value
    stop_replay()


def replay_seconds() -> float | None:
    """How long the recorded run has been playing, or ``None`` where it is not shown."""
    since = st.session_state.get("replay_since")
    return None if since is None else time.monotonic() - float(since)


def start_replay() -> None:
    st.session_state["replay_since"] = time.monotonic()


def stop_replay() -> None:
    st.session_state["replay_since"] = None


def asked() -> tuple[int, int] | None:
    """The order and the number of the digit that this page of the own test asked for last."""
    shown = st.session_state.get("asked")
    return (int(shown[0]), int(shown[1])) if shown else None


def set_asked(value: tuple[int, int] | None) -> None:
    st.session_state["asked"] = value


def submitted() -> float | None:
    """Since when a drawing of the own test waits for its last stroke."""
    since = st.session_state.get("submitted")
    return None if since is None else float(since)


def set_submitted(since: float | None) -> None:
    st.session_state["submitted"] = since


def keras_file_of() -> str | None:
    """The key of the network whose ``.keras`` file the visitor has asked for."""
    key = st.session_state.get("keras_file_of")
    return str(key) if key else None


def set_keras_file_of(key: str) -> None:
    st.session_state["keras_file_of"] = key


def link() -> dict[str, str]:
    """The parameters of the address that were taken over last."""
    return dict(st.session_state.get("link", {}))


def set_link(parameters: dict[str, str]) -> None:
    st.session_state["link"] = parameters


def hidden() -> set[str]:
    """The controls that a link has hidden."""
    return set(st.session_state.get("hidden", []))


def set_hidden(controls: list[str]) -> None:
    st.session_state["hidden"] = controls


def language() -> str | None:
    """The language that a link asks for, whatever the browser does."""
    code = st.session_state.get("language")
    return str(code) if code else None


def set_language(code: str) -> None:
    st.session_state["language"] = code


def epoch(run_id: str) -> int | None:
    """The epoch of a run that the visitor looks at; ``None`` for the newest."""
    chosen = st.session_state.get("epochs", {}).get(run_id)
    return None if chosen is None else int(chosen)


def set_epoch(run_id: str, value: int | None) -> None:
    st.session_state["epochs"] = {**st.session_state.get("epochs", {}), run_id: value}


def playing() -> str | None:
    """The run whose epochs play."""
    run_id = st.session_state.get("playing")
    return str(run_id) if run_id else None


def played() -> tuple[int, float]:
    """The epoch from which on they play, and for how many seconds they have."""
    first, since = st.session_state["playing_from"]
    return int(first), time.monotonic() - float(since)


def start_playing(run_id: str, epoch: int) -> None:
    st.session_state["playing"], st.session_state["playing_from"] = run_id, (epoch, time.monotonic())


def stop_playing() -> None:
    st.session_state["playing"] = None


def prefer(widget: str, value: object, anew: bool = False) -> None:
    """Give the widget with this key a ``value``, if it has none or ``anew``. Call it before the widget."""
    if anew or widget not in st.session_state:
        st.session_state[widget] = value


def value(widget: str) -> Any:
    """What the widget or component with this key says. Call it in its callback."""
    return st.session_state[widget]


def opened() -> tuple[int, int] | None:
    """The unit that was opened last in Look inside: its layer, 1 for the first behind the pixels, and its
    place in it, from 0. Another network may have no such unit."""
    place = st.session_state.get("opened_unit")
    return (int(place[0]), int(place[1])) if place else None


def open_unit(layer: int, unit: int, view: str | None = None) -> None:
    """Remember the unit to show, and change to ``view``. Call it in a callback, or before the widgets."""
    st.session_state["opened_unit"] = (layer, unit)
    if view:
        st.session_state[INSIDE_VIEW] = view


def look_at(image: int) -> None:
    """Let Look inside show a test image, from 0. Call it in a callback, or before the widgets."""
    st.session_state[INSIDE_SOURCE] = "test"
    st.session_state[TEST_IMAGE] = image + 1


def linked() -> str | None:
    """The network that a link to Look inside asked for."""
    name = st.session_state.get("linked")
    return str(name) if name else None


def set_linked(name: str | None) -> None:
    st.session_state["linked"] = name


def inside_link() -> dict[str, str]:
    """The parameters of the address that Look inside took over last."""
    return dict(st.session_state.get("inside_link", {}))


def set_inside_link(parameters: dict[str, str]) -> None:
    st.session_state["inside_link"] = parameters


def followed() -> dict[int, int]:
    """The units that the visitor picked to follow through a training step, by layer, the pixels being 0 and
    the answers -1."""
    return dict(st.session_state.get("followed", {}))


def follow(layer: int, unit: int) -> None:
    st.session_state["followed"] = {**followed(), layer: unit}


def follow_none() -> None:
    st.session_state["followed"] = {}


def has_drawn(strokes: int) -> bool:
    """The pad held another number of strokes when this was last asked."""
    before = st.session_state.get("strokes", strokes)
    st.session_state["strokes"] = strokes
    return bool(before != strokes)


@dataclass(frozen=True)
class Prediction:
    """A guess that the visitor committed to, and the runs that try it.

    ``recipes``: JSON, variant A and variant B of the first seed, then of the next; ``runs``: the ids of
    those submitted so far, in the same order.
    """

    guess: str
    why: str
    recipes: tuple[str, ...]
    runs: tuple[str, ...] = ()
    explanation: str = ""


def prediction() -> Prediction | None:
    """The guess that is being tried, or was last."""
    kept: Prediction | None = st.session_state.get("prediction")
    return kept


def set_prediction(value: Prediction | None) -> None:
    st.session_state["prediction"] = value
