"""What somebody has typed, as it is kept and shown to others."""


def plain_text(text: str, most: int) -> str:
    """``text`` on one line, cut to ``most`` letters, without control characters, among them those that turn
    the direction of writing and one that no database keeps."""
    plain = "".join(letter if letter.isprintable() else " " if letter.isspace() else "" for letter in text)
    return " ".join(plain.split())[:most].strip()
