"""What is said where something cannot be kept."""

from model.messages import N_, Message, MessageError


class StorageError(MessageError):
    """The database cannot be used, or holds no more.

    As a text, for the log and the command line, it holds the ``reason`` too: what the database said, which
    may name hosts and users and is nothing for visitors.
    """

    def __init__(self, message: Message, reason: object = "") -> None:
        super().__init__(message)
        self.reason = str(reason).strip()

    def __str__(self) -> str:
        return f"{self.message} ({self.reason})" if self.reason else str(self.message)


class ForgottenError(MessageError):
    """Nothing is kept any more of a visitor who was forgotten."""


def forgotten() -> ForgottenError:
    """Somebody chose Forget me in another tab, or on another device."""
    return ForgottenError(
        Message(
            N_(
                "Everything here was deleted with Forget me, in another tab or on another device. Open "
                "another page to begin anew."
            )
        )
    )


def unreachable(reason: object) -> StorageError:
    """The database does not answer, or not as it should."""
    return StorageError(
        Message(N_("The database cannot be reached at the moment. Digit Lab keeps trying.")), reason
    )


def disk_full(reason: object) -> StorageError:
    """The database has no room for more."""
    return StorageError(Message(N_("The disk of the server is full.")), reason)


def in_use(folder: object) -> StorageError:
    """Another server keeps its data in the same folder."""
    return StorageError(
        Message(
            N_(
                "Another Digit Lab uses the folder {folder}, so this one saves nothing. Close one of the "
                "two, or start this one with --data and another folder."
            ),
            {"folder": str(folder)},
        )
    )


def no_folder(folder: object, error: object) -> StorageError:
    """The folder for the data cannot be made or written to."""
    return StorageError(
        Message(
            N_("Nothing can be saved in the folder {folder}: {error}. Choose another one with --data."),
            {"folder": str(folder), "error": _first_line(error)},
        )
    )


def newer_database(revision: str) -> StorageError:
    """A later version of this app wrote the database."""
    return StorageError(
        Message(
            N_(
                "The database was written by a newer Digit Lab (revision {revision}). Update Digit Lab, or "
                "choose another folder with --data; nothing was changed."
            ),
            {"revision": revision},
        )
    )


def not_a_backup(file: object) -> StorageError:
    """What was given as a backup is another file, or none."""
    return StorageError(Message(N_("{file} is not a backup of Digit Lab."), {"file": str(file)}))


def backlog_full() -> StorageError:
    """Too much waits to be saved already."""
    return StorageError(
        Message(
            N_("Too much is waiting to be saved. Try again in a minute; everything that you have is kept.")
        )
    )


def _first_line(error: object) -> str:
    return (str(error).strip() or repr(error)).splitlines()[0]
