"""How much memory this process may still take: in a container its limit counts, not what the host has."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True)
class _Files:
    """What a version of Linux' control groups calls a limit, the bytes in use, and which of those are
    cached files that the kernel gives back when memory runs short."""

    limit: str
    usage: str
    reclaimable: str


_VERSION_1 = _Files("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
_VERSION_2 = _Files("memory.max", "memory.current", "inactive_file")


def available() -> int:
    """Bytes that this process may still take: the least of what the machine has free and what each control
    group that it is in leaves."""
    return min([int(psutil.virtual_memory().available), *left_by_groups()])


def left_by_groups(root: Path = Path("/")) -> list[int]:
    """What each control group with a limit leaves, in bytes; none where nothing is limited."""
    return [left for folder, files in _groups(root) if (left := _left(folder, files)) is not None]


def _left(folder: Path, files: _Files) -> int | None:
    try:
        limit = (folder / files.limit).read_text().strip()
        if limit == "max":
            return None
        usage = int((folder / files.usage).read_text())
        statistics = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
        return int(limit) - usage + int(statistics[files.reclaimable])
    except (OSError, ValueError, KeyError):
        return None


def _groups(root: Path) -> Iterator[tuple[Path, _Files]]:
    """The folders of this process' groups and of all groups above them, as far as they can be seen."""
    for mount_point, top, files in _mounts(root):
        own = _own_group(root, files)
        inside = own[len(top.rstrip("/")) :] if own.startswith(top) else ""
        folder = mount_point / inside.strip("/")
        # A container may show its group as the whole tree, whatever the group is called outside.
        if not folder.is_dir():
            folder = mount_point
        while folder != mount_point:
            yield folder, files
            folder = folder.parent
        yield mount_point, files


def _mounts(root: Path) -> Iterator[tuple[Path, str, _Files]]:
    """Where control groups of memory are mounted, and which group is at the top there."""
    for line in _lines(root / "proc/self/mountinfo"):
        before, _, after = line.partition(" - ")
        top, mount_point = before.split()[3:5]
        kind, _, options = after.split()[:3]
        if kind == "cgroup2":
            yield root / mount_point.lstrip("/"), top, _VERSION_2
        elif kind == "cgroup" and "memory" in options.split(","):
            yield root / mount_point.lstrip("/"), top, _VERSION_1


def _own_group(root: Path, files: _Files) -> str:
    for line in _lines(root / "proc/self/cgroup"):
        _, controllers, group = line.split(":", 2)
        wanted = "memory" in controllers.split(",") if files is _VERSION_1 else controllers == ""
        if wanted:
            return group
    return "/"


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text().splitlines()
    except OSError:
        return []
