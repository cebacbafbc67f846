"""Where a class finds the server."""

import cv2
import numpy as np
import pytest

from classroom import addresses as classroom_addresses
from classroom.addresses import addresses, answers_only_here, offered, qr_code
from classroom.reached import Reached


def test_no_address_is_one_that_only_this_machine_reaches() -> None:
    found = addresses()
    assert len(set(found)) == len(found)
    assert not [address for address in found if address.startswith("127.")]


def test_a_qr_code_leads_where_it_should() -> None:
    url = "http://192.168.178.21:8501/join?room=ABCDE"
    picture = cv2.imdecode(np.frombuffer(qr_code(url), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    assert cv2.QRCodeDetector().detectAndDecode(picture)[0] == url


NUMBERS = ["192.168.1.20", "10.0.0.5"]


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("http://localhost:8501/teach", ["http://192.168.1.20:8501", "http://10.0.0.5:8501"]),
        ("http://10.0.0.5:8501/teach", ["http://10.0.0.5:8501", "http://192.168.1.20:8501"]),
        ("http://localhost/lab/teach", ["http://192.168.1.20/lab", "http://10.0.0.5/lab"]),
        ("https://localhost/lab/teach", ["https://192.168.1.20/lab", "https://10.0.0.5/lab"]),
        ("https://lab.example.org/lab/teach", ["https://lab.example.org/lab"]),
        ("https://lab.example.org/teach", ["https://lab.example.org"]),
        ("http://lab.example.org:8080/lab/teach", ["http://lab.example.org:8080/lab"]),
        ("https://10.0.0.5:8501/teach", ["https://10.0.0.5:8501"]),
    ],
)
def test_a_teacher_is_offered_the_addresses_that_pupils_may_reach(
    monkeypatch: pytest.MonkeyPatch, page: str, expected: list[str]
) -> None:
    monkeypatch.setattr(classroom_addresses, "addresses", lambda: NUMBERS)
    assert offered(page) == expected


@pytest.mark.parametrize(
    ("page", "listens_at", "expected"),
    [
        ("http://localhost:8501/desk", "localhost", True),
        ("http://127.0.0.1:8501/desk", "127.0.0.1", True),
        ("http://localhost:8501/desk", "0.0.0.0", False),
        ("http://localhost:8501/desk", None, False),
        ("http://localhost:8501/desk", "192.168.1.20", False),
        ("https://lab.example.org/lab/desk", "localhost", False),
        ("http://192.168.1.20/desk", "127.0.0.1", False),
    ],
)
def test_a_server_that_listens_to_its_own_machine_is_reached_by_others_through_a_proxy_alone(
    page: str, listens_at: str | None, expected: bool
) -> None:
    assert answers_only_here(page, listens_at) == expected


def test_a_machine_without_any_network_offers_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classroom_addresses, "addresses", lambda: [])
    assert offered("http://localhost:8501/teach") == ["http://localhost:8501"]


def test_an_address_is_reached_once_another_machine_has_come_by_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("classroom.reached.addresses", lambda: NUMBERS)
    reached, address = Reached(), "http://192.168.1.20:8501"
    here = {"Host": "localhost:8501", "Origin": "http://localhost:8501"}
    by_number = {"Host": "192.168.1.20:8501", "Origin": "http://192.168.1.20:8501"}
    reached.note(None, here)
    reached.note("192.168.1.20", by_number)
    reached.note("::ffff:192.168.1.20", by_number)
    reached.note("192.168.1.77", {"Host": "[nonsense"})
    reached.note("192.168.1.77", {})
    assert not reached.is_reached(address)
    reached.note("192.168.1.77", by_number)
    assert reached.is_reached(address)
    assert not reached.is_reached("http://10.0.0.5:8501")
    for number in range(1_000):
        reached.note("192.168.1.66", {"Host": f"host-{number}"})
    assert not reached.is_reached("http://host-0")
