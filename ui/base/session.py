"""The session, which holds ids and plain values: nothing else in ui/ touches session_state.

A ``Slot`` is one value under one key, defined here where several folders read it; a function stands where
one step changes several. Keys of widgets that the page sets, too, are constants.
"""

import re
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypedDict, TypeVar

import streamlit as st

from model.config import TrainingConfig
from visitors.identity import visitor_id

T = TypeVar("T")

COOKIE = "digitlab_visitor"
# Widgets of ``ui.reading.source`` that the page sets, too.
SOURCE, TEST_IMAGE = "source", "test_image"
# The step that Learn shows: its button to the next one sets it, too.
LEARN_STEP = "learn_step"
# What the secret of a browser that finds another one's work begins with.
_LINKED = "linked-"
# What secrets.token_urlsafe(16) makes: 128 random bits.
_SECRET = re.compile(rf"({_LINKED})?[\w-]{{22}}", re.ASCII)


@dataclass(frozen=True)
class Slot(Generic[T]):
    """A value of this visitor's session: ``default`` until it is set."""

    key: str
    default: T

    def get(self) -> T:
        """The value; nobody may change it in place."""
        value: T = st.session_state.get(self.key, self.default)
        return value

    def set(self, value: T) -> None:
        st.session_state[self.key] = value

    def reset(self) -> None:
        self.set(self.default)


# Grows by one with every change of page.
visit = Slot("visit", 0)
# The visit on which the visitor was recognised last.
recognised_on = Slot("recognised_on", -1)
# The seat in a class, as JSON that ``ui.base.seat`` writes, and the visit on which it was looked for last.
own_seat = Slot[str | None]("own_seat", None)
seated_on = Slot("seated_on", -1)
# The step of the lesson that the visitor was taken to last; when the page told of itself last, on the
# monotonic clock.
class_step = Slot[str | None]("class_step", None)
seen_at = Slot("seen_at", 0.0)
# The code of the class that is being joined, once it was found; whether a seat there is another pupil's.
joining = Slot[str | None]("joining", None)
is_new_here = Slot("is_new_here", False)
# The secret of a new pupil, until the seat is there: of two presses on Join the second finds the same seat.
secret_of_new_pupil = Slot[str | None]("secret_of_new_pupil", None)
# How many photos of sheets were kept or discarded: each is chosen with a control of its own.
sheets_read = Slot("sheets_read", 0)
# The run that Train shows; ``show_run`` changes it.
run_id = Slot[str | None]("run_id", None)
# What Compare and Evaluate begin with, where another page says so; each is read once.
to_compare = Slot[Sequence[str]]("to_compare", [])
network_to_show = Slot[str | None]("network_to_show", None)
# The order and the number of the digit that this page of the own test asked for last.
asked = Slot[tuple[int, int] | None]("asked", None)
# Since when, on the monotonic clock, a drawing of the own test waits for its last stroke.
submitted = Slot[float | None]("submitted", None)
# The key of the network whose ``.keras`` file the visitor has asked for.
keras_file_of = Slot[str | None]("keras_file_of", None)
# The parameters of the address that were taken over last.
link = Slot[Mapping[str, str]]("link", {})
# The controls that a link has hidden.
hidden = Slot[Sequence[str]]("hidden", ())
# The language that a link asks for, whatever the browser does.
language = Slot[str | None]("language", None)
# The run whose epochs play.
playing = Slot[str | None]("playing", None)
# The name of the hypothesis that Guess first shows; empty for none, ``None`` before it was looked for.
hypothesis = Slot[str | None]("hypothesis", None)
# What went wrong in the last callback, as Markdown, and when, on the monotonic clock.
trouble = Slot[tuple[str, float] | None]("trouble", None)
# What came of the last import of an archive, or why it was refused, as Markdown; and how often one was read.
imported = Slot[tuple[Sequence[str], Sequence[str]] | None]("imported", None)
import_refused = Slot[str | None]("import_refused", None)
imports = Slot("imports", 0)
# The recipe and the drawing, as JSON, as they were here when they were last kept or found again; ``None``
# before that.
on_desk = Slot[Sequence[str] | None]("on_desk", None)
# What of both was kept or found then, in the words in which it is kept.
kept_on_desk = Slot[Sequence[str | None]]("kept_on_desk", [None, None])
# The visit on which they were last looked for, and whether each of them was changed elsewhere before it.
recalled_on = Slot("recalled_on", 0)
desk_news = Slot[Sequence[bool]]("desk_news", [])
# The last photo, and by how many quarters it was turned.
photo_turns = Slot("photo_turns", ("", 0))

# Whether it was noted that this visitor got through to the server.
noted = Slot("noted", False)
# Whether this visitor has said the operator's password.
is_operator = Slot("is_operator", False)
# Whether this visitor has said the token of the status.
sees_status = Slot("sees_status", False)
# The visit on which a room was opened last, its code and its PIN.
new_pin = Slot("new_pin", (-1, "", ""))
# The number of the seat that the teacher looks at.
seat = Slot[int | None]("seat", None)

# Which digit of a number is looked at, from 0; another number may have fewer.
digit_of_number = Slot("digit_of_number", 0)

# The key of the network that this run of the page has sent to the lens, outside of its fragments.
sent_to_lens = Slot[str | None]("sent_to_lens", None)

_page = Slot[str | None]("page", None)
_config = Slot[str | None]("config", None)
_restarts = Slot("restarts", 0)
_controls_version = Slot("controls_version", "")
_controls_start = Slot("controls_start", "{}")
# Of the recipe's folded controls: whose they are, how often they began anew, and where from.
_folded_start = Slot("folded_start", ("", 0, "{}"))
_replay_since = Slot[float | None]("replay_since", None)


class Pad(TypedDict):
    """A drawing: canvas objects, the ones the canvas was mounted with, how often it was mounted anew, and
    on which visit. ``discarded`` are objects that it may still send after Clear or Undo, ``erased_from``
    those that the eraser found there, until the drawing changes again. ``size`` is one of
    ``ui.components.drawing``.
    """

    objects: list[Any]
    initial: list[Any]
    version: int
    visit: int
    discarded: list[Any] | None
    size: str
    erased_from: list[Any] | None


def secret() -> str:
    """What nobody else can guess: what the browser kept (``ui.base.visitor``), or a new secret."""
    if "secret" not in st.session_state:
        kept = str(st.context.cookies.get(COOKIE))
        st.session_state["secret"] = kept if _SECRET.fullmatch(kept) else new_secret()
    return str(st.session_state["secret"])


def is_linked() -> bool:
    """Whether this browser finds the work of another one."""
    return secret().startswith(_LINKED)


def visitor() -> str:
    """Who this is, to everything that keeps something."""
    return str(st.session_state.setdefault("visitor", visitor_id(secret())))


def set_visitor(value: str) -> None:
    """Note that this browser finds the work of another one."""
    st.session_state["visitor"] = value


def new_secret(linked: bool = False) -> str:
    """A secret that no browser has."""
    return f"{_LINKED if linked else ''}{secrets.token_urlsafe(16)}"


def start_fresh(new: str | None = None) -> None:
    """From now on this is another visitor, with another secret, by default a new one, and nothing of the
    former one is on the page."""
    st.session_state.clear()
    st.session_state["secret"] = new or new_secret()


def enter(page: str) -> None:
    """Note that the visitor is on ``page`` now; this run of it has sent nothing yet."""
    sent_to_lens.reset()
    if _page.get() != page:
        _page.set(page)
        visit.set(visit.get() + 1)
        stop_replay()
        playing.reset()


def leave() -> None:
    """Note that the page of this visit shows nothing now: what it shows later, it shows on another visit."""
    _page.reset()


def pad(name: str = "draw") -> Pad:
    """The drawing called ``name``, to be changed in place; pages that ask for the same name share it."""
    blank = Pad(objects=[], initial=[], version=0, visit=-1, discarded=None, size="normal", erased_from=None)
    drawing: Pad = st.session_state.setdefault("pad" if name == "draw" else f"{name}_pad", blank)
    return drawing


def leave_own_test() -> None:
    """Forget which digit of the own test was asked for here, and what was drawn of it."""
    asked.reset()
    submitted.reset()
    st.session_state.pop("own_pad", None)


def config() -> TrainingConfig:
    """The recipe as it was last set on Train; the seed recipe before that."""
    text = _config.get()
    return TrainingConfig.from_json(text) if text else TrainingConfig()


def config_text() -> str | None:
    """The recipe that was set in this session, as JSON that nobody has checked; ``None`` before."""
    return _config.get()


def set_config(value: TrainingConfig, restart: bool = False) -> None:
    """Remember the recipe; ``restart`` makes the controls show it, wherever they stand."""
    _config.set(value.to_json())
    if restart:
        _restarts.set(_restarts.get() + 1)


def controls() -> tuple[TrainingConfig, str]:
    """Where the recipe's controls start from, and what their keys begin with.

    Both stay while the visitor moves the controls, and are new after a change of page and after
    ``set_config(..., restart=True)``.
    """
    version = f"{visit.get()}_{_restarts.get()}"
    if _controls_version.get() != version:
        _controls_version.set(version)
        _controls_start.set(config().to_json())
    return TrainingConfig.from_json(_controls_start.get()), f"recipe_{version}_"


def folded_controls() -> tuple[TrainingConfig, str]:
    """As ``controls``, for those of the recipe that unfold: what is not drawn forgets what it held."""
    start, prefix = controls()
    whose, number, text = _folded_start.get()
    return (TrainingConfig.from_json(text), f"{prefix}{number}_") if whose == prefix else (start, prefix)


def restart_folded_controls() -> None:
    """Let those controls start from the recipe as it is now."""
    _start, prefix = controls()
    _folded_start.set((prefix, _folded_start.get()[1] + 1, config().to_json()))


def show_run(run: str) -> None:
    """Let Train show the run with this id, and the recording no longer."""
    run_id.set(run)
    stop_replay()


def replay_seconds() -> float | None:
    """How long the recorded run has been playing, or ``None`` where it is not shown."""
    since = _replay_since.get()
    return None if since is None else time.monotonic() - since


def start_replay() -> None:
    """Let Train play the recorded run, from its beginning."""
    _replay_since.set(time.monotonic())


def stop_replay() -> None:
    """Let Train show the visitor's run again."""
    _replay_since.reset()


def prefer(widget: str, value: object, anew: bool = False) -> None:
    """Give the widget with this key a ``value``, if it has none or ``anew``. Call it before the widget."""
    if anew or not has(widget):
        st.session_state[widget] = value


def has(widget: str) -> bool:
    """Whether the widget with this key is drawn, or was given a value."""
    return widget in st.session_state


def value(widget: str) -> Any:
    """What the widget or component with this key says. Call it in its callback."""
    return st.session_state[widget]
