"""What belongs to somebody reaches nobody else: two classes are taught at once, every byte that a client
receives is kept, and then others send what one teacher has sent.
"""

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from storage.database import Database, in_folder
from storage.room_tables import Room, Seat, Teacher
from storage.tables import Drawing, Hypothesis
from testing.canaries import Client, Lesson, rows
from testing.lesson_over_the_wire import PASSWORD
from testing.server import serve, without_tensorflow
from testing.tab import Tab, run_apart
from testing.websocket import as_a_browser
from ui.base.session import COOKIE

_PAGES_OF_TEACHERS = ("desk", "projector", "teach")


def kept(database: Database, room: str) -> list[Any]:
    """All that a replay must leave alone: what only the teacher of a room may change, and what was made."""
    seats = [Seat.id, Seat.room_id, Seat.number, Seat.code, Seat.visitor_id, Seat.animal, Seat.name]
    rooms = [Room.id, Room.code, Room.pin_hash, Room.lesson, Room.version, Room.is_open, Room.delete_at]
    drawings = [Drawing.visitor_id, Drawing.number, Drawing.label, Drawing.strokes, Drawing.is_hidden]
    return [
        [row for row in rows(database, *rooms) if row[0] == room],
        rows(database, *seats, Seat.wants_help, Seat.left_at),
        rows(database, Teacher.room_id, Teacher.visitor_id),
        rows(database, *drawings),
        rows(database, Hypothesis.id, Hypothesis.visitor_id, Hypothesis.content),
        len(rows(database, Room.id)),
    ]


def presses(teacher: Client, last: BackMsg) -> list[BackMsg]:
    """A press on every button that the teacher was shown, with every box checked, where ``last`` was sent."""
    elements = [ForwardMsg.FromString(content).delta.new_element for content in teacher.heard]
    boxes = {element.checkbox.id for element in elements if element.HasField("checkbox")}
    found = []
    for button in sorted({element.button.id for element in elements if element.HasField("button")}):
        message = BackMsg.FromString(last.SerializeToString())
        states = message.rerun_script.widget_states.widgets
        del states[:]
        states.extend(WidgetState(id=box, bool_value=True) for box in boxes)
        states.add(id=button, trigger_value=True)
        found.append(message)
    return found


def pressed(message: BackMsg) -> str:
    """The key of the button that a message presses; empty for none."""
    names = [one.id for one in message.rerun_script.widget_states.widgets if one.trigger_value]
    return names[0].split("-", 2)[-1] if names else ""


async def replay(name: str, address: str, secret: str, told: Sequence[BackMsg], query: str) -> Client:
    """Whoever has this ``secret`` sends what was ``told``, message by message, to the fragments that are
    named and to the whole page, and goes to the teachers' pages with a ``query``."""
    thief = Client(name, Tab(address))
    connection = await as_a_browser(address, {COOKIE: secret})

    async def send(message: BackMsg) -> None:
        await connection.send(message.SerializeToString())

    async def answer() -> None:
        async with asyncio.timeout(60):
            while True:
                content = await connection.recv(decode=False)
                thief.heard.append(content)
                message = ForwardMsg.FromString(content)
                if (
                    message.WhichOneof("type") == "script_finished"
                    and message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
                ):
                    return

    for message in told:
        await send(message)
        whole = BackMsg.FromString(message.SerializeToString())
        whole.rerun_script.fragment_id = ""
        await send(whole)
        await answer()
    for page in _PAGES_OF_TEACHERS:
        visit = BackMsg()
        visit.rerun_script.page_name, visit.rerun_script.query_string = page, query
        await send(visit)
        await answer()
    await connection.close()
    return thief


def check(who_may: dict[str, set[str]], clients: Iterable[Client]) -> None:
    """No canary has come to anybody but those who may have it."""
    heard = [
        f"{one.name} was sent {canary}"
        for canary, allowed in who_may.items()
        for one in clients
        if one.name not in allowed and one.hears(canary)
    ]
    assert not heard


async def steal(lesson: Lesson, who_may: dict[str, set[str]]) -> None:
    """Others say what our teacher has said, and what the desk's buttons would have said."""
    teacher = lesson.clients["our teacher"]
    told = [message for message in teacher.told if not message.rerun_script.is_auto_rerun]
    told = [message for message in told if PASSWORD.encode() not in message.SerializeToString()]
    told += presses(teacher, told[-1])
    assert {"eyes_up", "step_train", "hide_2_0", "free_now_2", "delete_room"} <= set(map(pressed, told))
    room = dict(rows(lesson.database, Room.code, Room.id))[lesson.ours.code]
    before = kept(lesson.database, room)
    query = f"room={lesson.ours.code}"
    for name in ("Bob", "Eve", "their teacher", "our teacher"):
        secret = lesson.clients[name].tab.secret
        assert secret
        thief = await replay(name, lesson.address, secret, told, query)
        check(who_may, [thief])
        is_changed = kept(lesson.database, room) != before
        assert is_changed == (name == "our teacher"), f"the messages of our teacher, sent by {name}"


async def teach_and_steal(address: str, database: Database) -> None:
    lesson = Lesson(address, database)
    try:
        await lesson.hold()
        who_may = lesson.who_may()
        check(who_may, lesson.clients.values())
        own = [lesson.names["Ada"], lesson.seat_codes["Ada"], str(lesson.strokes["Ada"]), lesson.reason]
        assert all(map(lesson.clients["Ada"].hears, own)), "what nobody hears proves nothing"
        assert lesson.clients["our teacher"].hears(lesson.ours.pin)
        for client in lesson.clients.values():
            await client.tab.close()
        await steal(lesson, who_may)
    finally:
        await lesson.leave()


def test_no_secret_of_a_class_reaches_others_and_a_teachers_messages_are_the_teachers(tmp_path: Path) -> None:
    environment = {
        **without_tensorflow(tmp_path),
        "DIGITLAB_DATA": str(tmp_path / "data"),
        "DIGITLAB_OPERATOR_PASSWORD": PASSWORD,
    }
    with serve(environment) as address:
        run_apart(teach_and_steal(address, in_folder(tmp_path / "data", locks=False)))
