"""A file that people bring, as a picture: uint8 (H, W, 3), red, green and blue, upright.

Its longer side has 640 pixels at most unless more are asked for, on which a ballpoint line is still 3 wide,
and 320 at least.
"""

import math
from io import BytesIO
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import AvifImagePlugin, Image, UnidentifiedImageError

from model.messages import N_, Message, MessageError

Picture = NDArray[np.uint8]

MAX_SIDE = 640
# What is smaller, a picture of 28x28 pixels, say, is made larger: lines are looked for at one scale.
MIN_SIDE = 320
_MIN_PIXELS = 8
_MAX_TIMES_LONGER = 20
# An iPhone's MPO is a JPEG with a second picture behind it; Pillow finds that out by itself.
_FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "GIF", "BMP", "TIFF")
# The file type box of ISO/IEC 14496-12, and the brands of HEIC in it; some of them are an AVIF's, too.
_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1")
# In millions of pixels. A baseline JPEG is shrunk while it is decoded; the others are held whole.
_MAX_MEGAPIXELS = {"JPEG": 200, "MPO": 200}
_MAX_MEGAPIXELS_OF_OTHERS = 50
# Formats whose decoders may want more memory than there is, from so many millions of pixels on.
_GREEDY, _GREEDY_FROM = ("WEBP", "AVIF", "HEIF"), 10
# Pictures are shrunk so many rows at a time, about: all of them at once would be held twice.
_ROWS = 256
# A photo has about ten scans; each one takes as long as decoding the picture once.
_MAX_SCANS = 300
# What undoes each orientation of EXIF 2.3, tag 274.
_ORIENTATION = 274
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# Who is sent too many pixels is told so (``_check_size``): Pillow would give up on half as many.
Image.MAX_IMAGE_PIXELS = None
# The cores are for those who train.
AvifImagePlugin.DEFAULT_MAX_THREADS = 1


class PhotoError(MessageError):
    """A file that is no photo of a digit."""


class Frame(NamedTuple):
    """A part of a picture, as shares of its width and height."""

    left: float
    top: float
    right: float
    bottom: float


def open_picture(file: bytes, longest: int = MAX_SIDE) -> Picture:
    """The first picture in ``file``, as the camera says that it is turned: uint8 (H, W, 3), its longer side
    with ``longest`` pixels at most.

    What is transparent becomes paper: white behind dark ink and black behind white ink. Decoding may take
    300 MB, so ``runs.decoding`` does it in a process of its own.

    Raises:
        PhotoError: the file cannot be read, or is too large or too small.
        MemoryError: there is too little memory for it.
    """
    try:
        return _decoded(file, longest)
    except (PhotoError, MemoryError):
        raise
    except UnidentifiedImageError:
        unknown = N_(
            "This file cannot be read. Choose a picture: JPEG, HEIC, PNG, WebP, AVIF, GIF, BMP or TIFF."
        )
        raise PhotoError(Message(unknown)) from None
    # Decoders raise whatever they like on damaged and hostile files.
    except Exception:
        damaged = N_("This photo is damaged. Take it again or choose another.")
        raise PhotoError(Message(damaged)) from None


def framed(picture: Picture, frame: Frame) -> Picture:
    """What of ``picture`` is within ``frame``."""
    height, width = picture.shape[:2]
    left, right = min(round(width * frame.left), width - 1), round(width * frame.right)
    top, bottom = min(round(height * frame.top), height - 1), round(height * frame.bottom)
    return _enlarged(Image.fromarray(picture[top : max(bottom, top + 1), left : max(right, left + 1)]))


def too_much_memory() -> PhotoError:
    """The picture cannot be decoded within the memory that there is, or it brought its decoder down."""
    too_large = N_(
        "This photo cannot be opened: it is too large, or damaged. Cut out the part with the digit, or save "
        "it smaller."
    )
    return PhotoError(Message(too_large))


def no_digit() -> PhotoError:
    """There is nothing to read in the photo."""
    return PhotoError(
        Message(
            N_(
                "No digit found in this photo. Write a digit with a thick pen on plain paper, and take the "
                "photo from straight above. If it lies on its side, turn it."
            )
        )
    )


def _decoded(file: bytes, longest: int) -> Picture:
    if file.count(b"\xff\xda") > _MAX_SCANS:
        raise ValueError("scans without end")
    is_heic = file[4:8] == b"ftyp" and file[8:12] in _BRANDS
    image: Image.Image = Image.open(BytesIO(file), formats=(*_FORMATS, _heic()) if is_heic else _FORMATS)
    if min(image.size) < _MIN_PIXELS:
        too_small = N_(
            "This picture is too small: {width}×{height} pixels; it needs at least {least}×{least}."
        )
        values = {"width": image.width, "height": image.height, "least": _MIN_PIXELS}
        raise PhotoError(Message(too_small, values))
    if max(image.size) > _MAX_TIMES_LONGER * min(image.size):
        raise PhotoError(Message(N_("This picture is too narrow. Cut out the part with the digit.")))
    _check_size(image, _MAX_MEGAPIXELS.get(str(image.format), _MAX_MEGAPIXELS_OF_OTHERS))
    if image.info.get("progressive"):
        _check_size(image, _MAX_MEGAPIXELS_OF_OTHERS)
    image.draft("RGB", (longest, longest))
    # Some JPEGs cannot be shrunk.
    _check_size(image, _MAX_MEGAPIXELS_OF_OTHERS)
    _load(image)
    orientation = image.getexif().get(_ORIENTATION, 1)
    image = _shrunk(image, longest)
    if image.mode.startswith(("I", "F")):
        deep = np.nan_to_num(np.asarray(image, np.float32), posinf=0, neginf=0).clip(0)
        image = Image.fromarray((255 * deep / max(float(deep.max()), 1e-6)).astype(np.uint8))
    image.thumbnail((longest, longest), Image.Resampling.BOX)
    if orientation in _UPRIGHT:
        image = image.transpose(_UPRIGHT[orientation])
    return _enlarged(_opaque(image))


def _load(image: Image.Image) -> None:
    """Decode ``image``. Some decoders say that a file is damaged where they get no more memory."""
    try:
        image.load()
    except Exception:
        if image.format in _GREEDY and image.width * image.height > _GREEDY_FROM * 1_000_000:
            raise too_much_memory() from None
        raise


def _shrunk(image: Image.Image, longest: int) -> Image.Image:
    """``image`` with means of squares of pixels, still larger than it will be; a palette becomes colours."""
    factor = max(image.size) // (2 * longest)
    mode = {"1": "L", "P": "RGBA" if image.has_transparency_data else "RGB"}.get(image.mode, image.mode)
    if mode.startswith("I;"):
        mode = "I"
    if factor < 2:
        return image.convert(mode)
    small = Image.new(mode, (math.ceil(image.width / factor), math.ceil(image.height / factor)))
    rows = factor * max(1, _ROWS // factor)
    for top in range(0, image.height, rows):
        strip = image.crop((0, top, image.width, min(top + rows, image.height)))
        small.paste(strip.convert(mode).reduce(factor), (0, top // factor))
    return small


def _check_size(image: Image.Image, most: int) -> None:
    if image.width * image.height > most * 1_000_000:
        raise _too_large(most)


def _too_large(most: int) -> PhotoError:
    too_large = N_(
        "This photo is too large: more than {most} million pixels. Cut out the part with the digit, or save "
        "it smaller."
    )
    return PhotoError(Message(too_large, {"most": most}))


def _heic() -> str:
    """The format of what iPhones save; its library has 26 MB and is loaded when it is needed."""
    import pillow_heif

    pillow_heif.register_heif_opener(decode_threads=1, thumbnails=False, aux_images=False, depth_images=False)
    return "HEIF"


def _opaque(image: Image.Image) -> Image.Image:
    """With paper where it is transparent."""
    if image.has_transparency_data:
        image = image.convert("RGBA")
        # Of the ink alone: a pixel counts as far as it can be seen.
        brightness = np.average(np.asarray(image.convert("L")), weights=np.asarray(image)[..., 3] + 1e-6)
        paper = Image.new("RGBA", image.size, "black" if brightness > 128 else "white")
        image = Image.alpha_composite(paper, image)
    return image.convert("RGB")


def _enlarged(image: Image.Image) -> Picture:
    larger = MIN_SIDE / max(image.size)
    if larger > 1:
        width, height = (max(1, round(larger * side)) for side in image.size)
        image = image.resize((width, height), Image.Resampling.BICUBIC)
    return np.asarray(image)
