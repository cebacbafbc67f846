"""A photo that a visitor brings as a file."""

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from runs.decoding import MAX_MEGABYTES

_ENDINGS = ["jpg", "jpeg", "jfif", "heic", "heif", "hif", "png", "webp", "avif", "gif", "bmp", "tif", "tiff"]


def photo_file(label: str, key: str) -> UploadedFile | None:
    """The control, and the file that was chosen; on phones the camera is offered, too."""
    return st.file_uploader(label, type=_ENDINGS, max_upload_size=MAX_MEGABYTES, key=key)
