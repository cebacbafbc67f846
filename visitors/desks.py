"""What lay last on a visitor's desk: the recipe and the drawing."""

from storage import visitors as stored
from storage.backlog import Key
from storage.visitors import DeskChange
from storage.writer import Writer

# Characters of a drawing; longer than any digit, and as long as nobody draws on purpose.
MAX_DRAWING = 300_000


class Desks:
    """Every method may be called from any thread. Contents are JSON, which nothing here looks into."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    def keep(self, visitor: str, recipe: str | None = None, drawing: str | None = None) -> None:
        """Keep the recipe, the drawing, or both."""
        self._writer.backlog.put(Key("desk", visitor), DeskChange(visitor, recipe, drawing))

    def greet(self, visitor: str) -> None:
        """Note that a visitor of whom something is kept was here: that is kept for longer."""
        self.keep(visitor)

    def of(self, visitor: str) -> tuple[str | None, str | None]:
        """The last recipe and the last drawing; ``None`` where none is kept.

        Raises:
            StorageError: they cannot be read now.
        """
        waiting: DeskChange | None = self._writer.backlog.waiting(Key("desk", visitor))
        nothing: tuple[str | None, str | None] = (None, None)
        recipe, drawing = self._writer.read(nothing, stored.desk_of, visitor)
        if waiting:
            recipe, drawing = waiting.recipe or recipe, waiting.drawing or drawing
        return recipe, drawing
