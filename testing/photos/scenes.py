"""What people photograph: a digit, or a number, and whatever lies around it."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy import ndimage

from testing.photos.ink import Grey, Random, drawn, one_of, placed, width_of

Colour = tuple[int, int, int]
Pixels = NDArray[np.float64]
_WIDTH, _HEIGHT = 640, 480
_INKS: Sequence[Colour] = ((25, 28, 45), (30, 30, 30), (30, 50, 130), (20, 20, 20))
_PAPERS: Sequence[Colour] = ((226, 222, 212), (240, 240, 236), (214, 214, 214), (232, 226, 200))
_WALLS: Sequence[Colour] = ((48, 44, 38), (30, 32, 36), (74, 54, 40), (60, 66, 70))
_PENCIL: Colour = (118, 118, 120)
_BLACK: Colour = (0, 0, 0)
_WHITE: Colour = (255, 255, 255)


class Scene(NamedTuple):
    """A ``picture``, the right answer, and the format that such a picture is saved in."""

    picture: Image.Image
    label: str
    format: str = "jpeg"


def _paper(rng: Random, colour: Colour | None = None, shape: tuple[int, int] = (_HEIGHT, _WIDTH)) -> Pixels:
    """Paper under a lamp: (H, W, 3), 0-255."""
    base = np.array(colour or one_of(_PAPERS, rng), np.float64)
    return np.ones((*shape, 1)) * base


def _inked(page: Pixels, mask: Grey, colour: Colour) -> Pixels:
    return page * (1 - mask[..., None]) + mask[..., None] * np.array(colour, np.float64)


def _photographed(page: Pixels, rng: Random, shadow: float = 0.0, blur: float = 0.6) -> Image.Image:
    """Light that falls from one side, perhaps the edge of a shadow, and a camera's noise."""
    y, x = np.mgrid[-1 : 1 : page.shape[0] * 1j, -1 : 1 : page.shape[1] * 1j]
    turn = rng.uniform(0, 2 * np.pi)
    light = 1 - rng.uniform(0, 0.2) * (1 + x * np.cos(turn) + y * np.sin(turn)) / 2
    if shadow:
        along = x * np.cos(turn + 1) + y * np.sin(turn + 1) - rng.uniform(-0.5, 0.5)
        light *= 1 - shadow / (1 + np.exp(-along * rng.uniform(6, 60)))
    lit = ndimage.gaussian_filter(page * light[..., None], (blur, blur, 0))
    noisy = lit + rng.normal(0, rng.uniform(1, 4), page.shape)
    return Image.fromarray(noisy.clip(0, 255).astype(np.uint8))


def _digit(rng: Random) -> int:
    return int(rng.integers(10))


def _somewhere(rng: Random, height: float, margin: float = 40) -> tuple[float, float, float]:
    """Where a digit of this height fits, as ``placed`` takes it."""
    return (
        rng.uniform(margin, _WIDTH - margin - 1.1 * height),
        rng.uniform(margin, _HEIGHT - margin - height),
        height,
    )


def _pen(rng: Random, height: float) -> float:
    return max(2.0, height * rng.uniform(0.04, 0.1))


def _one(
    rng: Random, height: float, pen: float, dry: bool = False, digit: int | None = None
) -> tuple[Grey, str]:
    """The mask of one digit somewhere on the page, and its label."""
    digit = _digit(rng) if digit is None else digit
    strokes = placed(digit, _somewhere(rng, height), rng)
    return drawn((_HEIGHT, _WIDTH), strokes, pen, rng if dry else None), str(digit)


def _ink(rng: Random) -> Colour:
    return one_of(_INKS, rng)


def plain(rng: Random) -> Scene:
    height = rng.uniform(140, 300)
    mask, label = _one(rng, height, _pen(rng, height))
    return Scene(_photographed(_inked(_paper(rng), mask, _ink(rng)), rng), label)


def shadow(rng: Random) -> Scene:
    height = rng.uniform(140, 300)
    mask, label = _one(rng, height, _pen(rng, height))
    page = _inked(_paper(rng), mask, _ink(rng))
    return Scene(_photographed(page, rng, shadow=rng.uniform(0.25, 0.55)), label)


def pencil(rng: Random) -> Scene:
    """Faint, on ruled or squared paper."""
    height = rng.uniform(100, 220)
    page = _ruled(_paper(rng), rng, squared=bool(rng.integers(2)))
    mask, label = _one(rng, height, rng.uniform(3, 6), dry=True)
    return Scene(_photographed(_inked(page, mask, _PENCIL), rng), label)


def ruled(rng: Random) -> Scene:
    """Rules or squares around and through the digit."""
    height = rng.uniform(110, 260)
    page = _ruled(_paper(rng), rng, squared=bool(rng.integers(2)))
    mask, label = _one(rng, height, _pen(rng, height))
    return Scene(_photographed(_inked(page, mask, _ink(rng)), rng), label)


def _ruled(page: Pixels, rng: Random, squared: bool) -> Pixels:
    mask = np.zeros(page.shape[:2])
    step, start = rng.uniform(24, 60), rng.uniform(0, 24)
    for place in np.arange(start, page.shape[0], step):
        mask[int(place) : int(place) + rng.integers(1, 3)] = 1
    if squared:
        for place in np.arange(start, page.shape[1], step):
            mask[:, int(place) : int(place) + 1] = 1
    colour = ((150, 170, 205), (160, 160, 160), (205, 160, 160))[rng.integers(3)]
    return _inked(page, _tilted(mask, rng, 2), colour)


def _tilted(mask: Grey, rng: Random, degrees: float) -> Grey:
    turned = ndimage.rotate(mask, rng.uniform(-degrees, degrees), reshape=False, order=1, mode="nearest")
    return np.asarray(turned.clip(0, 1))


def note_on_table(rng: Random) -> Scene:
    """A small note, tilted, on a dark table."""
    return _on_table(rng, _paper(rng, one_of(_WALLS, rng)))


def sheet_on_light_table(rng: Random) -> Scene:
    """White paper on wood that is not much darker."""
    table = _paper(rng, (188, 160, 120))
    grain = ndimage.gaussian_filter(rng.normal(0, 1, (_HEIGHT, _WIDTH)), (1, 40))
    return _on_table(rng, table + 90 * grain[..., None] * np.array((1.0, 0.9, 0.7)))


def _on_table(rng: Random, table: Pixels) -> Scene:
    side = rng.uniform(180, 330)
    width, height = int(side * rng.uniform(1.0, 1.4)), int(side)
    digit, tall = _digit(rng), side * rng.uniform(0.35, 0.6)
    strokes = placed(digit, (0.0, 0.0, tall), rng)
    left = rng.uniform(0.12 * width, max(0.13 * width, 0.88 * width - width_of(strokes)))
    top = rng.uniform(0.12 * height, 0.88 * height - tall)
    mask = drawn((height, width), [np.add(stroke, (left, top)) for stroke in strokes], _pen(rng, tall))
    note = _inked(_paper(rng, shape=(height, width)), mask, _ink(rng))
    picture = Image.fromarray(note.clip(0, 255).astype(np.uint8)).convert("RGBA")
    turned = picture.rotate(rng.uniform(-12, 12), Image.Resampling.BICUBIC, expand=True)
    scene = Image.fromarray(table.clip(0, 255).astype(np.uint8)).convert("RGBA")
    room = (max(scene.width - turned.width, 1), max(scene.height - turned.height, 1))
    scene.alpha_composite(turned, (int(rng.integers(room[0])), int(rng.integers(room[1]))))
    return Scene(_photographed(np.asarray(scene.convert("RGB"), np.float64), rng), str(digit))


def blackboard(rng: Random) -> Scene:
    height = rng.uniform(140, 300)
    board = _paper(rng, ((38, 58, 48), (40, 42, 46))[rng.integers(2)])
    smears = ndimage.gaussian_filter(rng.normal(0, 1, (_HEIGHT, _WIDTH)), (10, 30))
    mask, label = _one(rng, height, rng.uniform(7, 14), dry=True)
    return Scene(_photographed(_inked(board + 120 * smears[..., None], mask, (226, 226, 220)), rng), label)


def dark_tile(rng: Random) -> Scene:
    """A white digit on a black tile on a white page."""
    side = int(rng.uniform(150, 330))
    page = _paper(rng, _WHITE)
    label = _tile(
        page, (int(rng.uniform(30, _WIDTH - side - 30)), int(rng.uniform(30, _HEIGHT - side - 30))), side, rng
    )
    return Scene(_screen(page), label, "png")


def _tile(page: Pixels, corner: tuple[int, int], side: int, rng: Random) -> str:
    digit, (left, top) = _digit(rng), corner
    tall = side * rng.uniform(0.5, 0.75)
    strokes = placed(digit, (0.0, 0.0, tall), rng)
    middle = ((side - width_of(strokes)) / 2, (side - tall) / 2)
    mask = drawn((side, side), [stroke + middle for stroke in strokes], side * rng.uniform(0.05, 0.09))
    page[top : top + side, left : left + side] = _inked(_paper(rng, _BLACK, (side, side)), mask, _WHITE)
    return str(digit)


def _screen(page: Pixels) -> Image.Image:
    return Image.fromarray(page.clip(0, 255).astype(np.uint8))


def figure(rng: Random) -> Scene:
    """A notebook's figure: a tile of 28x28 pixels with axes, numbers and a title."""
    page = _paper(rng, _WHITE)
    side = int(rng.integers(10, 14)) * 28
    left, top = (_WIDTH - side) // 2, (_HEIGHT - side) // 2
    label = _tile(page, (left, top), side, rng)
    tile = Image.fromarray(page[top : top + side, left : left + side].clip(0, 255).astype(np.uint8))
    coarse = tile.resize((28, 28), Image.Resampling.BOX).resize((side, side), Image.Resampling.NEAREST)
    page[top : top + side, left : left + side] = np.asarray(coarse, np.float64)
    picture = _screen(page)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((left, top, left + side, top + side), outline=_BLACK)
    for tick in range(0, 28, 5):
        at = tick * side // 28 + side // 56
        draw.line((left - 5, top + at, left, top + at), fill=_BLACK)
        draw.line((left + at, top + side, left + at, top + side + 5), fill=_BLACK)
        draw.text((left - 22, top + at - 6), str(tick), fill=_BLACK)
        draw.text((left + at - 4, top + side + 8), str(tick), fill=_BLACK)
    draw.text((left + side // 2 - 30, top - 18), f"label: {label}", fill=_BLACK)
    return Scene(picture, label, "png")


def screenshot(rng: Random) -> Scene:
    """A pad among buttons and words."""
    page = _paper(rng, ((252, 250, 245), (30, 37, 40), (255, 255, 255))[rng.integers(3)])
    side = int(rng.uniform(180, 280))
    left, top = int(rng.uniform(20, 200)), int(rng.uniform(60, 140))
    label = _tile(page, (left, top), side, rng)
    is_dark = page[0, 0].mean() < 128
    picture, words = _screen(page), _WHITE if is_dark else (34, 38, 43)
    draw = ImageDraw.Draw(picture)
    draw.text((left, top - 24), "Draw a digit", fill=words)
    draw.rectangle((left, top + side + 12, left + 90, top + side + 40), outline=(150, 150, 150))
    draw.text((left + 20, top + side + 20), "Clear", fill=words)
    return Scene(picture, label, "png")


def box(rng: Random) -> Scene:
    """A digit in a box of a form, or in a cell between others."""
    height = rng.uniform(120, 220)
    left, top, tall = _somewhere(rng, height, margin=90)
    digit = _digit(rng)
    strokes = placed(digit, (left, top, tall), rng)
    width, room = width_of(strokes), height * rng.uniform(0.15, 0.4)
    frame = Image.new("L", (_WIDTH, _HEIGHT))
    draw = ImageDraw.Draw(frame)
    cells = int(rng.integers(1, 4))
    across = max(width, 0.6 * height) + 2 * room
    first = left - room - across * int(rng.integers(cells))
    for cell in range(cells):
        x = first + cell * across
        draw.rectangle(
            (x, top - room, x + across, top + tall + room), outline=255, width=int(rng.integers(2, 5))
        )
    lines = _tilted(np.asarray(frame, np.float64) / 255, rng, 1)
    page = _inked(_paper(rng), lines, _ink(rng))
    mask = drawn((_HEIGHT, _WIDTH), strokes, _pen(rng, height))
    return Scene(_photographed(_inked(page, mask, _ink(rng)), rng), str(digit))


def fold(rng: Random) -> Scene:
    """A sheet that was folded: a crease with light on one side and shadow on the other."""
    height = rng.uniform(140, 280)
    mask, label = _one(rng, height, _pen(rng, height))
    page = _inked(_paper(rng), mask, _ink(rng))
    for axis in range(int(rng.integers(1, 3))):
        at = int(page.shape[axis] * rng.uniform(0.3, 0.7))
        away = np.arange(page.shape[axis]) - at
        crease = 1 - 0.3 * np.exp(-np.abs(away) / 2) - 0.12 * (away > 0) * np.exp(-away / 60)
        page = page * (crease[:, None, None] if axis == 0 else crease[None, :, None])
    return Scene(_photographed(page, rng), label)


def holes(rng: Random) -> Scene:
    """Punched holes at the left edge, dark."""
    page = _page_with_room(rng, heights=(140, 260), lefts=(140, 320))
    draw = ImageDraw.Draw(page.picture)
    for y in (0.3, 0.7):
        draw.ellipse((30, _HEIGHT * y - 16, 62, _HEIGHT * y + 16), fill=(60, 56, 50))
    return page.photographed(rng)


class _Page(NamedTuple):
    """A page with a digit that ends at ``right``, on which something else can be drawn."""

    picture: Image.Image
    digit: int
    right: float

    def photographed(self, rng: Random) -> Scene:
        return Scene(_photographed(np.asarray(self.picture, np.float64), rng), str(self.digit))


def _page_with_room(rng: Random, heights: tuple[float, float], lefts: tuple[float, float]) -> _Page:
    """A digit between so high and so high, that begins between so far and so far from the left."""
    height, digit = rng.uniform(*heights), _digit(rng)
    left = rng.uniform(*lefts)
    strokes = placed(digit, (left, rng.uniform(60, 160), height), rng)
    page = _inked(_paper(rng), drawn((_HEIGHT, _WIDTH), strokes, _pen(rng, height)), _ink(rng))
    return _Page(_screen(page), digit, left + width_of(strokes))


def second_colour(rng: Random) -> Scene:
    """A red tick or a stamp beside the digit, smaller than it."""
    page = _page_with_room(rng, heights=(150, 260), lefts=(60, 180))
    x, y = page.right + rng.uniform(100, 160), rng.uniform(80, 300)
    draw = ImageDraw.Draw(page.picture)
    if rng.integers(2):
        draw.line((x, y + 25, x + 18, y + 50, x + 60, y), fill=(205, 40, 40), width=6)
    else:
        draw.ellipse((x, y, x + 90, y + 90), outline=(60, 80, 190), width=4)
        draw.text((x + 26, y + 38), "CHECKED", fill=(60, 80, 190))
    return page.photographed(rng)


def small_on_large(rng: Random) -> Scene:
    height = rng.uniform(36, 70)
    mask, label = _one(rng, height, rng.uniform(2.5, 5))
    return Scene(_photographed(_inked(_paper(rng), mask, _ink(rng)), rng, blur=0.4), label)


def touching_the_edge(rng: Random) -> Scene:
    """A tight crop: the digit reaches one or more edges of the picture."""
    digit, height = _digit(rng), rng.uniform(150, 300)
    strokes = placed(digit, (0.0, 0.0, height), rng)
    pen = _pen(rng, height)
    left, top, right, bottom = (rng.choice((-pen / 3, 0.0, pen, height * 0.2)) for _ in range(4))
    shape = (int(height + top + bottom), max(12, int(width_of(strokes) + left + right)))
    mask = drawn(shape, [np.add(stroke, (left, top)) for stroke in strokes], pen)
    return Scene(_photographed(_inked(_paper(rng, shape=shape), mask, _ink(rng)), rng), str(digit))


def thick(rng: Random) -> Scene:
    height = rng.uniform(160, 300)
    mask, label = _one(rng, height, height * rng.uniform(0.13, 0.18))
    return Scene(_photographed(_inked(_paper(rng), mask, _ink(rng)), rng), label)


def thin(rng: Random) -> Scene:
    height = rng.uniform(140, 320)
    mask, label = _one(rng, height, rng.uniform(1.6, 3))
    return Scene(_photographed(_inked(_paper(rng), mask, _ink(rng)), rng, blur=0.4), label)


def blurred(rng: Random) -> Scene:
    height = rng.uniform(140, 300)
    mask, label = _one(rng, height, _pen(rng, height))
    return Scene(_photographed(_inked(_paper(rng), mask, _ink(rng)), rng, blur=rng.uniform(2, 4.5)), label)


def highlighter(rng: Random) -> Scene:
    """Yellow, orange or light green, on white."""
    height = rng.uniform(150, 300)
    mask, label = _one(rng, height, height * rng.uniform(0.06, 0.12))
    colour = ((250, 236, 60), (250, 165, 50), (170, 240, 110))[rng.integers(3)]
    return Scene(_photographed(_inked(_paper(rng, (246, 246, 242)), mask, colour), rng), label)


def transparent(rng: Random) -> Scene:
    """Dark or white ink on nothing."""
    height = rng.uniform(140, 300)
    mask, label = _one(rng, height, _pen(rng, height))
    colour = (_WHITE, _BLACK, (30, 50, 130))[rng.integers(3)]
    picture = Image.new("RGB", (_WIDTH, _HEIGHT), colour).convert("RGBA")
    picture.putalpha(Image.fromarray((255 * mask).astype(np.uint8)))
    return Scene(picture, label, "png")


def tiny(rng: Random) -> Scene:
    """28x28 pixels or fewer: a dataset's, or a painting program's, to its border."""
    side = int(rng.choice((16, 20, 28, 28)))
    digit = _digit(rng)
    strokes = placed(digit, (0.0, 0.0, 200.0), rng)
    across = max(200.0, width_of(strokes))
    room = rng.choice((14, 40, 60))
    shape = (int(across + 2 * room),) * 2
    middle = (room + (across - width_of(strokes)) / 2, room + (across - 200) / 2)
    mask = drawn(shape, [stroke + middle for stroke in strokes], rng.uniform(18, 28))
    grey = 255 * (mask if rng.integers(2) else 1 - mask)
    picture = Image.fromarray(grey.astype(np.uint8)).resize((side, side), Image.Resampling.BOX)
    return Scene(picture, str(digit), "png")


def filling(rng: Random) -> Scene:
    """A digit that fills most of the photo, drawn with anything from a fine liner to a felt pen."""
    height = rng.uniform(350, 430)
    digit = _digit(rng)
    strokes = placed(digit, (0.0, rng.uniform(10, _HEIGHT - 20 - height), height), rng)
    left = rng.uniform(10, max(11.0, _WIDTH - 20 - width_of(strokes)))
    mask = drawn((_HEIGHT, _WIDTH), [np.add(stroke, (left, 0)) for stroke in strokes], rng.uniform(1.5, 30))
    return Scene(_photographed(_inked(_paper(rng), mask, _ink(rng)), rng, blur=0.4), str(digit))


def circled(rng: Random) -> Scene:
    """As teachers mark, in the same ink or in red."""
    return _marked(rng, lambda draw, box: draw.ellipse(box, outline=255, width=5), room=0.45)


def crossed_box(rng: Random) -> Scene:
    """A digit whose pen crosses the line of its box."""
    return _marked(rng, lambda draw, box: draw.rectangle(box, outline=255, width=3), room=-0.02)


def _marked(
    rng: Random,
    mark: Callable[[ImageDraw.ImageDraw, tuple[float, float, float, float]], None],
    room: float,
) -> Scene:
    """A digit with a mark around it, ``room`` of its height away from it above and below."""
    height = rng.uniform(120, 200)
    digit = _digit(rng)
    left, top = rng.uniform(160, 340), rng.uniform(110, 160)
    strokes = placed(digit, (left, top, height), rng)
    aside, away = height * (0.2 + max(room, 0.0)), height * room
    box = (
        left - aside,
        top - away,
        left + width_of(strokes) + aside,
        top + height + height * max(room, 0.15),
    )
    frame = Image.new("L", (_WIDTH, _HEIGHT))
    mark(ImageDraw.Draw(frame), box)
    colour = one_of(((200, 40, 40), _ink(rng)), rng)
    page = _inked(_paper(rng), np.asarray(frame, np.float64) / 255, colour)
    mask = drawn((_HEIGHT, _WIDTH), strokes, _pen(rng, height))
    return Scene(_photographed(_inked(page, mask, _ink(rng)), rng), str(digit))


def pen_beside(rng: Random) -> Scene:
    """A dark pen lies beside the digit, and runs off the photo."""
    page = _page_with_room(rng, heights=(150, 240), lefts=(50, 150))
    top, bottom = rng.uniform(440, 560), rng.uniform(500, 620)
    line = (top, rng.uniform(60, 160), bottom, _HEIGHT + 10)
    ImageDraw.Draw(page.picture).line(line, fill=(40, 40, 44), width=18)
    return page.photographed(rng)


def all_digits(rng: Random) -> Scene:
    """0 to 9 in a row, or as many of them as one writes."""
    digits = list(range(int(rng.integers(6, 11))))
    strokes, x = [], 14.0
    for digit in digits:
        one = placed(digit, (x, 180 + rng.uniform(-6, 6), rng.uniform(66, 78)), rng)
        strokes += one
        x += width_of(one) + rng.uniform(16, 22)
    shape = (_HEIGHT, max(_WIDTH, int(x + 20)))
    page = _inked(_paper(rng, shape=shape), drawn(shape, strokes, rng.uniform(4, 6)), _ink(rng))
    return Scene(_photographed(page, rng), "".join(map(str, digits)))


def number(rng: Random) -> Scene:
    """Two or three digits at a hand's spacing."""
    digits = [_digit(rng) for _ in range(int(rng.integers(2, 4)))]
    height = rng.uniform(110, 170)
    x, y = rng.uniform(40, 70), rng.uniform(60, _HEIGHT - 60 - height)
    pen, strokes = _pen(rng, height), []
    for digit in digits:
        tall = height * rng.uniform(0.9, 1.1)
        one = placed(digit, (x, y + rng.uniform(-0.06, 0.06) * height, tall), rng)
        strokes += one
        x += width_of(one) + pen + height * rng.uniform(0.15, 0.35)
    shape = (_HEIGHT, max(_WIDTH, int(x + 40)))
    page = _inked(_paper(rng, shape=shape), drawn(shape, strokes, pen), _ink(rng))
    return Scene(_photographed(page, rng), "".join(map(str, digits)))


def touching_number(rng: Random) -> Scene:
    """Two digits whose lines meet."""
    digits = [_digit(rng) for _ in range(2)]
    height = rng.uniform(130, 200)
    pen, y = _pen(rng, height), rng.uniform(60, _HEIGHT - 60 - height)
    first, second = (placed(digit, (70.0, y, height * rng.uniform(0.92, 1.08)), rng) for digit in digits)
    mask = drawn((_HEIGHT, _WIDTH), first, pen)
    for right in range(int(width_of(first) + 2 * pen), 0, -2):
        moved = drawn((_HEIGHT, _WIDTH), [stroke + np.array([right, 0]) for stroke in second], pen)
        if (np.minimum(mask, moved) > 0.5).sum() > pen * pen / 3:
            break
    page = _inked(_paper(rng), np.maximum(mask, moved), _ink(rng))
    return Scene(_photographed(page, rng), "".join(map(str, digits)))


def perspective(rng: Random) -> Scene:
    """A sheet on a dark table, seen from the side."""
    width, height = 420, 300
    digit, tall = _digit(rng), height * rng.uniform(0.35, 0.6)
    mask = drawn(
        (height, width),
        placed(digit, (rng.uniform(60, 200), rng.uniform(40, 90), tall), rng),
        _pen(rng, tall),
    )
    sheet = _inked(_paper(rng, shape=(height, width)), mask, _ink(rng))
    near, far = rng.uniform(480, 600), rng.uniform(340, 440)
    top, middle, lean = rng.uniform(60, 110), _WIDTH / 2, rng.uniform(-30, 30)
    corners = [
        (middle - far / 2 + lean, top), (middle + far / 2 + lean, top),
        (middle + near / 2, top + 320), (middle - near / 2, top + 320),
    ]  # fmt: skip
    picture = Image.fromarray(sheet.clip(0, 255).astype(np.uint8)).convert("RGBA")
    seen = picture.transform(
        (_WIDTH, _HEIGHT),
        Image.Transform.PERSPECTIVE,
        _coefficients(corners, [(0, 0), (width, 0), (width, height), (0, height)]),
        Image.Resampling.BICUBIC,
    )
    scene = Image.fromarray(_paper(rng, one_of(_WALLS, rng)).clip(0, 255).astype(np.uint8)).convert("RGBA")
    scene.alpha_composite(seen)
    return Scene(_photographed(np.asarray(scene.convert("RGB"), np.float64), rng), str(digit))


def _coefficients(seen: list[tuple[float, float]], flat: list[tuple[int, int]]) -> list[float]:
    """Of the projection that Pillow uses, from the corners as they are ``seen`` to the ``flat`` ones."""
    rows, sides = [], []
    for (x, y), (u, v) in zip(seen, flat, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        sides += [u, v]
    solved: list[float] = np.linalg.solve(np.array(rows), np.array(sides)).tolist()
    return solved


SCENES: dict[str, Callable[[Random], Scene]] = {
    "plain": plain,
    "shadow": shadow,
    "pencil": pencil,
    "ruled": ruled,
    "note-on-table": note_on_table,
    "sheet-on-light-table": sheet_on_light_table,
    "blackboard": blackboard,
    "dark-tile": dark_tile,
    "figure": figure,
    "screenshot": screenshot,
    "box": box,
    "fold": fold,
    "holes": holes,
    "second-colour": second_colour,
    "small-on-large": small_on_large,
    "touching-the-edge": touching_the_edge,
    "thick": thick,
    "thin": thin,
    "blurred": blurred,
    "highlighter": highlighter,
    "transparent": transparent,
    "tiny": tiny,
    "number": number,
    "touching-number": touching_number,
    "perspective": perspective,
    "filling": filling,
    "circled": circled,
    "crossed-box": crossed_box,
    "pen-beside": pen_beside,
    "all-digits": all_digits,
}
