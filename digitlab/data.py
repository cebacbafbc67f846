"""The command ``digitlab data``: what is kept, a backup of it, and the way back."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from model.messages import MessageError
from storage import care
from storage.database import Database, from_environment


def main(arguments: Sequence[str]) -> int:
    """What the process ends with: 0, or 1 where something is wrong."""
    options = _parser().parse_args(arguments)
    if options.data is not None:
        os.environ["DIGITLAB_DATA"] = str(options.data.resolve())
    try:
        # Only to put something else in place of all that is kept, nobody else may use it.
        with closing(from_environment(locks=options.run is _restore)) as database:
            if database.is_sqlite and options.run is not _restore and not database.file.is_file():
                print(f"Nothing is kept in {database.folder}.")
                return 0
            database.open()
            run: Callable[[Database, argparse.Namespace], int] = options.run
            return run(database, options)
    except (MessageError, OSError) as error:
        print(f"digitlab data: {error}", file=sys.stderr)
        return 1


def _status(database: Database, _options: argparse.Namespace) -> int:
    with database.reading() as connection:
        status = care.status(connection)
    print(f"{'where':<18} {database.url.render_as_string(hide_password=True)}")
    print(f"{'revision':<18} {status.revision}")
    print(f"{'size':<18} {status.bytes / 1e6:,.1f} MB, weights {status.weights_bytes / 1e6:,.1f} MB")
    print(f"{'servers':<18} {status.servers}")
    for table, count in status.rows.items():
        print(f"{table.replace('_', ' '):<18} {count:,}")
    return 0


def _back_up(database: Database, options: argparse.Namespace) -> int:
    care.back_up(database, options.file)
    print(f"Written: {options.file}, {options.file.stat().st_size / 1e6:,.1f} MB")
    return 0


def _restore(database: Database, options: argparse.Namespace) -> int:
    before = care.restore(database, options.file)
    print(f"Restored from {options.file}.")
    if before:
        print(f"What was there before is in {before}.")
    return 0


def _check(database: Database, _options: argparse.Namespace) -> int:
    with database.reading() as connection:
        found = care.check(connection)
    print("\n".join(found) or "Everything can be read.")
    return 1 if found else 0


def _compact(database: Database, _options: argparse.Namespace) -> int:
    with database.reading() as connection:
        before = care.status(connection).bytes
    database.vacuum()
    with database.reading() as connection:
        after = care.status(connection).bytes
    print(f"{before / 1e6:,.1f} MB before, {after / 1e6:,.1f} MB now")
    return 0


def _purge(database: Database, options: argparse.Namespace) -> int:
    days = care.retention_days() if options.days is None else care.checked_days("--days", options.days)
    with database.writing() as connection:
        count = care.purge(connection, days)
    print(f"Deleted: everything of {count:,} visitors who have not been here for {days:g} days")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="digitlab data",
        description="What is kept, in the folder of --data or DIGITLAB_DATA, or at DIGITLAB_DATABASE_URL.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: object, text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text)
        added.add_argument("--data", type=Path, metavar="FOLDER", help="where runs and drawings are kept")
        added.set_defaults(run=run)
        return added

    command("status", _status, "say what is kept, and how much room it takes")
    backup = command("backup", _back_up, "write everything into a new file, also while the app runs")
    backup.add_argument("file", type=Path, metavar="FILE")
    restore = command("restore", _restore, "put a backup in place of all that is kept, while no app runs")
    restore.add_argument("file", type=Path, metavar="FILE")
    command("check", _check, "read everything, and name what is damaged")
    command("compact", _compact, "give the room of what was deleted back to the disk")
    purge = command("purge", _purge, "delete everything of visitors who have not been here for long")
    purge.add_argument("--days", help=f"by default DIGITLAB_RETENTION_DAYS, or {care.RETENTION_DAYS:g}")
    return parser
