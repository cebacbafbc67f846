"""Who runs the server: only whoever is at the machine itself, and nobody behind a proxy."""

import pytest

from classroom import operator
from classroom.names import ANIMALS, animal
from classroom.reached import Reached
from visitors.codes import CodeError

AT_HOME = {"Host": "localhost:8501", "Origin": "http://localhost:8501"}


@pytest.mark.parametrize(
    ("peer", "headers"),
    [
        (None, AT_HOME),
        ("127.0.0.1", {"host": "127.0.0.1:8501", "origin": "http://127.0.0.1:8501"}),
        ("::ffff:127.0.0.1", AT_HOME),
        ("::1", {"host": "[::1]:8501", "origin": "http://[::1]:8501"}),
    ],
)
def test_whoever_is_at_the_machine_runs_it(peer: str | None, headers: dict[str, str]) -> None:
    assert operator.is_at_the_machine(peer, headers)


@pytest.mark.parametrize(
    ("peer", "headers"),
    [
        ("192.168.1.7", AT_HOME),
        ("::ffff:192.168.1.7", AT_HOME),
        (None, {**AT_HOME, "X-Forwarded-For": "127.0.0.1"}),
        (None, {**AT_HOME, "Via": "1.1 proxy"}),
        (None, {"Host": "localhost:8501", "Origin": "https://lab.example.org"}),
        (None, {"Host": "lab.example.org", "Origin": "http://localhost"}),
        (None, {"Host": "localhost.example.org", "Origin": "http://localhost.example.org"}),
        (None, {"Host": "localhost:8501"}),
        (None, {"Host": "localhost:8501", "Origin": "http://[localhost"}),
        (None, {}),
    ],
)
def test_whoever_comes_from_elsewhere_does_not(peer: str | None, headers: dict[str, str]) -> None:
    assert not operator.is_at_the_machine(peer, headers)


def test_without_a_password_in_the_environment_none_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(operator.VARIABLE, raising=False)
    assert not operator.has_password()
    assert not operator.is_password("")
    monkeypatch.setenv(operator.VARIABLE, "grün")
    assert operator.is_password("grün")
    assert not operator.is_password("")
    assert not operator.is_password("gruen")


def test_whoever_tries_passwords_is_stopped_and_the_operator_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(operator.VARIABLE, "right")
    who = operator.Operator()
    for _ in range(5):
        with pytest.raises(CodeError, match="not the operator's password"):
            who.check_password("wrong", "eve")
    with pytest.raises(CodeError, match="Too many"):
        who.check_password("right", "eve")
    who.check_password("right", "ada")


def test_where_a_password_is_set_it_alone_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(operator.VARIABLE, "a password")
    assert not operator.is_at_the_machine(None, AT_HOME)


def test_who_is_at_the_machine_has_not_come_from_outside_whether_there_is_a_password_or_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for password in ("", "a password"):
        monkeypatch.setenv(operator.VARIABLE, password)
        reached = Reached()
        reached.note(None, AT_HOME)
        assert not reached.is_reached("http://localhost:8501")
        reached.note("192.168.77.7", {"host": "lab.local:8501"})
        assert reached.is_reached("http://lab.local:8501")


def test_the_first_seats_have_an_animal_each() -> None:
    assert len({animal(number) for number in range(len(ANIMALS))}) == len(ANIMALS)
