"""What in a picture is ink, and which lines are no ink: rules, squares, the edge of a form."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from model.drawing.picture import Picture

Mask = NDArray[np.bool_]
Contrast = NDArray[np.float32]

# The paper is looked at in squares of such a share of the longer side, wider than the pen; ``None``
# takes all of the paper as equally bright, which fits what was drawn on a screen.
PATCHES = (0.12, 0.35, None)
_BLUR = 0.8
# Less contrast than this, as a share of the paper's brightness, is no ink; the line of a ballpoint covers
# at least so much of a photo, and no digit more than that.
_MIN_CONTRAST = 0.12
_LINE_SHARE = 0.001
_MAX_SHARE = 0.45
# The brightness of paper that is all alike, and how far it may spread.
_PAPER_QUANTILE = 0.75
_EVEN = 0.04
# A rule goes through such a share of the picture, in straight pieces of such a share, and is thinner than
# this, in pixels.
_RULE = 0.7
_PIECE = 0.12
_THICK = 14
# Strokes that a rule crossed are joined again over so many pixels.
_JOINT = 9


@dataclass(frozen=True)
class Inked:
    """``mask``, bool (H, W): where the ink is. ``contrast``, float32 (H, W): how much darker than the paper
    around it each pixel is, 0-1."""

    mask: Mask
    contrast: Contrast


def inked(picture: Picture, is_light: bool, patch: float | None) -> list[Inked]:
    """The ink of ``picture``, lighter than the paper where ``is_light``; empty where there is none, and two
    where it has rules, without them and with them: the bar of a large 7 is as straight as a rule.

    Ink is what is at least half as much darker than the paper around it as the darkest line, in the colour
    in which it is darkest: a yellow line on white is as bright as the paper, but not as blue.
    """
    contrast, green = _contrasted(picture, is_light, patch)
    darkest = float(np.quantile(contrast, 1 - _LINE_SHARE))
    mask = contrast > darkest / 2
    if darkest < _MIN_CONTRAST or mask.mean() > _MAX_SHARE:
        return []
    if patch is None and float(green[~mask].std()) > _EVEN:
        return []
    cleared = _without_rules(mask)
    return [Inked(one, contrast) for one in ((mask,) if cleared is None else (cleared, mask))]


def contrasted(picture: Picture, patch: float | None) -> Contrast:
    """How much darker than the paper around it each pixel is, float32 (H, W), in the colour in which it is
    darkest."""
    return _contrasted(picture, False, patch)[0]


def _contrasted(picture: Picture, is_light: bool, patch: float | None) -> tuple[Contrast, Contrast]:
    """The contrast, and the green of the smoothed picture, lighter where there is less ink."""
    colours = picture.astype(np.float32) / np.float32(255)
    smooth = np.asarray(cv2.GaussianBlur(1 - colours if is_light else colours, (0, 0), _BLUR), np.float32)
    # Plane by plane: along an axis of three NumPy is ten times as slow.
    red, green, blue = cv2.split(smooth / np.maximum(_paper(smooth, patch), np.float32(0.02)))
    return np.asarray(1 - cv2.min(cv2.min(red, green), blue), np.float32), smooth[..., 1]


def _paper(colours: Contrast, patch: float | None) -> Contrast:
    """How bright the paper is, (H, W, 3): the brightest in a neighbourhood that no pen fills (grey closing),
    smoothed; looked for at a quarter of the size, where a neighbourhood has fewer pixels."""
    if patch is None:
        paper = np.quantile(colours, _PAPER_QUANTILE, axis=(0, 1)).astype(np.float32)
        return np.broadcast_to(paper, colours.shape)
    height, width = colours.shape[:2]
    small = cv2.resize(colours, (max(1, width // 4), max(1, height // 4)), interpolation=cv2.INTER_AREA)
    side = max(3, int(patch * max(small.shape[:2]))) | 1
    closed = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    return np.asarray(cv2.resize(cv2.GaussianBlur(closed, (0, 0), side / 4), (width, height)), np.float32)


def _without_rules(mask: Mask) -> Mask | None:
    """``mask`` without lines that are straight, thin and nearly as long as the picture, and with the strokes
    that they crossed joined again; ``None`` where there are no such lines."""
    ink = mask.astype(np.uint8)
    rules = np.maximum(_rules(ink), _rules(ink.T).T)
    if not rules.any():
        return None
    left = np.where(rules > 0, 0, ink).astype(np.uint8)
    joint = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_JOINT, _JOINT))
    joined = cv2.morphologyEx(left, cv2.MORPH_CLOSE, joint)
    return np.asarray((left | (joined & rules & ink)) > 0)


def _rules(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Horizontal rules, perhaps a little tilted: where they are, uint8 (H, W), 0 or 1."""
    width = ink.shape[1]
    pieces = cv2.morphologyEx(
        cv2.dilate(ink, np.ones((3, 1), np.uint8)),
        cv2.MORPH_OPEN,
        np.ones((1, max(15, int(_PIECE * width))), np.uint8),
    )
    count, parts, stats, _middles = cv2.connectedComponentsWithStats(pieces, connectivity=8)
    lengths, areas = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_AREA]
    is_rule = (lengths >= _RULE * width) & (areas < _THICK * lengths) & (np.arange(count) > 0)
    return np.asarray(is_rule[parts], np.uint8)
