"""A picture as a file, in every dialect that phones, browsers and notebooks save."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
import pillow_heif
from PIL import Image

Random = np.random.Generator
# How a camera that lies on its side stores a picture: what undoes each orientation of EXIF 2.3, tag 274.
_TURNED = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}


def _jpeg(picture: Image.Image, rng: Random, **options: Any) -> bytes:
    return _saved(picture.convert("RGB"), "JPEG", quality=int(rng.integers(55, 95)), **options)


def _turned(picture: Image.Image, rng: Random) -> bytes:
    orientation = int(rng.choice(list(_TURNED)))
    exif = Image.Exif()
    exif[274] = orientation
    return _jpeg(picture.transpose(_TURNED[orientation]), rng, exif=exif)


def _mpo(picture: Image.Image, rng: Random) -> bytes:
    """As an iPhone's: a second, smaller picture behind the first."""
    first = picture.convert("RGB")
    second = first.resize((first.width // 2, first.height // 2))
    return _saved(first, "MPO", save_all=True, append_images=[second], quality=85)


def _cmyk(picture: Image.Image, rng: Random) -> bytes:
    return _saved(picture.convert("RGB").convert("CMYK"), "JPEG", quality=80)


def _sixteen_bits(picture: Image.Image, rng: Random) -> bytes:
    return _saved(Image.fromarray(np.asarray(picture.convert("L"), np.uint16) * 257), "TIFF")


def _palette(picture: Image.Image, rng: Random) -> bytes:
    return _saved(picture.convert("RGB").quantize(int(rng.integers(8, 64))), "PNG")


def _heic(picture: Image.Image, rng: Random) -> bytes:
    file = BytesIO()
    pillow_heif.from_pillow(picture.convert("RGB")).save(file, quality=80)
    return file.getvalue()


def _animated(kind: str) -> Callable[[Image.Image, Random], bytes]:
    """The first frame counts; the second is blank."""

    def save(picture: Image.Image, rng: Random) -> bytes:
        frame = picture.convert("RGB")
        blank = Image.new("RGB", frame.size, "white")
        return _saved(frame, kind, save_all=True, append_images=[blank], duration=500)

    return save


def _plain(kind: str, **options: Any) -> Callable[[Image.Image, Random], bytes]:
    return lambda picture, rng: _saved(picture.convert("RGB"), kind, **options)


def _saved(picture: Image.Image, kind: str, **options: Any) -> bytes:
    file = BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


# By name: how it is saved, and its ending.
FORMATS: dict[str, tuple[Callable[[Image.Image, Random], bytes], str]] = {
    "jpeg": (_jpeg, "jpg"),
    "progressive": (lambda picture, rng: _jpeg(picture, rng, progressive=True), "jpg"),
    "turned": (_turned, "jpg"),
    "mpo": (_mpo, "jpg"),
    "cmyk": (_cmyk, "jpg"),
    "webp": (_plain("WEBP", quality=80), "webp"),
    "gif": (_animated("GIF"), "gif"),
    "apng": (_animated("PNG"), "png"),
    "bmp": (_plain("BMP"), "bmp"),
    "tiff": (_plain("TIFF", compression="tiff_lzw"), "tiff"),
    "tiff16": (_sixteen_bits, "tiff"),
    "palette": (_palette, "png"),
    "heic": (_heic, "heic"),
    "avif": (_plain("AVIF", quality=70), "avif"),
}


def encoded(picture: Image.Image, name: str, rng: Random) -> tuple[bytes, str]:
    """``picture`` as a file of the format ``name``, or as a plain "png", and the file's ending."""
    if name == "png":
        return _saved(picture, "PNG"), "png"
    save, ending = FORMATS[name]
    return save(picture, rng), ending
