"""What was answered at the seats of a room. Whether somebody may is asked above, in ``classroom``."""

from sqlalchemy import Connection, select

from storage.room_tables import Answer, Seat
from storage.statements import put
from storage.tables import now


def put_answer(connection: Connection, seat_id: str, question: str, content: str) -> None:
    """The answer of a seat to a ``question``, in place of the one before."""
    key = {"seat_id": seat_id, "question": question}
    put(connection, Answer, key, {"content": content, "answered_at": now()})


def answers_of(connection: Connection, seat_id: str) -> dict[str, str]:
    """What was answered at a seat, by question."""
    own = select(Answer.question, Answer.content).where(Answer.seat_id == seat_id)
    return {row.question: row.content for row in connection.execute(own)}


def answers(connection: Connection, room_id: str, question: str) -> dict[int, str]:
    """What was answered to a ``question`` at the seats of a room that are taken, by number of seat."""
    query = (
        select(Seat.number, Answer.content)
        .join(Answer, Answer.seat_id == Seat.id)
        .where(Seat.room_id == room_id, Answer.question == question, Seat.visitor_id.is_not(None))
        .order_by(Seat.number)
    )
    return {row.number: row.content for row in connection.execute(query)}
