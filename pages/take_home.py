"""What a lesson leaves, for its teacher to take home."""

from ui.frame import frame
from ui.teaching.opening import ask_for_desk
from ui.teaching.room import asked_for
from ui.teaching.saving import show_saving

with frame("take_home"):
    room = asked_for()
    if room is None:
        ask_for_desk("take_home")
    else:
        show_saving(room)
