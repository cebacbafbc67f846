"""The data card of a class's digits, beside MNIST's."""

from collections.abc import Sequence
from hashlib import sha256

import streamlit as st

from model.evaluation.writers import Drawings
from model.export.data_card import Row, data_card
from model.messages import Message
from ui.base import resources
from ui.base.text import _, message


def show_card(drawings: Drawings) -> None:
    """What is to be known of both sets, side by side."""
    rows = _card(_digest(drawings), drawings)
    st.table(
        {
            _("what"): [message(row.heading) for row in rows],
            _("our digits"): [_lines(row.drawn) for row in rows],
            _("MNIST"): [_lines(row.mnist) for row in rows],
        }
    )


def _lines(sentences: Sequence[Message]) -> str:
    return "  \n".join(message(sentence) for sentence in sentences) or "—"


def _digest(drawings: Drawings) -> str:
    images = drawings.images
    parts = (images.images.tobytes(), images.labels.tobytes(), drawings.writers.tobytes())
    return sha256(b"".join((*parts, repr(drawings.pointers).encode()))).hexdigest()


@st.cache_resource(show_spinner=False, max_entries=32)
def _card(digest: str, _drawings: Drawings) -> tuple[Row, ...]:
    del digest
    return data_card(_drawings, resources.train_images(), resources.test_images())
