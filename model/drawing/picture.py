"""A file that people bring, as a picture: uint8 (H, W, 3), red, green and blue, upright.

Its longer side has 640 pixels at most, on which a ballpoint line is still 3 wide, and 320 at least.
"""

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from model.messages import N_, Message, MessageError

Picture = NDArray[np.uint8]

_SIDE = 640
# What is smaller, a picture of 28x28 pixels, say, is made larger: lines are looked for at one scale.
_SHORT_SIDE = 320
_SMALLEST = 8
# An iPhone's MPO is a JPEG with a second picture behind it; Pillow finds that out by itself.
_FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "GIF", "BMP", "TIFF")
# A JPEG is shrunk while it is decoded; the others need up to 7 bytes of memory a pixel.
_MAX_PIXELS = {"JPEG": 50_000_000, "MPO": 50_000_000}
_MAX_PIXELS_OF_OTHERS = 16_000_000
# The file type box of ISO/IEC 14496-12, and the brands of HEIC in it.
_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1")


class PhotoError(MessageError):
    """A file that is no photo of a digit."""


def open_picture(file: bytes) -> Picture:
    """The first picture in ``file``, as the camera says that it is turned (EXIF).

    What is transparent becomes paper: white behind dark ink and black behind white ink.

    Raises:
        PhotoError: the file cannot be read, or is too large or too small.
    """
    is_heic = file[4:8] == b"ftyp" and file[8:12] in _BRANDS
    formats = (_heic(),) if is_heic else _FORMATS
    try:
        image: Image.Image = Image.open(BytesIO(file), formats=formats)
        pixels, most = image.width * image.height, _MAX_PIXELS.get(str(image.format), _MAX_PIXELS_OF_OTHERS)
        if pixels > most:
            too_large = N_("This photo has {pixels} pixels; the maximum is {most}. Make it smaller.")
            raise PhotoError(Message(too_large, {"pixels": pixels, "most": most}))
        image.draft("RGB", (_SIDE, _SIDE))
        image = ImageOps.exif_transpose(image)
        image.load()
    except (UnidentifiedImageError, Image.DecompressionBombError):
        unknown = N_(
            "This file cannot be read. Choose a picture: JPEG, HEIC, PNG, WebP, AVIF, GIF, BMP or TIFF."
        )
        raise PhotoError(Message(unknown)) from None
    except (OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, EOFError, MemoryError):
        # What a damaged file makes Pillow raise.
        raise PhotoError(Message(N_("This photo is damaged. Take it again or choose another."))) from None
    if min(image.size) < _SMALLEST:
        raise no_digit()
    return _scaled(_opaque(image))


def no_digit() -> PhotoError:
    """There is nothing to read in the photo."""
    return PhotoError(
        Message(
            N_(
                "No digit found in this photo. Write a digit with a thick pen on plain paper, and take the "
                "photo from straight above."
            )
        )
    )


def _heic() -> str:
    """The format of what iPhones save; its library has 26 MB and is loaded when it is needed."""
    import pillow_heif

    pillow_heif.register_heif_opener()
    return "HEIF"


def _opaque(image: Image.Image) -> Image.Image:
    """With 8 bits a channel, and paper where it is transparent."""
    if image.mode.startswith(("I", "F")):
        deep = np.asarray(image, np.float64)
        image = Image.fromarray((255 * deep / max(deep.max(), 1)).astype(np.uint8))
    if image.has_transparency_data:
        image.thumbnail((_SIDE, _SIDE), Image.Resampling.BOX)
        image = image.convert("RGBA")
        # Of the ink alone: a pixel counts as far as it can be seen.
        brightness = np.average(np.asarray(image.convert("L")), weights=np.asarray(image)[..., 3] + 1e-6)
        paper = Image.new("RGBA", image.size, "black" if brightness > 128 else "white")
        image = Image.alpha_composite(paper, image)
    return image.convert("RGB")


def _scaled(image: Image.Image) -> Picture:
    image.thumbnail((_SIDE, _SIDE), Image.Resampling.BOX)
    larger = _SHORT_SIDE / max(image.size)
    if larger > 1:
        size = tuple(max(1, round(larger * side)) for side in image.size)
        image = image.resize((size[0], size[1]), Image.Resampling.BICUBIC)
    return np.asarray(image)
