"""What a seat can do to its class with messages of its own making, over the wire: nothing."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from storage import room_tables
from storage.arrays import unpacked
from storage.database import Database, in_folder
from storage.tables import Drawing
from testing.canaries import rows
from testing.lesson_over_the_wire import PASSWORD, Pupil, Teacher, as_sent, asks, pad_of
from testing.server import serve, without_tensorflow
from testing.tab import BrokenTabError, run_apart, tab
from visitors.identity import visitor_id

# What a drawing is thinned out to, its strokes' last points included.
_MAX_POINTS = 4_200
# Bytes of one point as JSON.
_POINT = 24
_DRAWINGS = (Drawing.visitor_id, Drawing.strokes)
_SEATS = (room_tables.Seat.id, room_tables.Seat.visitor_id)
_TEACHERS = (room_tables.Teacher.room_id, room_tables.Teacher.visitor_id)
_TEACHERS_PAGES = ("desk", "projector", "teach")


@dataclass(frozen=True)
class Served:
    address: str
    kept: Database

    @property
    def database(self) -> Database:
        """Open, once the server has made it."""
        self.kept.open()
        return self.kept


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("hostile")
    data = {"DIGITLAB_DATA": str(folder / "data"), "DIGITLAB_OPERATOR_PASSWORD": PASSWORD}
    with serve({**without_tensorflow(folder), **data}) as address:
        yield Served(address, in_folder(folder / "data", locks=False))


def scribble(pupil: Pupil, megabytes: int) -> dict[str, Any]:
    """What the pad would send if somebody had drawn so much in one stroke."""
    points = np.random.default_rng(0).uniform(100, 280, (megabytes * 10**6 // _POINT, 2)).round(3).tolist()
    [path] = pupil.objects(3)[:1]
    path["path"] = [["M", *points[0]], *(["L", *point] for point in points)]
    return as_sent([path])


def drawings(database: Database) -> list[tuple[str, int]]:
    """Whose each is that is kept, and of how many points."""
    return [(who, sum(map(len, unpacked(strokes)))) for who, strokes in rows(database, *_DRAWINGS)]


def _swapped(secret: str) -> str:
    """The same with two neighbours that differ in each other's place."""
    place = next(place for place in range(len(secret)) if secret[place] != secret[place + 1])
    return secret[:place] + secret[place + 1] + secret[place] + secret[place + 2 :]


async def _visit(address: str, secret: str, code: str) -> bytes:
    """What a browser with this ``secret`` hears on the pages of teachers and pupils."""
    heard: list[bytes] = []
    async with tab(address, secret) as visitor:
        visitor.heard = heard.append
        for page in _TEACHERS_PAGES:
            await visitor.open(page, f"room={code}")
        await visitor.open("own_test")
    return b"".join(heard)


def test_a_drawing_of_ten_megabytes_never_arrives_and_the_class_draws_on(server: Served) -> None:
    async def lesson() -> None:
        async with tab(server.address) as desk, tab(server.address) as one, tab(server.address) as other:
            teacher, hostile, neighbour = Teacher(desk), Pupil(one), Pupil(other)
            await teacher.open_room()
            for pupil in (hostile, neighbour):
                await pupil.join(teacher.code)
            with pytest.raises(BrokenTabError, match="1009"):
                await one.fill(pad_of(one.shown), scribble(hostile, 10))
            await neighbour.draw()
            await one.reconnect()
            await one.open("own_test")
            await one.until(asks, "a digit to draw")
            await hostile.draw()
            kept = drawings(server.database)
            assert {visitor for visitor, _ in kept} == {hostile.visitor, neighbour.visitor}
            assert all(points < 100 for _, points in kept)

    run_apart(lesson())


def test_a_drawing_that_is_far_too_long_is_thinned_out(server: Served) -> None:
    async def lesson() -> None:
        async with tab(server.address) as desk, tab(server.address) as one:
            teacher, pupil = Teacher(desk), Pupil(one)
            await teacher.open_room()
            await pupil.join(teacher.code)
            await one.fill(pad_of(one.shown), scribble(pupil, 2))
            await one.until(lambda page: page.widget("submit"), "Submit")
            await one.press("submit")
            await one.until(lambda page: page.says("Drawn: 1"), "the next digit")
            [points] = [points for visitor, points in drawings(server.database) if visitor == pupil.visitor]
            assert 1_000 < points <= _MAX_POINTS

    run_apart(lesson())


def test_a_forged_secret_opens_no_desk_and_no_seat(server: Served) -> None:
    async def lesson() -> None:
        async with tab(server.address) as desk, tab(server.address) as one:
            teacher, pupil = Teacher(desk), Pupil(one)
            await teacher.open_room()
            await pupil.join(teacher.code)
            assert desk.secret
            seats = rows(server.database, *_SEATS)
            teachers = rows(server.database, *_TEACHERS)
            forged = {
                "one that nobody has": secrets.token_urlsafe(16),
                "one letter of the teacher's is another": ("B" if desk.secret[0] == "A" else "A")
                + desk.secret[1:],
                "what the database knows of the teacher": visitor_id(desk.secret),
                "as if it were linked to the teacher": f"linked-{desk.secret}",
                "no secret at all": "' OR 1=1 --",
            }
            canaries = [teacher.pin.encode(), pupil.seat_code.encode(), b"tile_1"]
            heard = await _visit(server.address, desk.secret, teacher.code)
            assert canaries[-1] in heard, "what nobody hears proves nothing"
            for what, secret in forged.items():
                heard = await _visit(server.address, secret, teacher.code)
                assert not [canary for canary in canaries if canary in heard], what
            assert rows(server.database, *_SEATS) == seats
            assert rows(server.database, *_TEACHERS) == teachers

    run_apart(lesson())
