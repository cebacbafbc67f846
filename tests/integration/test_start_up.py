"""The app starts without asking anybody on the internet for anything."""

import socket
from pathlib import Path

import pytest

from testing.server import serve
from testing.waiting import wait_until


def test_starting_asks_nobody_on_the_internet(tmp_path: Path) -> None:
    """Requests would go through this proxy, which only notes that somebody came."""
    with socket.socket() as proxy:
        proxy.bind(("127.0.0.1", 0))
        proxy.listen()
        address = f"http://127.0.0.1:{proxy.getsockname()[1]}"
        asking = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), address)
        log = tmp_path / "log.txt"
        with serve({**asking, "no_proxy": "127.0.0.1"}, log=log):
            # The address is printed after a headless server would have asked.
            wait_until(lambda: "Local URL" in log.read_text(), 30, "the address")
        proxy.settimeout(0)
        with pytest.raises(BlockingIOError):
            proxy.accept()
