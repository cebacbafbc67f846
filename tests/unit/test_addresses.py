"""Where a class finds the server."""

import cv2
import numpy as np

from classroom.addresses import addresses, qr_code


def test_no_address_is_one_that_only_this_machine_reaches() -> None:
    found = addresses()
    assert len(set(found)) == len(found)
    assert not [address for address in found if address.startswith("127.")]


def test_a_qr_code_leads_where_it_should() -> None:
    url = "http://192.168.178.21:8501/join?room=ABCDE"
    picture = cv2.imdecode(np.frombuffer(qr_code(url), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    assert cv2.QRCodeDetector().detectAndDecode(picture)[0] == url
