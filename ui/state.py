"""The only place that names session_state keys. The session holds ids and plain values."""

import secrets
import time
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from model.config import TrainingConfig

_CONTROL = "recipe_"


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
    """Who this is, as nobody else can guess."""
    return str(st.session_state.setdefault("visitor", secrets.token_urlsafe(16)))


def enter(page: str) -> None:
    """Note that the visitor is on ``page`` now."""
    if st.session_state.get("page") != page:
        st.session_state["page"] = page
        st.session_state["visit"] = visit() + 1


def visit() -> int:
    """Grows by one with every change of page."""
    return int(st.session_state.get("visit", 0))


def pad() -> Pad:
    """The drawing, shared by all pages with a pad."""
    kept: Pad = st.session_state.setdefault("pad", Pad())
    return kept


def config() -> TrainingConfig:
    """The recipe as it was last set on Train; the seed recipe before that."""
    text = st.session_state.get("config")
    return TrainingConfig.from_json(text) if text else TrainingConfig()


def set_config(value: TrainingConfig) -> None:
    st.session_state["config"] = value.to_json()


def control(name: str, value: Any) -> str:
    """The key of a recipe's control, which starts at ``value`` where the page is new."""
    key = f"{_CONTROL}{name}"
    st.session_state.setdefault(key, value)
    return key


def forget_controls() -> None:
    """Let the controls start anew from ``config``."""
    for key in [key for key in st.session_state if str(key).startswith(_CONTROL)]:
        del st.session_state[key]


def run_id() -> str | None:
    """The run that Train shows."""
    shown = st.session_state.get("run_id")
    return str(shown) if shown else None


def set_run_id(value: str | None) -> None:
    st.session_state["run_id"] = value
    st.session_state["replay_since"] = None


def replay_seconds() -> float | None:
    """How long the recorded run has been playing, or ``None`` where it is not shown."""
    since = st.session_state.get("replay_since")
    return None if since is None else time.monotonic() - float(since)


def start_replay() -> None:
    st.session_state["replay_since"] = time.monotonic()
