"""Pixels as the second way in: a photo of a digit on paper becomes a picture of its ink.

The paper's brightness is estimated and divided out, ink and paper are told apart by one threshold,
what is no part of the digit goes, and the pen is made as wide as MNIST's. Pillow reads the file, SciPy
does the rest.
"""

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError
from scipy import ndimage

from model.drawing.strokes import BOX, PEN_WIDTH, Ink
from model.messages import N_, Message, MessageError

# A photo is read at this size, in pixels of its longer side; a ballpoint line is still 3 wide.
_SIDE = 640
# A JPEG is shrunk while it is decoded; a PNG needs 7 bytes of memory a pixel.
_MAX_PIXELS = {"JPEG": 50_000_000, "PNG": 16_000_000}
_SMALLEST = 8
# The paper is looked at in squares of this share of the longer side, wider than any pen.
_PATCH = 0.12
_BLUR = 0.7
# Less contrast than this, as a share of the paper's brightness, is no ink; the line of a ballpoint
# covers at least so much of a photo.
_MIN_CONTRAST = 0.15
_LINE_SHARE = 0.001
# Parts of the digit: not smaller than this share of its largest part, and not farther away than that
# share of its longer side.
_SPECK = 0.04
_FAR = 0.35

Mask = NDArray[np.bool_]


class PhotoError(MessageError):
    """A file that is no photo of a digit."""


def read_photo(file: bytes) -> Ink:
    """The ink in a PNG or JPEG ``file``, float32 (H, W), 0 for paper and 1 for ink, for ``prepare_pixels``.

    Dark on light or light on dark, upright as the camera says (EXIF).

    Raises:
        PhotoError: the file cannot be read, is too large or too small, or shows no digit.
    """
    grey = _grey(_open(file))
    ink = _ink(1 - grey if _is_light_on_dark(grey) else grey)
    return _with_mnists_pen(_digit(ink)).astype(np.float32)


def _open(file: bytes) -> Image.Image:
    try:
        image: Image.Image = Image.open(BytesIO(file), formats=("PNG", "JPEG"))
        pixels, most = image.width * image.height, _MAX_PIXELS[str(image.format)]
        if pixels > most:
            too_large = N_("This photo has {pixels} pixels; the maximum is {most}. Make it smaller.")
            raise PhotoError(Message(too_large, {"pixels": pixels, "most": most}))
        image.draft("L", (_SIDE, _SIDE))
        image = ImageOps.exif_transpose(image)
        image.load()
    except (UnidentifiedImageError, Image.DecompressionBombError):
        raise PhotoError(Message(N_("This file cannot be read. Choose a PNG or JPEG photo."))) from None
    except (OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, EOFError, MemoryError):
        # What a damaged file makes Pillow raise.
        raise PhotoError(Message(N_("This photo is damaged. Take it again or choose another."))) from None
    if min(image.size) < _SMALLEST:
        raise _no_digit()
    return image


def _grey(image: Image.Image) -> NDArray[np.float64]:
    """Brightness from 0 to 1 in 640 pixels of the longer side at most; what is transparent is white."""
    if image.mode.startswith("I"):  # 16 bits a pixel
        deep = np.asarray(image, np.float64)
        image = Image.fromarray((255 * deep / max(deep.max(), 1)).astype(np.uint8))
    image.thumbnail((_SIDE, _SIDE), Image.Resampling.BOX)
    if image.has_transparency_data:
        paper = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(paper, image.convert("RGBA"))
    return np.asarray(image.convert("L"), np.float64) / 255


def _is_light_on_dark(grey: NDArray[np.float64]) -> bool:
    """As on a blackboard: what stands out from its surroundings the most is brighter than they are."""
    # Two box filters come as near to a wide Gaussian as is needed here, in a tenth of its time.
    side = round(6**0.5 * _patch(grey))
    surroundings = ndimage.uniform_filter(ndimage.uniform_filter(grey, side), side)
    differences = grey - surroundings
    return float((differences**3).sum()) > 0


def _patch(grey: NDArray[np.float64]) -> int:
    return max(3, round(_PATCH * float(max(grey.shape))))


def _ink(grey: NDArray[np.float64]) -> Mask:
    """What is at least half as much darker than the paper around it as the darkest line, whatever the
    light. The paper: the brightest in a neighbourhood that no pen fills (grey closing), smoothed."""
    patch = _patch(grey)
    smooth = ndimage.gaussian_filter(grey, _BLUR)
    paper = ndimage.gaussian_filter(ndimage.grey_closing(smooth, (patch, patch)), patch / 4)
    contrast = 1 - smooth / np.maximum(paper, 1e-3)
    darkest = float(np.quantile(contrast, 1 - _LINE_SHARE))
    if darkest < _MIN_CONTRAST:
        raise _no_digit()
    return np.asarray(contrast > darkest / 2)


def _digit(ink: Mask) -> Mask:
    """The largest part that does not touch the edge of the photo, and the parts that belong to it."""
    parts, _ = ndimage.label(ink, np.ones((3, 3)))
    edge = np.concatenate([parts[0], parts[-1], parts[:, 0], parts[:, -1]])
    parts[np.isin(parts, np.unique(edge))] = 0
    areas = np.bincount(parts.ravel())
    areas[0] = 0
    if areas.max() == 0:
        raise _no_digit()
    places = ndimage.find_objects(parts)
    largest = int(areas.argmax())
    rows, columns = places[largest - 1]
    reach = round(_FAR * max(rows.stop - rows.start, columns.stop - columns.start))
    near = parts[
        max(rows.start - reach, 0) : rows.stop + reach, max(columns.start - reach, 0) : columns.stop + reach
    ]
    belongs = [part for part in np.unique(near) if areas[part] >= _SPECK * areas[largest]]
    return np.isin(parts, belongs)


def _with_mnists_pen(ink: Mask) -> Mask:
    """The lines of ``ink``, bool (H, W), thickened or thinned until they are as wide, beside the digit's
    longer side, as MNIST's pen; bool (H', W'), with room around the digit."""
    rows, columns = (np.flatnonzero(ink.any(axis=axis)) for axis in (1, 0))
    side = 1 + max(np.ptp(rows), np.ptp(columns))
    room = side + 4
    ink = np.pad(ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], room)
    depth = ndimage.distance_transform_edt(ink)
    ridge = (depth == ndimage.maximum_filter(depth, 3)) & ink
    width = 2 * float(np.median(depth[ridge])) - 1
    wanted = PEN_WIDTH / (BOX - PEN_WIDTH) * max(side - width, 1)
    if width < wanted:
        return np.asarray(ndimage.distance_transform_edt(~ink) <= (wanted - width) / 2)
    # Nothing gets so thin that it breaks.
    return np.asarray(depth > min((width - wanted) / 2, 0.35 * width))


def _no_digit() -> PhotoError:
    return PhotoError(
        Message(
            N_(
                "No digit found in this photo. Write one digit with a thick pen on plain paper. It "
                "should fill the photo without touching the edge."
            )
        )
    )
