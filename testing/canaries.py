"""Two classes at once, with canaries: what is found again wherever it comes out, such as a name, a reason, a
coordinate of a stroke, a code, a PIN, an id, a secret.
"""

import re
import secrets
import struct
from typing import Any

import numpy as np
from sqlalchemy import Connection, select, update
from streamlit.proto.BackMsg_pb2 import BackMsg

from storage.database import Database
from storage.room_tables import Room, Seat
from testing.lesson_over_the_wire import PASSWORD, Pupil, Teacher
from testing.tab import Tab
from visitors.identity import visitor_id


class Client:
    """Whoever has a browser; ``heard`` are all messages to it, as they came."""

    def __init__(self, name: str, tab: Tab) -> None:
        self.name, self.tab = name, tab
        self.heard: list[bytes] = []
        self.told: list[BackMsg] = []
        tab.heard, tab.told = self.heard.append, self.told

    def hears(self, canary: str) -> bool:
        """Whether a canary is in any message. One of digits stands alone: it may be a part of any number."""
        everything = b"\0".join(self.heard)
        if canary.isdigit():
            return re.search(rb"(?<![\d.])" + canary.encode() + rb"(?![\d.])", everything) is not None
        is_coordinate = "." in canary
        return canary.encode() in everything or (
            is_coordinate and struct.pack("<d", float(canary)) in everything
        )


class Lesson:
    """Two rooms: ours with Ada and Bob, theirs with Eve; and all that must not come out of them."""

    def __init__(self, address: str, database: Database) -> None:
        self.address, self.database = address, database
        names = ("our teacher", "our projector", "their teacher", "Ada", "Bob", "Eve")
        self.clients = {name: Client(name, Tab(address)) for name in names}
        self.ours, self.theirs = (Teacher(self.clients[f"{whose} teacher"].tab) for whose in ("our", "their"))
        self.pupils = {name: Pupil(self.clients[name].tab) for name in ("Ada", "Bob", "Eve")}
        self.names = {name: _word() for name in self.pupils}
        # So long that they are nowhere by chance.
        self.seat_codes = {name: secrets.token_hex(4).upper() for name in self.pupils}
        self.strokes = {name: _coordinate() for name in self.pupils}
        self.reason = _word()

    async def hold(self) -> None:
        await self._join()
        await self._draw()
        await self._guess()
        await self._end()
        for name, client in self.clients.items():
            # Ada is told that nothing can be trained here.
            assert name == "Ada" or client.tab.errors == [], name

    async def _join(self) -> None:
        for client in self.clients.values():
            await client.tab.connect()
        await self.ours.open_room(free_names=True)
        await self.theirs.open_room(free_names=True)
        # The server has made it by now.
        self.database.open()
        wall = self.clients["our projector"].tab
        wall.secret = self.ours.tab.secret
        await wall.reconnect()
        await wall.open("projector", f"room={self.ours.code}")
        for name, pupil in self.pupils.items():
            room = self.theirs if name == "Eve" else self.ours
            await pupil.join(room.code, self.names[name])
        with self.database.writing() as connection:
            for name, code in self.seat_codes.items():
                own = update(Seat).where(Seat.visitor_id == self.pupils[name].visitor)
                connection.execute(own.values(code=code))
        for name, pupil in self.pupils.items():
            await pupil.tab.rerun()
            assert pupil.seat_code == self.seat_codes[name]

    async def _draw(self) -> None:
        for name, pupil in self.pupils.items():
            await pupil.draw([np.array([[self.strokes[name], 60.0], [200.0, 60.0], [120.0, 230.0]])])
        desk, ada = self.ours.tab, self.pupils["Ada"]
        await desk.press("tile_1")
        await desk.press("show_1")
        await desk.press("tile_2")
        await desk.until(lambda page: page.widget("hide_2_0"), "Bob's digit")
        await desk.press("hide_2_0")
        # What is on the pad comes back with a visit.
        await ada.begin([np.array([[self.strokes["Ada"], 40.0], [80.0, 200.0]])])
        await ada.tab.open("my_work")
        await ada.tab.open("own_test")

    async def _guess(self) -> None:
        ada = self.pupils["Ada"].tab
        await self.ours.tab.press("open_all")
        await self.ours.go_to("train")
        await ada.until(lambda _page: ada.page == "train", "Train")
        await ada.open("guess")
        await ada.fill("guess_answer", ["higher"])
        await ada.fill("guess_why", self.reason)
        await ada.press("guess_train")

    async def _end(self) -> None:
        desk, wall = self.ours.tab, self.clients["our projector"].tab
        await desk.press("eyes_up")
        await self.pupils["Bob"].tab.until(lambda page: page.says("Eyes up"), "eyes up")
        await desk.press("eyes_down")
        await self.ours.go_to("our_handwriting")
        for name in ("Ada", "Bob"):
            await self.pupils[name].tab.open("our_handwriting")
            await self.pupils[name].tab.until(lambda page: page.says("drawn by your class"), "the wall")
        await wall.until(lambda page: page.says("writer"), "the class's digits on the projector")

    def who_may(self) -> dict[str, set[str]]:
        """By canary, whom it may reach."""
        room_ids = dict(rows(self.database, Room.code, Room.id))
        seat_ids = dict(rows(self.database, Seat.code, Seat.id))
        found: dict[str, set[str]] = {
            self.ours.pin: {"our teacher"},
            self.theirs.pin: {"their teacher"},
            room_ids[self.ours.code]: {"our teacher", "our projector"},
            room_ids[self.theirs.code]: {"their teacher"},
            self.reason: {"Ada"},
            PASSWORD: set(),
            "$argon2": set(),
        }
        for name in self.pupils:
            found[self.names[name]] = {name, "their teacher" if name == "Eve" else "our teacher"}
            found[str(self.strokes[name])] = {name}
            found[self.seat_codes[name]] = {name}
            found[seat_ids[self.seat_codes[name]]] = set()
        for name, client in self.clients.items():
            assert client.tab.secret
            found.setdefault(client.tab.secret, set()).add(name)
            found[visitor_id(client.tab.secret)] = set()
        return found

    async def leave(self) -> None:
        for client in self.clients.values():
            await client.tab.close()
        self.database.close()


def rows(database: Database, *columns: Any) -> list[tuple[Any, ...]]:
    def read(connection: Connection) -> list[tuple[Any, ...]]:
        return sorted(map(tuple, connection.execute(select(*columns))), key=repr)

    return database.read(read)


def _word() -> str:
    return f"Zq{secrets.token_hex(7)}"


def _coordinate() -> float:
    return round(60 + secrets.randbelow(10**8) / 10**6, 6)
