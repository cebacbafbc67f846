"""A photo read from its file in this process; the app decodes it in another one (``runs.decoding``)."""

from model.drawing.picture import open_picture
from model.photo_reader import Reading, read_picture
from model.starter.starter import Starter


def read_photo(file: bytes, starter: Starter) -> Reading:
    """The digit, or the digits of the number, in the picture in ``file``.

    Raises:
        model.drawing.picture.PhotoError: the file cannot be read, is too large or too small, or shows no
            digit.
    """
    return read_picture(open_picture(file), starter)
