"""Codes that people type, and how often they may be wrong."""

import pytest

from model.messages import Message
from visitors.codes import CodeError, Tries, new_code, typed


def _wrong(tries: Tries, asked_by: str) -> None:
    with pytest.raises(CodeError, match="wrong"), tries.attempt(asked_by):
        raise CodeError(Message("wrong"))


def test_a_code_is_found_again_however_it_is_typed() -> None:
    code = new_code(8)
    assert len(code) == 8
    assert typed(f" {code[:4].lower()}-{code[4:]} ") == code


def test_what_is_right_is_not_counted_and_an_error_of_the_server_neither() -> None:
    tries = Tries(2, 10, 1)
    for _ in range(5):
        with tries.attempt("eve"):
            pass
        with pytest.raises(OSError, match="away"), tries.attempt("eve"):
            raise OSError("away")
    _wrong(tries, "eve")


def test_of_many_at_the_same_moment_no_more_are_looked_up_than_may_be() -> None:
    tries = Tries(2, 10, 1)
    with tries.attempt("eve"), tries.attempt("eve"):
        with pytest.raises(CodeError, match="Too many"), tries.attempt("eve"):
            pytest.fail("a third one")
        with tries.attempt("ada"):
            pass


def test_wrong_ones_of_all_together_are_bounded_too() -> None:
    tries = Tries(2, 3, 1)
    for asked_by in ("a", "b", "c"):
        _wrong(tries, asked_by)
    with pytest.raises(CodeError, match="Too many"), tries.attempt("d"):
        pytest.fail("a fourth one")


def test_a_wrong_one_is_forgotten_after_its_minutes_whatever_came_since() -> None:
    seconds = 0.0
    tries = Tries(2, 3, 10, lambda: seconds)
    for _ in range(4):
        for asked_by in ("eve", "ada"):
            with tries.attempt(asked_by):
                pass
        _wrong(tries, "eve")
        seconds += 599
    seconds += 1
    _wrong(tries, "eve")
    _wrong(tries, "eve")
    with pytest.raises(CodeError, match="Too many"), tries.attempt("eve"):
        pytest.fail("a third one within ten minutes")
