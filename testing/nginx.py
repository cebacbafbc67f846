"""A real nginx of the tests' own, with the configuration that ``deploy/`` has for everybody, and somebody who
comes by it."""

import http.client
import os
import re
import shutil
import ssl
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from testing.documented import ROOT, commands
from testing.waiting import wait_until

CONFIGURATION = ROOT / "deploy/nginx.conf"
MISSING = "there is no nginx on this machine (Debian: apt-get install nginx)"
# What lies in folders of the system otherwise.
_TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def executable() -> str | None:
    """The path of nginx, or None: ``MISSING``."""
    return shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin")


def require() -> None:
    """Skip the test where there is no nginx, or let it fail where there has to be one."""
    if executable() is None:
        if os.environ.get("REQUIRE_NGINX") == "1":
            pytest.fail(MISSING)
        pytest.skip(MISSING)


def configuration(folder: Path, changes: Mapping[str, str]) -> Path:
    """A file in ``folder`` with the configuration, each of the ``changes`` made wherever it applies.

    Raises:
        ValueError: one applies nowhere.
    """
    text = CONFIGURATION.read_text(encoding="utf-8")
    places = "".join(f"\n    {name}_temp_path {folder / name};" for name in _TEMPORARY)
    every = {
        "http {": f"http {{{places}",
        "/var/log/nginx": str(folder),
        "/etc/nginx": str(folder),
        **changes,
    }
    if unknown := [old for old in every if old not in text]:
        raise ValueError(f"nothing in {CONFIGURATION} says {unknown}")
    # At once: what one puts in is no other's to change; the longer ones first.
    pattern = "|".join(map(re.escape, sorted(every, key=len, reverse=True)))
    file = folder / "nginx.conf"
    file.write_text(re.sub(pattern, lambda found: every[found[0]], text), encoding="utf-8")
    return file


def places(first: int, second: int, secure: int, plain: int) -> dict[str, str]:
    """What to change where both web servers and nginx are at these ports of this machine; a server that does
    not answer is asked again after a second."""
    return {
        "web1:8501": f"127.0.0.1:{first} fail_timeout=1s",
        "web2:8502": f"127.0.0.1:{second} fail_timeout=1s",
        "8501 first": f"{first} first",
        "8502 second": f"{second} second",
        "listen 80": f"listen 127.0.0.1:{plain}",
        "listen 443": f"listen 127.0.0.1:{secure}",
    }


def make_certificate(folder: Path, document: Path) -> Path:
    """``digitlab.crt`` and ``digitlab.key`` in ``folder`` by a command in ``document``, for localhost."""
    [command] = [line for line in commands(document) if "-out digitlab.crt" in line]
    command = command.replace("lab.example.org", "localhost")
    subprocess.run(["bash", "-c", command], cwd=folder, check=True, capture_output=True)
    return folder / "digitlab.crt"


def check(file: Path) -> None:
    """Raises ``subprocess.CalledProcessError`` if nginx does not take this configuration."""
    subprocess.run([*_command(file), "-t"], check=True)


@contextmanager
def served(file: Path) -> Iterator[None]:
    """nginx with this configuration, once it listens."""
    nginx = start(file)
    try:
        yield
    finally:
        nginx.terminate()
        nginx.wait(timeout=20)


def start(file: Path) -> "subprocess.Popen[bytes]":
    """nginx with this configuration, once it listens."""
    is_there = file.with_name("nginx.pid")
    # Of one that was killed.
    is_there.unlink(missing_ok=True)
    nginx = subprocess.Popen(_command(file))
    wait_until(lambda: is_there.exists() or nginx.poll() is not None, 10, "the start of nginx")
    assert nginx.poll() is None, "nginx has ended"
    return nginx


def _command(file: Path) -> list[str]:
    program = executable()
    if program is None:
        raise FileNotFoundError(MISSING)
    log, process_id = file.with_name("error.log"), file.with_name("nginx.pid")
    settings = f"daemon off; pid {process_id}; error_log {log};"
    return [program, "-c", str(file), "-p", str(file.parent), "-e", str(log), "-g", settings]


class Guest:
    """A browser as far as nginx can tell: it keeps its cookies, and trusts the certificate in a file."""

    def __init__(self, address: str, certificate: Path) -> None:
        self.address = address
        self.cookies: SimpleCookie = SimpleCookie()
        self._trusts = ssl.create_default_context(cafile=str(certificate))

    @property
    def server(self) -> str:
        """The port of the server that this visitor stays with; empty for none yet."""
        return self.cookies["digitlab_server"].value if "digitlab_server" in self.cookies else ""

    def get(self, path: str, method: str = "GET", **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
        """What comes back for a path below the address, and its body as it came."""
        url = urlsplit(self.address + path)
        connection = http.client.HTTPSConnection(url.netloc, context=self._trusts, timeout=20)
        connection.request(method, url.path, headers={**self._sent(), **headers})
        response = connection.getresponse()
        body = response.read()
        connection.close()
        self._keep(response.headers.get_all("Set-Cookie", []))
        return response, body

    @contextmanager
    def connected(self) -> Iterator[ClientConnection]:
        """A websocket, which answers pings by itself."""
        url = urlsplit(self.address)
        with connect(
            f"wss://{url.netloc}{url.path}/_stcore/stream",
            ssl=self._trusts,
            subprotocols=[Subprotocol("streamlit")],
            origin=Origin(f"https://{url.netloc}"),
            additional_headers=self._sent(),
            max_size=None,
        ) as connection:
            assert connection.response
            self._keep(connection.response.headers.get_all("Set-Cookie"))
            yield connection

    def _sent(self) -> dict[str, str]:
        pairs = [f"{name}={cookie.value}" for name, cookie in self.cookies.items()]
        return {"Cookie": "; ".join(pairs)} if pairs else {}

    def _keep(self, sent: list[str]) -> None:
        for text in sent:
            self.cookies.load(text)
