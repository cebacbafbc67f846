"""What visitors paste. Of a text that is longer than ``max_chars`` Streamlit takes nothing and says nothing:
fields take in more than is kept, and the page refuses it in a sentence."""

from model.messages import N_, Message, MessageError


class TooLongError(MessageError):
    """A text with more letters than are kept of it."""


def letters_taken(most: int) -> int:
    """The ``max_chars`` of a field of whose text ``most`` letters are kept."""
    return max(200, 10 * most)


def short(text: str | None, most: int) -> str:
    """A ``text`` of at most so many letters; empty for ``None``.

    Raises:
        TooLongError: it has more.
    """
    text = (text or "").strip()
    if (count := len(text)) > most:
        raise TooLongError(
            Message(
                N_("Type at most {most} letters; these are {count}. Make the text shorter."),
                {"most": most, "count": count},
            )
        )
    return text
