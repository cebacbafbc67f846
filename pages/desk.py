"""The teacher's desk of one room."""

from ui.frame import frame
from ui.teaching.desk import show_desk
from ui.teaching.opening import ask_for_desk
from ui.teaching.room import asked_for

with frame("desk"):
    room = asked_for()
    if room is None:
        ask_for_desk("desk")
    else:
        show_desk(room.id)
