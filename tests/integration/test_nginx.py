"""Two web servers behind nginx, as real processes: visitors stay with one of them while it lives."""

import gzip
import re
import threading
import time
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, build_opener

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from testing import nginx
from testing.documented import ROOT
from testing.nginx import Guest
from testing.server import free_port, serve, without_tensorflow
from testing.waiting import wait_until
from testing.websocket import says

# Seconds for which nginx lets a websocket be silent, here; the servers ping in less.
_SILENCE, _PING = 4, 2
_REQUESTS = 5
_CERTIFICATES = ROOT / "docs/operating/certificates.md"


@dataclass
class House:
    """nginx at ``address``, and behind it the ``servers`` by their ports."""

    address: str
    plain: str
    certificate: Path
    folder: Path
    servers: dict[str, serve]
    # Opened first, and silent from then on.
    silent: ClientConnection
    silent_since: float

    def guest(self) -> Guest:
        return Guest(self.address, self.certificate)

    def start_what_has_ended(self) -> None:
        for server in self.servers.values():
            if not server.is_running:
                server.start()

    def other(self, server: str) -> str:
        [other] = self.servers.keys() - {server}
        return other

    def servers_of(self, guest: Guest) -> set[str]:
        """The ports of those that answer a guest's next requests."""
        before = len(self._answers())
        for _ in range(_REQUESTS):
            guest.get("/_stcore/host-config")
        # nginx notes them when they are over.
        wait_until(lambda: len(self._answers()) == before + _REQUESTS, 10, "the log")
        return set(self._answers()[before:])

    def _answers(self) -> list[str]:
        log = (self.folder / "access.log").read_text()
        return re.findall(r"host-config \S+:(\d+) [\d.]+$", log, re.MULTILINE)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Two servers without TensorFlow, which are there at once, each with data of its own."""
    nginx.require()
    folder = tmp_path_factory.mktemp("nginx")
    certificate = nginx.make_certificate(folder, _CERTIFICATES)
    environment = {
        **without_tensorflow(folder),
        "STREAMLIT_SERVER_BASE_URL_PATH": "lab",
        "STREAMLIT_SERVER_WEBSOCKET_PING_INTERVAL": str(_PING),
    }
    both = [serve(environment), serve(environment)]
    secure, plain = free_port(), free_port()
    first, second = (str(server.port) for server in both)
    places = nginx.places(both[0].port, both[1].port, secure, plain)
    changes = {**places, "proxy_read_timeout 75s": f"proxy_read_timeout {_SILENCE}s"}
    address = f"https://localhost:{secure}/lab"
    with ExitStack() as stack, ThreadPoolExecutor() as threads:
        list(threads.map(stack.enter_context, both))
        stack.enter_context(nginx.served(nginx.configuration(folder, changes)))
        silent = stack.enter_context(Guest(address, certificate).connected())
        yield House(
            address=address,
            plain=f"http://localhost:{plain}",
            certificate=certificate,
            folder=folder,
            servers={first: both[0], second: both[1]},
            silent=silent,
            silent_since=time.monotonic(),
        )


def test_a_page_comes_compressed_over_https_below_a_path_and_plain_http_leads_there(house: House) -> None:
    guest = house.guest()
    response, body = guest.get("/", **{"Accept-Encoding": "gzip"})
    assert (response.status, response.headers["Content-Encoding"]) == (200, "gzip")
    page = gzip.decompress(body).decode()
    [script] = set(re.findall(r'src="\./(static/js/index\.[^"]+\.js)"', page))
    response, body = guest.get(f"/{script}", **{"Accept-Encoding": "gzip"})
    assert response.headers["Content-Encoding"] == "gzip"
    assert len(body) < len(gzip.decompress(body)) / 2
    assert guest.get("/_stcore/health")[1] == b"ok"
    assert guest.get("/_stcore/metrics")[0].status == 404
    assert _leads_to(f"{house.plain}/lab/train") == "https://localhost/lab/train"


def test_a_visitor_stays_with_one_server_and_a_class_is_shared_out(house: House) -> None:
    guests = [house.guest() for _ in range(4)]
    for guest in guests:
        guest.get("/")
        begun_with = guest.server
        with guest.connected():
            assert guest.server == begun_with
            assert house.servers_of(guest) == {guest.server}
    assert {guest.server for guest in guests} == house.servers.keys()
    assert not any("digitlab_server" in cookie for cookie in _set_cookies(guests[0])), "it is set once"


def test_the_websocket_carries_pages_and_nobody_is_at_the_machine_itself(house: House) -> None:
    """Though the browser, nginx and the servers all are on it, and the address says localhost."""
    with house.guest().connected() as connection:
        page = _run_page(connection, "teach")
    assert says(page, "Only the person who runs this server can open a room")
    assert not says(page, "open_room")


def test_what_is_too_large_is_refused_before_it_is_sent_with_a_sentence(house: House) -> None:
    guest = house.guest()
    path = "/_stcore/upload_file/session/file"
    response, body = guest.get(path, "PUT", **{"Content-Length": str(200 * 2**20)})
    assert response.status == 413
    assert "larger than 100 MB" in body.decode()
    settings = tomllib.loads((ROOT / ".streamlit/config.toml").read_text(encoding="utf-8"))
    largest = settings["server"]["maxUploadSize"]
    assert f"client_max_body_size {largest + 1}m;" in nginx.CONFIGURATION.read_text(encoding="utf-8")


def test_a_websocket_that_says_nothing_is_kept_open_by_the_servers_pings(house: House) -> None:
    configured = nginx.CONFIGURATION.read_text(encoding="utf-8")
    [seconds] = re.findall(r"proxy_read_timeout (\d+)s;\n        }\n        # What a tab", configured)
    assert int(seconds) > 2 * 30, "Streamlit pings every 30 s"
    wait_until(lambda: time.monotonic() > house.silent_since + 1.2 * _SILENCE, 20)
    assert house.silent.protocol.state.name == "OPEN"


def test_whoever_loses_their_server_goes_on_with_the_other_and_stays_there(house: House) -> None:
    house.start_what_has_ended()
    guest = house.guest()
    guest.get("/")
    lost = guest.server
    with guest.connected() as connection:
        house.servers[lost].kill()
        _wait_until_closed(connection)
    assert guest.get("/_stcore/health")[1] == b"ok"
    with guest.connected() as connection:
        assert guest.server == house.other(lost)
        _run_page(connection)
        house.servers[lost].start()
        wait_until(lambda: _lands_on(house.guest(), lost), 20, "that newcomers come to it again")
        assert house.servers_of(guest) == {house.other(lost)}, "its session is there"


def test_a_server_that_is_told_to_end_lets_no_request_fail_and_the_other_takes_its_visitors(
    house: House,
) -> None:
    """As in an upgrade, which is one after the other."""
    house.start_what_has_ended()
    statuses: list[int] = []
    is_over = threading.Event()

    def ask() -> None:
        while not is_over.wait(0.01):
            statuses.append(house.guest().get("/")[0].status)

    guest = house.guest()
    guest.get("/")
    server = guest.server
    with ThreadPoolExecutor(1) as threads:
        asking = threads.submit(ask)
        try:
            with guest.connected() as connection:
                house.servers[server].end()
                _wait_until_closed(connection)
            with guest.connected():
                assert guest.server == house.other(server)
        finally:
            is_over.set()
        asking.result()
    assert set(statuses) == {200}


def test_where_no_server_answers_a_page_says_so_and_who_asks_too_often_is_told(tmp_path: Path) -> None:
    nginx.require()
    certificate = nginx.make_certificate(tmp_path, _CERTIFICATES)
    secure, plain, nobody = free_port(), free_port(), free_port()
    changes = {
        "web1:8501": f"127.0.0.1:{nobody}",
        "web2:8502": f"127.0.0.1:{nobody}",
        "listen 80": f"listen 127.0.0.1:{plain}",
        "listen 443": f"listen 127.0.0.1:{secure}",
        "rate=1500r/s": "rate=1r/m",
        "burst=5000": "burst=1",
    }
    with nginx.served(nginx.configuration(tmp_path, changes)):
        guest = Guest(f"https://localhost:{secure}", certificate)
        response, body = guest.get("/")
        assert (response.status, response.headers["Retry-After"]) == (503, "5")
        assert "Digit Lab is away for a moment." in body.decode()
        assert guest.server == ""
        guest.get("/")
        response, body = guest.get("/")
        assert response.status == 429
        assert "Too many requests came from this address" in body.decode()


def test_one_server_alone_needs_the_lines_of_the_second_deleted_and_nothing_else(tmp_path: Path) -> None:
    nginx.require()
    nginx.make_certificate(tmp_path, _CERTIFICATES)
    both = nginx.configuration(tmp_path, {"web1": "127.0.0.1", "web2": "127.0.0.1"})
    lines = [line for line in both.read_text().splitlines() if not line.endswith("# second")]
    both.write_text("\n".join(lines))
    nginx.check(both)
    assert "127.0.0.1:8502" not in both.read_text()


def _leads_to(address: str) -> str:
    class Stay(HTTPRedirectHandler):
        def redirect_request(self, *_: object) -> None:
            return None

    with pytest.raises(HTTPError) as error:
        build_opener(Stay).open(address, timeout=10)
    return str(error.value.headers["Location"])


def _set_cookies(guest: Guest) -> list[str]:
    return guest.get("/")[0].headers.get_all("Set-Cookie", [])


def _wait_until_closed(connection: ClientConnection) -> None:
    """Ended by a sign, or by the loss of what carries it."""
    with suppress(ConnectionClosed):
        while True:
            connection.recv(timeout=10)


def _run_page(connection: ClientConnection, page: str = "") -> list[ForwardMsg]:
    """All messages up to the end of the page's script."""
    request = BackMsg()
    request.rerun_script.page_name = page
    connection.send(request.SerializeToString())
    messages = []
    while True:
        messages.append(ForwardMsg.FromString(connection.recv(timeout=30, decode=False)))
        if messages[-1].WhichOneof("type") == "script_finished":
            assert messages[-1].script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
            return messages


def _lands_on(guest: Guest, server: str) -> bool:
    guest.get("/")
    return guest.server == server
