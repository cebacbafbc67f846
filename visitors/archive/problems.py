"""What is said of an archive that cannot be read in. Nothing has been changed then."""

from pydantic import ValidationError

from model.export.npz_archive import shorten
from model.messages import N_, Message, MessageError
from visitors.archive.format import READ_BYTES, VERSION


class ArchiveError(MessageError):
    """A file is not an archive that this app could have written, or there is no room for it."""


def too_large(size: int) -> ArchiveError:
    """More bytes than any archive has."""
    return ArchiveError(
        Message(
            N_(
                "An archive may have at most {most} bytes; this one has {received}. Nothing was imported. "
                "Choose an archive exported from Digit Lab."
            ),
            {"most": READ_BYTES, "received": size},
        )
    )


def damaged(size: int) -> ArchiveError:
    """No archive, or not all of one."""
    return ArchiveError(
        Message(
            N_(
                "This file ({size} bytes) cannot be read as an archive of Digit Lab. It may be another kind "
                "of file, damaged or incomplete. Nothing was imported. Choose another file, or download the "
                "archive again."
            ),
            {"size": size},
        )
    )


def another_zip(name: str) -> ArchiveError:
    """A ZIP without a manifest, ``name`` being a file in it."""
    return ArchiveError(
        Message(
            N_(
                "This ZIP file is not an archive exported from My work: it holds “{name}”. Nothing was "
                "imported. Choose the file that Export on My work has saved."
            ),
            {"name": shorten(ascii(name)[1:-1])},
        )
    )


def of_lesson() -> ArchiveError:
    """What a teacher has taken home."""
    return ArchiveError(
        Message(
            N_(
                "This ZIP file holds a whole lesson, as Save everything saves it for the teacher. It is to "
                "be read, not imported: unpack it and open report.html. Nothing was imported."
            )
        )
    )


def newer(version: int) -> ArchiveError:
    """A later version of this app wrote it."""
    return ArchiveError(
        Message(
            N_(
                "A newer Digit Lab wrote this archive (format {version}, and this one reads up to {known}). "
                "Nothing was imported. Update Digit Lab, or choose another archive."
            ),
            {"version": shorten(str(version), 12), "known": VERSION},
        )
    )


def wrong(name: str, expected: Message | str, received: Message | str) -> ArchiveError:
    """The file ``name`` of the archive is something else than ``expected``."""
    return ArchiveError(
        Message(
            N_(
                "“{name}” in the archive must be {expected}; received {received}. Nothing was imported. "
                "Choose an archive exported from Digit Lab."
            ),
            {"name": shorten(ascii(name)[1:-1]), "expected": expected, "received": received},
        )
    )


def of_json(name: str, error: ValidationError) -> ArchiveError:
    """The first complaint of pydantic's about a JSON file."""
    first = error.errors(include_url=False)[0]
    where = shorten(" → ".join(ascii(part).strip("'") for part in first["loc"]))
    expected = Message(
        N_("as Digit Lab writes it (at “{where}”: {problem})"),
        {"where": where, "problem": shorten(ascii(first["msg"])[1:-1], 120)},
    )
    return wrong(name, expected, shorten(ascii(first["input"])))


def within(name: str, error: MessageError) -> ArchiveError:
    """The file ``name`` of the archive is refused by whoever reads such files."""
    return ArchiveError(
        Message(
            N_("“{name}” in the archive: {problem} Nothing was imported."),
            {"name": name, "problem": error.message},
        )
    )


def no_room() -> ArchiveError:
    """The server holds as many weights as it may."""
    return ArchiveError(
        Message(
            N_(
                "This server has no room for so many weights at the moment. Nothing was imported. Keep the "
                "archive, and ask whoever runs the server."
            )
        )
    )


def too_much(runs: int, hypotheses: int) -> ArchiveError:
    """A visitor would have more than that."""
    return ArchiveError(
        Message(
            N_(
                "With this archive you would have more than {runs} runs or {hypotheses} hypotheses, which is "
                "too many. Nothing was imported. Delete some of yours first."
            ),
            {"runs": runs, "hypotheses": hypotheses},
        )
    )
