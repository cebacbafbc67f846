"""One visitor on several devices, on both databases: a code links a browser, once, and not for long."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select, update

from runs.runner import Runner
from storage.tables import DeviceCode
from storage.writer import Writer
from testing.engines import InlineEngine, learn
from testing.storage import Open
from visitors.codes import CodeError
from visitors.devices import Devices
from visitors.forgetting import forget
from visitors.identity import visitor_id
from visitors.imported_networks import ImportedNetworks

ADA, BOB = visitor_id("ada's secret"), visitor_id("bob's secret")
NEW, THIRD = visitor_id("of ada's tablet"), visitor_id("of a third one")


@pytest.fixture
def runner(open_database: Open) -> Iterator[Runner]:
    runner = Runner(InlineEngine(), learn, Writer(open_database()))
    assert runner.writer.wait_until_open(20)
    yield runner
    runner.close(10)


def test_a_code_links_one_browser_and_no_other(runner: Runner) -> None:
    devices = Devices(runner.writer)
    code = devices.new_code(ADA)
    assert devices.visitor_of(NEW) == NEW
    devices.link(code.lower().replace("-", " "), NEW, BOB)
    assert devices.visitor_of(NEW) == ADA
    assert devices.visitor_of(ADA) == ADA
    with pytest.raises(CodeError, match="not valid"):
        devices.link(code, THIRD, BOB)
    assert devices.visitor_of(THIRD) == THIRD


def test_a_new_code_ends_the_one_before_it_of_the_same_visitor_alone(runner: Runner) -> None:
    devices = Devices(runner.writer)
    first, of_bob, second = devices.new_code(ADA), devices.new_code(BOB), devices.new_code(ADA)
    with pytest.raises(CodeError):
        devices.link(first, NEW, NEW)
    devices.link(second, NEW, NEW)
    devices.link(of_bob, THIRD, NEW)
    assert [devices.visitor_of(browser) for browser in (NEW, THIRD)] == [ADA, BOB]


def test_a_code_ends_by_the_clock_of_the_database(runner: Runner) -> None:
    devices = Devices(runner.writer)
    code = devices.new_code(ADA)
    assert runner.writer.database is not None
    with runner.writer.database.writing() as connection:
        connection.execute(update(DeviceCode).values(valid_until=1))
    with pytest.raises(CodeError):
        devices.link(code, NEW, NEW)


def test_neither_the_code_nor_a_secret_is_in_the_database(runner: Runner) -> None:
    devices = Devices(runner.writer)
    code = devices.new_code(ADA)
    assert runner.writer.database is not None
    with runner.writer.database.reading() as connection:
        [row] = connection.execute(select(DeviceCode)).all()
    assert code.replace("-", "") not in repr(row)


def test_whoever_tries_codes_must_wait_and_others_need_not(runner: Runner) -> None:
    now = 0.0
    devices = Devices(runner.writer, lambda: now)
    code = devices.new_code(ADA)
    for _ in range(5):
        with pytest.raises(CodeError, match="not valid"):
            devices.link("AAAA-AAAA", NEW, BOB)
    with pytest.raises(CodeError, match="Too many"):
        devices.link(code, NEW, BOB)
    devices.link(code, NEW, THIRD)
    now = 601.0
    devices.link(devices.new_code(ADA), THIRD, BOB)


def test_many_browsers_together_cannot_try_for_long_either(runner: Runner) -> None:
    devices = Devices(runner.writer)
    for number in range(300):
        with pytest.raises(CodeError, match="not valid"):
            devices.link("AAAA-AAAA", NEW, f"browser {number}")
    with pytest.raises(CodeError, match="Too many"):
        devices.link(devices.new_code(ADA), NEW, "another one")


def test_who_is_forgotten_on_one_device_is_a_new_visitor_on_all(runner: Runner) -> None:
    devices = Devices(runner.writer)
    devices.link(devices.new_code(ADA), NEW, NEW)
    forget(runner, ImportedNetworks(runner.writer), ADA)
    assert devices.visitor_of(ADA) is None
    assert devices.visitor_of(NEW) == NEW


def test_without_a_database_there_is_no_code() -> None:
    devices = Devices(Writer())
    with pytest.raises(CodeError, match="Nothing is saved"):
        devices.new_code(ADA)
    assert devices.visitor_of(NEW) == NEW
