"""A lesson without browsers: what a teacher and pupils do in it, each in tabs of their own."""

import random
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from model.drawing.strokes import Stroke, as_path, strokes_of_paths
from testing.shown import Shown
from testing.strokes import DIGITS
from testing.tab import BrokenTabError, Tab
from ui.components.drawing import SIDE
from visitors.identity import visitor_id

PASSWORD = "open sesame 4711"
_ASKED = "Draw the digit "
_LINE, _PEN = "#ffffff", 18
# Seconds until a class is taken along: the page looks at the lesson every two or three.
_TAKEN_ALONG = 60
_TRAINED = 600


@dataclass(frozen=True)
class Submitted:
    """A digit that was handed in: which one was asked for, and its strokes as they left the pad."""

    label: int
    strokes: tuple[Stroke, ...]


@dataclass
class Teacher:
    """Who opens a room in this tab, and leads the class at the desk."""

    tab: Tab
    code: str = ""
    pin: str = ""

    async def open_room(self, free_names: bool = False) -> None:
        """As who runs the server, by ``PASSWORD``; the desk is open then."""
        await self.tab.open("teach")
        await self.tab.fill("password", PASSWORD, waits=False)
        await self.tab.press("I run this server")
        await self.tab.until(lambda page: page.widget("open_room"), "the button that opens a room")
        if free_names:
            await self.tab.fill("free_names", True)
        await self.tab.press("open_room")
        [pin] = [element.metric for element in self.tab.shown.elements if element.HasField("metric")]
        self.code, self.pin = pin.label.split()[-1], pin.body
        await self.tab.open("desk", f"room={self.code}")

    async def go_to(self, step: str) -> None:
        """Take the class to a step."""
        await self.tab.press(f"step_{step}")

    async def train_both(self) -> None:
        """Close the class's guess, and wait until the room has trained both."""
        await self.tab.press("train_both")
        await self.tab.until(lambda page: page.says("were right"), "who was right", _TRAINED)

    async def teach_it(self) -> None:
        """Let the network be taught the class's digits, and wait for what came of it."""
        await self.tab.press("teach_it")
        verdicts = ("**Better**", "**Worse**", "**Cannot tell**")
        await self.tab.until(lambda page: any(map(page.says, verdicts)), "what it gained", _TRAINED)


@dataclass
class Pupil:
    """Who joins a class in this tab, and what was handed in."""

    tab: Tab
    seed: int = 0
    submitted: list[Submitted] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)

    @property
    def visitor(self) -> str:
        """Whom the server knows."""
        assert self.tab.secret
        return visitor_id(self.tab.secret)

    @property
    def seat_code(self) -> str:
        """As it stands at the top of the page."""
        texts = [one.markdown.body for one in self.tab.shown.elements if one.HasField("markdown")]
        [code] = [text.split("**")[1] for text in texts if text.startswith("Seat code")]
        return code

    async def join(self, code: str, name: str = "") -> None:
        """By the address that the QR code holds, until the class's first digit is asked for."""
        await self.tab.open("join", f"room={code}")
        await self.tab.press("Join")
        if self.tab.shown.widget("seat_name"):
            await self.tab.fill("seat_name", name, waits=False)
            await self.tab.press("Join")
        await self.tab.until(asks, "a digit to draw")

    async def come_back(self, code: str, seat_code: str) -> None:
        """To a seat that was joined on another device."""
        await self.tab.open("join", f"room={code}")
        await self.tab.fill("seat_code", seat_code, waits=False)
        await self.tab.press("Come back")
        await self.tab.until(asks, "a digit to draw")

    async def begin(self, strokes: list[Stroke] | None = None) -> Submitted:
        """Draw the digit that is asked for, or these ``strokes``; what there is to hand in then."""
        digit = _asked_digit(self.tab.shown)
        objects = self.objects(digit, strokes)
        await self.tab.fill(pad_of(self.tab.shown), as_sent(objects))
        await self.tab.until(lambda page: not _is_disabled(page, "submit"), "Submit")
        return Submitted(digit, tuple(strokes_of_paths(objects)))

    async def draw(self, strokes: list[Stroke] | None = None) -> None:
        """As ``begin``, and hand it in."""
        begun = await self.begin(strokes)
        await self.tab.press("submit")
        await self.tab.until(_has_taken, "the next digit")
        self.submitted.append(begun)

    async def guess(self) -> None:
        """Hand in a guess of what the class is asked."""
        await self.tab.until(lambda page: page.widget("hand_in_guess"), "the question", _TAKEN_ALONG)
        option = self.chance.choice(("Higher", "About the same", "Lower"))
        await self.tab.fill("Your guess", [option], waits=False)
        await self.tab.press("hand_in_guess")
        await self.tab.until(lambda page: page.says("You can change it"), "one's own guess")

    async def train(self) -> None:
        """Press Train, and wait until the run is over."""
        await self.tab.until(lambda page: page.widget("train"), "Train", _TAKEN_ALONG)
        await self.tab.press("train")
        await self.tab.until(lambda page: page.says("Finished: "), "the end of the run", _TRAINED)

    async def try_network(self) -> None:
        """Draw a digit on the page Draw, and wait for what the network predicts."""
        if self.tab.page != "draw":
            await self.tab.open("draw")
        digit = self.chance.randrange(10)
        objects = self.objects(digit)
        await self.tab.fill(pad_of(self.tab.shown), as_sent(objects))
        await self.tab.until(lambda page: page.says("Read as"), "a prediction")

    async def look_at_wall(self, others: int) -> None:
        """Wait for the class's handwriting, with so many other writers."""
        await self.tab.until(lambda page: page.says("Accuracy on the others"), "the wall", _TAKEN_ALONG)
        if others > 1:
            await self.tab.until(lambda page: page.says("95% interval"), "the interval over writers")

    async def read_what_it_gained(self) -> None:
        """Wait for what came of teaching the network the class's digits."""
        await self.tab.until(
            lambda page: page.says("Pupils it has never been trained on"), "it", _TAKEN_ALONG
        )

    def objects(self, digit: int, strokes: list[Stroke] | None = None) -> list[dict[str, Any]]:
        """What the pad holds then: ``strokes``, or the digit in a hand that is never the same twice."""
        if strokes is None:
            wobble = [self.chance.uniform(-0.03, 0.03) for _ in range(2)]
            size = self.chance.uniform(0.85, 1.05)
            strokes = [(np.array(points) - 0.5) * size + 0.5 + wobble for points in DIGITS[digit]]
            strokes = [np.round(stroke * SIDE, 2) for stroke in strokes]
        paths = [as_path(stroke.tolist(), _LINE, _PEN) for stroke in strokes]
        return [path for path in paths if path]


def pad_of(page: Shown) -> str:
    """The key of the canvas on a page.

    Raises:
        BrokenTabError: it has none.
    """
    for key in page.keys:
        if "canvas_" in key:
            return key
    raise BrokenTabError(f"no canvas, but {page.headings()}")


def as_sent(objects: list[dict[str, Any]]) -> dict[str, Any]:
    """The value of the canvas with these on it."""
    return {"drawing": {"raw": {"objects": objects}, "data": None}, "backgroundFit": None}


def asks(page: Shown) -> bool:
    """Whether a digit is asked for, and there is a pad."""
    return any(text.startswith(_ASKED) for text in page.headings()) and any(
        "canvas_" in key for key in page.keys
    )


def _asked_digit(page: Shown) -> int:
    [digit] = [text.removeprefix(_ASKED) for text in page.headings() if text.startswith(_ASKED)]
    return int(digit)


def _is_disabled(page: Shown, key: str) -> bool:
    button = page.widget(key)
    return button is not None and button.element.button.disabled


def _has_taken(page: Shown) -> bool:
    """Nothing is on its way any more, and the pad is blank."""
    return asks(page) and _is_disabled(page, "submit") and not _is_disabled(page, "skip")
