"""A language that nobody speaks, to find texts that do not go through gettext."""

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

_TEMPLATE = Path(__file__).parents[1] / "ui/locales/digitlab.pot"


def template() -> Catalog:
    """Every text of the app, as translators get it."""
    with _TEMPLATE.open("rb") as file:
        return read_po(file)


def write_esperanto(folder: Path) -> None:
    """Put a catalogue into ``folder`` in which every text stands in angle brackets."""
    catalogue = Catalog(locale="eo")
    for message in template():
        if message.id:
            many = isinstance(message.id, tuple)
            catalogue.add(
                message.id, tuple(f"⟨{form}⟩" for form in message.id) if many else f"⟨{message.id}⟩"
            )
    (folder / "eo" / "LC_MESSAGES").mkdir(parents=True)
    with (folder / "eo" / "LC_MESSAGES" / "digitlab.mo").open("wb") as file:
        write_mo(file, catalogue)
