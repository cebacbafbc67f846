"""A file that people bring, as a picture: uint8 (H, W, 3), red, green and blue, upright.

Its longer side has 640 pixels at most, on which a ballpoint line is still 3 wide, and 320 at least.
"""

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import AvifImagePlugin, Image, UnidentifiedImageError

from model.messages import N_, Message, MessageError

Picture = NDArray[np.uint8]

LONGEST = 640
# What is smaller, a picture of 28x28 pixels, say, is made larger: lines are looked for at one scale.
SHORTEST = 320
_SMALLEST = 8
_MOST_TIMES_LONGER = 20
# An iPhone's MPO is a JPEG with a second picture behind it; Pillow finds that out by itself.
_FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "GIF", "BMP", "TIFF")
# The file type box of ISO/IEC 14496-12, and the brands of HEIC in it; some of them are an AVIF's, too.
_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1")
# In millions of pixels. A JPEG can be shrunk while it is decoded; the others take up to 20 bytes a pixel.
_MOST = {"JPEG": 51, "MPO": 51, "HEIF": 25}
_MOST_OF_OTHERS = 16
# A photo has about ten scans; each one takes as long as decoding the picture once.
_MOST_SCANS = 300
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

# The cores are for those who train.
AvifImagePlugin.DEFAULT_MAX_THREADS = 1


class PhotoError(MessageError):
    """A file that is no photo of a digit."""


def open_picture(file: bytes) -> Picture:
    """The first picture in ``file``, as the camera says that it is turned: uint8 (H, W, 3).

    What is transparent becomes paper: white behind dark ink and black behind white ink. Decoding may take
    300 MB, so it is for the caller to open one at a time.

    Raises:
        PhotoError: the file cannot be read, or is too large or too small.
    """
    try:
        return _decoded(file)
    except PhotoError:
        raise
    except UnidentifiedImageError:
        unknown = N_(
            "This file cannot be read. Choose a picture: JPEG, HEIC, PNG, WebP, AVIF, GIF, BMP or TIFF."
        )
        raise PhotoError(Message(unknown)) from None
    except Image.DecompressionBombError:
        raise _too_large(_MOST_OF_OTHERS) from None
    # Decoders raise whatever they like on damaged and hostile files.
    except Exception:
        damaged = N_("This photo is damaged. Take it again or choose another.")
        raise PhotoError(Message(damaged)) from None


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


def _decoded(file: bytes) -> Picture:
    if file.count(b"\xff\xda") > _MOST_SCANS:
        raise ValueError("scans without end")
    is_heic = file[4:8] == b"ftyp" and file[8:12] in _BRANDS
    image: Image.Image = Image.open(BytesIO(file), formats=(*_FORMATS, _heic()) if is_heic else _FORMATS)
    if min(image.size) < _SMALLEST:
        too_small = N_(
            "This picture is too small: {width}×{height} pixels; it needs at least {least}×{least}."
        )
        values = {"width": image.width, "height": image.height, "least": _SMALLEST}
        raise PhotoError(Message(too_small, values))
    if max(image.size) > _MOST_TIMES_LONGER * min(image.size):
        raise PhotoError(Message(N_("This picture is too narrow. Cut out the part with the digit.")))
    _check_size(image, _MOST.get(str(image.format), _MOST_OF_OTHERS))
    image.draft("RGB", (LONGEST, LONGEST))
    if image.format in ("JPEG", "MPO"):
        # Some cannot be shrunk, and a progressive one is held whole at any size.
        _check_size(image, _MOST_OF_OTHERS)
    image.load()
    orientation = image.getexif().get(_ORIENTATION, 1)
    if image.mode.startswith(("I", "F")):
        deep = np.nan_to_num(np.asarray(image, np.float32), posinf=0, neginf=0).clip(0)
        image = Image.fromarray((255 * deep / max(float(deep.max()), 1e-6)).astype(np.uint8))
    image.thumbnail((LONGEST, LONGEST), Image.Resampling.BOX)
    if orientation in _UPRIGHT:
        image = image.transpose(_UPRIGHT[orientation])
    return _enlarged(_opaque(image))


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
    larger = SHORTEST / max(image.size)
    if larger > 1:
        width, height = (max(1, round(larger * side)) for side in image.size)
        image = image.resize((width, height), Image.Resampling.BICUBIC)
    return np.asarray(image)
