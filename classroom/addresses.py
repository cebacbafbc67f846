"""Where a class finds this server: the addresses of the machine, and a QR code that leads to one."""

import io
import socket
from ipaddress import ip_address
from urllib.parse import urlsplit

import psutil
import segno

from classroom.operator import LOCAL

# Nothing is sent there: the system only says from which address it would go out.
_FAR_AWAY = ("192.0.2.1", 9)


def addresses() -> list[str]:
    """The IPv4 addresses of this machine but for its loopback, that of its way out first."""
    found = [
        address.address
        for own in psutil.net_if_addrs().values()
        for address in own
        if address.family == socket.AF_INET and not address.address.startswith(("127.", "169.254."))
    ]
    first = _way_out()
    return sorted(set(found), key=lambda address: (address != first, address))


def offered(page: str) -> list[str]:
    """The URLs, without a page at their end, by which pupils may find this server, the most likely first.
    ``page`` is the URL of one of its pages as its teacher sees it."""
    parts = urlsplit(page)
    folder = parts.path.rpartition("/")[0]
    own = f"{parts.scheme}://{parts.netloc}{folder}"
    if parts.hostname not in LOCAL and (parts.scheme == "https" or not _is_number(parts.hostname or "")):
        # It has a name: what the machine itself is called behind a proxy leads nowhere.
        return [own]
    port = f":{parts.port}" if parts.port else ""
    numbers = [f"{parts.scheme}://{address}{port}{folder}" for address in addresses()]
    first = [] if parts.hostname in LOCAL and numbers else [own]
    return list(dict.fromkeys([*first, *numbers]))


def answers_only_here(page: str, listens_at: str | None) -> bool:
    """Whether a server that ``listens_at`` this address, ``None`` for all, is found by its own machine alone.
    It is not where its teacher sees a ``page`` of it at another address: that of a proxy."""
    return listens_at in LOCAL and urlsplit(page).hostname in LOCAL


def qr_code(url: str) -> bytes:
    """``url`` as a picture, a PNG of dark squares on white."""
    file = io.BytesIO()
    segno.make(url, error="m", micro=False).save(file, kind="png", scale=10, border=3)
    return file.getvalue()


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _way_out() -> str | None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_FAR_AWAY)
        except OSError:
            return None
        address: str = probe.getsockname()[0]
        return address
