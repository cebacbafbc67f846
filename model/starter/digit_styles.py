"""Digits in the hands that are rare in MNIST: a flagged or footed 1, a crossed 7, a slashed 0, a curled 9,
and the common ones beside them, so that no hand gives the digit away."""

from collections.abc import Sequence

import numpy as np

from model.drawing.strokes import Stroke
from model.starter.handwriting import Random, Style, arc, curve, line
from model.starter.school_hands import SCHOOL_HANDS


def _zero(rng: Random) -> list[Stroke]:
    start, way = rng.uniform(-130, -50), rng.choice([-1, 1])
    radius = rng.uniform(0.22, 0.5)
    return [arc((0.5, 0.5), (radius, 0.5), start, start + way * rng.uniform(345, 400))]


def _slashed_zero(rng: Random) -> list[Stroke]:
    (ring,) = _zero(rng)
    reach, tilt = rng.uniform(0.4, 1.2), rng.uniform(0.4, 1.57)
    x, y = reach * np.cos(tilt), reach * np.sin(tilt)
    slash = line((0.5 + x, 0.5 - y), (0.5 - x * rng.uniform(0.7, 1.1), 0.5 + y * rng.uniform(0.7, 1.1)))
    return [ring, slash]


def _looped_zero(rng: Random) -> list[Stroke]:
    top = rng.uniform(0.3, 0.6)
    return [
        curve(
            (top, 0.02), (0.2, 0.25), (0.12, 0.6), (0.4, 1.0), (0.8, 0.8), (0.9, 0.4), (0.7, 0.08),
            (top, rng.uniform(0.0, 0.12)), (top + 0.15, rng.uniform(0.1, 0.25)),
            (1.0, rng.uniform(-0.05, 0.15)),
        )
    ]  # fmt: skip


def _stem(rng: Random) -> Stroke:
    bend = rng.normal(0, 0.03)
    return curve((0.5, 0.0), (0.5 + bend, 0.5), (0.5, 1.0))


def _one(rng: Random) -> list[Stroke]:
    return [_stem(rng) * (0.4, 1.0)]


def _flag(rng: Random) -> Stroke:
    reach, fall = rng.uniform(0.12, 0.6), rng.uniform(0.35, 1.6)
    drop = min(reach * fall, 0.7)
    return curve((0.5 - reach, drop), (0.5 - 0.45 * reach, drop * rng.uniform(0.35, 0.65)), (0.5, 0.0))


def _flagged_one(rng: Random) -> list[Stroke]:
    return [np.concatenate([_flag(rng), _stem(rng)])]


def _foot(rng: Random) -> Stroke:
    left, right = rng.uniform(0.2, 0.7, 2)
    return line((0.5 - left, 1 + rng.normal(0, 0.02)), (0.5 + right, 1 + rng.normal(0, 0.02)))


def _footed_one(rng: Random) -> list[Stroke]:
    top = _flagged_one(rng) if rng.random() < 0.8 else _one(rng)
    return [*top, _foot(rng)]


def _two(rng: Random) -> list[Stroke]:
    waist = rng.uniform(0.55, 0.8)
    return [
        np.concatenate([
            curve((0.1, rng.uniform(0.15, 0.35)), (0.45, 0.0), (0.82, 0.25), (0.6, waist), (0.08, 0.98)),
            line((0.1, 1.0), (rng.uniform(0.75, 1.1), rng.uniform(0.9, 1.05))),
        ])
    ]  # fmt: skip


def _looped_two(rng: Random) -> list[Stroke]:
    loop = rng.uniform(0.05, 0.25)
    return [
        curve(
            (0.15, rng.uniform(0.1, 0.35)), (0.45, 0.0), (0.78, 0.22), (0.55, 0.62), (0.2, 0.98),
            (0.05, 1.0 - loop), (0.25, 0.95 - loop), (0.55, 0.97),
            (rng.uniform(0.75, 1.1), rng.uniform(0.85, 1.0)),
        )
    ]  # fmt: skip


def _three(rng: Random) -> list[Stroke]:
    waist = rng.uniform(0.4, 0.52)
    dent = rng.uniform(0.3, 0.6)
    return [
        curve(
            (0.12, rng.uniform(0.05, 0.25)), (0.5, 0.0), (0.8, waist / 2), (dent, waist), (0.85, 0.72),
            (0.5, 1.0), (0.08, rng.uniform(0.75, 0.95)),
        )
    ]  # fmt: skip


def _flat_three(rng: Random) -> list[Stroke]:
    top = line((0.1, 0.0), (0.8, rng.uniform(-0.03, 0.05)), (0.4, rng.uniform(0.33, 0.48)))
    return [np.concatenate([top, curve((0.4, 0.42), (0.85, 0.65), (0.5, 1.0), (0.08, 0.85))])]


def _open_four(rng: Random) -> list[Stroke]:
    bar, x = rng.uniform(0.5, 0.72), rng.uniform(0.55, 0.8)
    corner = (rng.uniform(0.0, 0.25), bar)
    angle = line((rng.uniform(0.1, 0.35), 0.0), corner, (rng.uniform(0.85, 1.15), bar + rng.normal(0, 0.04)))
    return [angle, line((x, rng.uniform(0.0, 0.4)), (x + rng.normal(0, 0.06), 1.0))]


def _closed_four(rng: Random) -> list[Stroke]:
    bar, x = rng.uniform(0.5, 0.75), rng.uniform(0.6, 0.8)
    angle = line((x, 0.0), (0.0, bar), (rng.uniform(0.9, 1.2), bar + rng.normal(0, 0.04)))
    return [angle, line((x, rng.uniform(-0.05, 0.35)), (x + rng.normal(0, 0.05), 1.0))]


def _four_in_one(rng: Random) -> list[Stroke]:
    bar = rng.uniform(0.45, 0.65)
    return [
        np.concatenate([
            curve(
                (0.2, 0.0), (rng.uniform(0.05, 0.15), bar), (0.5, bar + 0.03), (0.8, rng.uniform(0.05, 0.3))
            ),
            line((0.8, 0.1), (rng.uniform(0.65, 0.8), 1.0)),
        ])
    ]  # fmt: skip


def _five(rng: Random) -> list[Stroke]:
    neck = rng.uniform(0.35, 0.48)
    body = [(0.2, neck), (0.6, neck - 0.05), (0.85, 0.7), (0.5, 1.0), (0.05, rng.uniform(0.8, 0.98))]
    bar = (0.25, 0.02), (rng.uniform(0.6, 1.0), rng.uniform(-0.04, 0.06))
    down = line((0.25, 0.02), (0.2, neck))
    if rng.random() < 0.5:
        return [np.concatenate([down, curve(*body)]), line(*bar)]
    return [np.concatenate([line(*bar[::-1]), down, curve(*body)])]


def _six(rng: Random) -> list[Stroke]:
    loop = rng.uniform(0.45, 0.65)
    return [
        curve(
            (rng.uniform(0.5, 0.9), 0.0), (0.3, 0.3), (0.12, 0.7), (0.45, 1.0), (0.82, 0.78), (0.55, loop),
            (0.2, rng.uniform(0.65, 0.85)),
        )
    ]  # fmt: skip


def _curled_six(rng: Random) -> list[Stroke]:
    loop = rng.uniform(0.4, 0.55)
    return [
        curve(
            (rng.uniform(0.6, 0.9), rng.uniform(0.05, 0.2)), (0.6, 0.0), (0.25, 0.25), (0.12, 0.68),
            (0.4, 1.0), (0.8, 0.85), (0.75, 0.55), (0.45, loop), (0.25, 0.65),
            (0.35, rng.uniform(0.72, 0.85)),
        )
    ]  # fmt: skip


def _seven(rng: Random) -> list[Stroke]:
    bend = rng.uniform(-0.1, 0.1)
    end = rng.uniform(0.15, 0.5)
    bar = line((0.05, rng.uniform(-0.02, 0.1)), (0.85, rng.uniform(-0.04, 0.04)))
    return [np.concatenate([bar, curve((0.85, 0.0), ((0.85 + end) / 2 + bend, 0.5), (end, 1.0))])]


def _hooked_seven(rng: Random) -> list[Stroke]:
    hook = line((0.05, rng.uniform(0.12, 0.3)), (0.07, 0.02))
    return [np.concatenate([hook, *_seven(rng)])]


def _crossed_seven(rng: Random) -> list[Stroke]:
    base = _seven(rng) if rng.random() < 0.6 else _hooked_seven(rng)
    y, tilt = rng.uniform(0.4, 0.62), rng.normal(0, 0.06)
    return [*base, line((rng.uniform(0.1, 0.35), y + tilt), (rng.uniform(0.75, 1.0), y - tilt))]


def _eight(rng: Random) -> list[Stroke]:
    waist, top = rng.uniform(0.4, 0.52), rng.uniform(0.22, 0.35)
    return [
        curve(
            (0.7, 0.1), (0.5, 0.0), (0.5 - top, waist / 2), (0.5, waist), (0.85, 0.76), (0.5, 1.0),
            (0.15, 0.76), (0.5, waist), (0.5 + top, waist / 2),
            (rng.uniform(0.5, 0.75), rng.uniform(0.0, 0.1)),
        )
    ]  # fmt: skip


def _two_rings(rng: Random) -> list[Stroke]:
    waist = rng.uniform(0.42, 0.5)
    upper = arc((0.5, waist / 2), (rng.uniform(0.2, 0.35), waist / 2), -90, rng.uniform(255, 290))
    lower = arc(
        (0.5, (1 + waist) / 2), (rng.uniform(0.25, 0.42), (1 - waist) / 2), -90, rng.uniform(255, 290)
    )
    return [upper, lower]


def _ring_of_nine(rng: Random, bottom: float) -> list[tuple[float, float]]:
    return [(0.82, 0.18), (0.5, 0.0), (0.15, bottom / 2), (0.45, bottom), (0.8, rng.uniform(0.15, 0.3))]


def _nine(rng: Random) -> list[Stroke]:
    ring = curve(*_ring_of_nine(rng, rng.uniform(0.4, 0.58)))
    return [np.concatenate([ring, curve((0.8, 0.22), (0.8, 0.6), (rng.uniform(0.55, 0.85), 1.0))])]


def _curled_nine(rng: Random) -> list[Stroke]:
    ring = curve(*_ring_of_nine(rng, rng.uniform(0.4, 0.58)))
    low = rng.uniform(0.75, 0.95)
    tail = curve(
        (0.8, 0.22), (rng.uniform(0.78, 0.9), 0.6), (rng.uniform(0.65, 0.85), 0.9),
        (rng.uniform(0.35, 0.5), 1.0), (rng.uniform(-0.05, 0.2), low),
    )  # fmt: skip
    return [np.concatenate([ring, tail])]


STYLES: dict[int, Sequence[Style]] = {
    0: (_zero, _slashed_zero, _looped_zero, *SCHOOL_HANDS[0]),
    1: (_one, _flagged_one, _footed_one, *SCHOOL_HANDS[1]),
    2: (_two, _looped_two, *SCHOOL_HANDS[2]),
    3: (_three, _flat_three, *SCHOOL_HANDS[3]),
    4: (_open_four, _closed_four, _four_in_one, *SCHOOL_HANDS[4]),
    5: (_five, *SCHOOL_HANDS[5]),
    6: (_six, _curled_six, *SCHOOL_HANDS[6]),
    7: (_seven, _hooked_seven, _crossed_seven, *SCHOOL_HANDS[7]),
    8: (_eight, _two_rings, *SCHOOL_HANDS[8]),
    9: (_nine, _curled_nine, *SCHOOL_HANDS[9]),
}
