"""Who runs this server: somebody at the machine itself, or whoever knows the operator's password.

Whoever knows the token of the status may see how the server is, and nothing else.
"""

import hmac
import os
from collections.abc import Mapping
from urllib.parse import urlsplit

from model.messages import N_, Message
from visitors.codes import CodeError, Tries

LOCAL = {"localhost", "127.0.0.1", "::1"}
# So begins an IPv4 address where a server listens to both kinds.
MAPPED = "::ffff:"
# What proxies add: behind one, everybody seems to come from the machine itself.
_OF_PROXIES = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via")
_MINUTES = 10
# Wrong passwords within those minutes, of one visitor and of all together.
_MAX_WRONG, _MAX_WRONG_OF_ALL = 5, 50
VARIABLE = "DIGITLAB_OPERATOR_PASSWORD"
STATUS_VARIABLE = "DIGITLAB_STATUS_TOKEN"
# Letters of a token that nobody guesses, so that wrong ones need not be counted: whoever sent many of them
# would keep out the program that watches the server.
MIN_TOKEN = 16


def is_at_the_machine(peer: str | None, headers: Mapping[str, str]) -> bool:
    """Whether whoever opens a page runs this server because it ``seems_local``. A program may send any
    Origin, so where a password is set it alone counts."""
    return not has_password() and seems_local(peer, headers)


def seems_local(peer: str | None, headers: Mapping[str, str]) -> bool:
    """Whether a page is shown on the machine that serves it. ``peer`` is the address of the connection,
    ``None`` for this machine's own; ``headers`` are those of the request, whatever their case.

    The names in Host and Origin have to be this machine's too: a proxy on the same machine, which need not
    tell that it is one, passes on Origin as the visitor's browser has it.
    """
    sent = {name.lower(): value for name, value in headers.items()}
    if any(name in sent for name in _OF_PROXIES):
        return False
    if peer is not None and peer.removeprefix(MAPPED) not in LOCAL:
        return False
    return all(host_of(address) in LOCAL for address in (f"//{sent.get('host', '')}", sent.get("origin", "")))


def has_password() -> bool:
    """Whether the environment sets one."""
    return bool(os.environ.get(VARIABLE))


def is_password(text: str) -> bool:
    """Whether ``text`` is the operator's password."""
    return _is_value(VARIABLE, text)


def has_status_token() -> bool:
    """Whether the environment sets one that is long enough."""
    return len(os.environ.get(STATUS_VARIABLE, "")) >= MIN_TOKEN


def check_status_token(text: str) -> None:
    """Whether ``text`` is the token of the status.

    Raises:
        CodeError: it is not.
    """
    if not (has_status_token() and _is_value(STATUS_VARIABLE, text)):
        raise CodeError(Message(N_("This is not the token that the server was started with.")))


def _is_value(variable: str, text: str) -> bool:
    """Whether ``text`` is what the environment sets, in a time that does not tell how much of it is right."""
    expected = os.environ.get(variable, "")
    return bool(expected) and hmac.compare_digest(text.encode(), expected.encode())


class Operator:
    """Who says that they run this server. Every method may be called from any thread."""

    def __init__(self) -> None:
        self._tries = Tries(_MAX_WRONG, _MAX_WRONG_OF_ALL, _MINUTES)

    def check_password(self, text: str, asked_by: str) -> None:
        """Whether ``text`` is the operator's password; ``asked_by`` is whose wrong ones are counted.

        Raises:
            CodeError: it is not, or too many were not.
        """
        with self._tries.attempt(asked_by):
            if not is_password(text):
                raise CodeError(Message(N_("This is not the operator's password.")))


def host_of(address: str) -> str | None:
    """The host in a URL, which may be anything that somebody sends."""
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None
