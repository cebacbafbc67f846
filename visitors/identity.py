"""Who a visitor is to this program: never more than the hash of a secret that the browser keeps."""

import hashlib


def visitor_id(secret: str) -> str:
    """The name under which all that the owner of ``secret`` made is kept.

    A plain SHA-256, since a secret has 128 random bits and cannot be guessed from its hash.
    """
    return hash_of(secret)


def hash_of(text: str) -> str:
    """SHA-256 as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()
