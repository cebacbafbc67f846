"""What people type, without what turns, hides or breaks a text."""

import pytest

from model.plain_text import plain_text


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("a\x00b\u202ec", "abc"),
        (" my \n best\trun ", "my best run"),
        ("\u200b\u2066", ""),
        ("Größe “7” ✎ 数字", "Größe “7” ✎ 数字"),
        ("12345 6789", "12345"),
    ],
)
def test_what_was_typed_is_one_line_of_letters(typed: str, kept: str) -> None:
    assert plain_text(typed, 20 if len(kept) > 5 else 6) == kept
