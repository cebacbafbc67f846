"""What a class sees on the wall."""

from ui.frame import frame
from ui.teaching.opening import ask_for_desk
from ui.teaching.projector import show_projector
from ui.teaching.room import asked_for

with frame("projector"):
    room = asked_for()
    if room is None:
        ask_for_desk("projector")
    else:
        show_projector(room.id)
