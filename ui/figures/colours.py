"""Two colours for what speaks for an answer and what speaks against it, the same everywhere.

Blue and orange stay apart for colour-blind eyes, and both stand out on paper, on slate and on the
black of a digit.
"""

FOR = "#3a87c8"
AGAINST = "#dd6b20"
# The ring around what the visitor picked: neither of the two, and seen on black, white and grey.
PICKED = "#e377c2"
# Lines and labels beside the data: told from the paper by day and from the slate by night.
GREY = "#85857c"


def rgb(colour: str) -> tuple[int, int, int]:
    """``#rrggbb`` as three numbers from 0 to 255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
