"""Whether pupils get through to this server: at which of its addresses somebody from outside was."""

import threading
from collections.abc import Mapping

from cachetools import LRUCache

from classroom.addresses import addresses
from classroom.operator import MAPPED, host_of, seems_local

# A visitor may send any name of a host.
_MAX_HOSTS = 100


class Reached:
    """Of this process alone: after a restart a class is here again within seconds. Every method may be
    called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._hosts: LRUCache[str, bool] = LRUCache(_MAX_HOSTS)

    def note(self, peer: str | None, headers: Mapping[str, str]) -> None:
        """Somebody has opened a page; the arguments are those of ``operator.seems_local``."""
        sent = {name.lower(): value for name, value in headers.items()}
        host = host_of(f"//{sent.get('host', '')}")
        # Who runs the server may look at it by its own address in the network, too.
        own = (peer or "").removeprefix(MAPPED) in addresses()
        if host and not own and not seems_local(peer, headers):
            with self._lock:
                self._hosts[host] = True

    def is_reached(self, address: str) -> bool:
        """Whether somebody from outside has come by the host of this ``address``, a URL."""
        with self._lock:
            return host_of(address) in self._hosts
