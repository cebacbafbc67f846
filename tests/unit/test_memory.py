"""The memory that a container leaves, read from planted trees: one machine has one kind of them only."""

from pathlib import Path

import psutil

from runs import memory

MIB = 2**20
_UNLIMITED_1 = 9_223_372_036_854_771_712


def test_the_second_version_says_what_a_group_leaves_and_cached_files_count_as_free(tmp_path: Path) -> None:
    _plant_version_2(tmp_path, "/app", {"app": (1_000, 700, 100)})
    assert memory.left_by_groups(tmp_path) == [400 * MIB]


def test_the_first_version_says_what_a_group_leaves_and_cached_files_count_as_free(tmp_path: Path) -> None:
    _plant_version_1(tmp_path, "/docker/app", {"docker/app": (1_000, 700, 100)})
    assert memory.left_by_groups(tmp_path) == [400 * MIB]


def test_every_group_above_counts_for_its_limit_holds_too(tmp_path: Path) -> None:
    _plant_version_2(
        tmp_path, "/pod/app", {"pod/app": (None, 10, 0), "pod": (500, 450, 20), "": (2_000, 0, 0)}
    )
    assert memory.left_by_groups(tmp_path) == [70 * MIB, 2_000 * MIB]


def test_a_group_without_a_limit_leaves_everything_in_the_first_version_too(tmp_path: Path) -> None:
    _plant_version_1(tmp_path, "/docker/app", {"docker/app": (None, 700, 0), "docker": (900, 700, 0)})
    left = memory.left_by_groups(tmp_path)
    assert min(left) == 200 * MIB
    assert max(left) > 2**60


def test_a_group_that_a_container_shows_as_the_whole_tree_is_read_there(tmp_path: Path) -> None:
    """Its own name for itself is that of the host, and below the mount point there is no such folder."""
    _plant_version_1(tmp_path, "/docker/app", {"": (800, 300, 0)}, top="/docker/app")
    assert memory.left_by_groups(tmp_path) == [500 * MIB]


def test_a_group_outside_of_its_namespace_is_read_at_the_mount_point(tmp_path: Path) -> None:
    _plant_version_2(tmp_path, "/../elsewhere", {"": (800, 300, 0)})
    assert memory.left_by_groups(tmp_path) == [500 * MIB]


def test_both_versions_may_be_mounted_and_only_one_of_them_count_memory(tmp_path: Path) -> None:
    _plant_version_2(tmp_path, "/", {})
    _plant_version_1(tmp_path, "/app", {"app": (1_000, 700, 0)})
    (tmp_path / "proc/self/cgroup").write_text("4:cpu,memory:/app\n1:name=systemd:/\n0::/\n")
    assert memory.left_by_groups(tmp_path) == [300 * MIB]


def test_a_machine_without_groups_leaves_what_it_has(tmp_path: Path) -> None:
    assert memory.left_by_groups(tmp_path) == []


def test_a_group_whose_numbers_cannot_be_read_says_nothing(tmp_path: Path) -> None:
    _plant_version_2(tmp_path, "/app", {"app": (1_000, 700, 100)})
    (tmp_path / "sys/fs/cgroup/app/memory.current").write_text("many")
    assert memory.left_by_groups(tmp_path) == []


def test_there_is_never_more_than_the_machine_has() -> None:
    assert 0 < memory.available() <= psutil.virtual_memory().total


_Group = tuple[int | None, int, int]


def _plant_version_2(root: Path, own: str, groups: dict[str, _Group], top: str = "/") -> None:
    """``groups``: limit, usage and cached files in MiB, by the path below the mount point."""
    _mount(root, f"30 23 0:26 {top} /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate")
    (root / "proc/self/cgroup").write_text(f"0::{own}\n")
    for path, (limit, usage, files) in groups.items():
        folder = root / "sys/fs/cgroup" / path
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "memory.max").write_text("max\n" if limit is None else f"{limit * MIB}\n")
        (folder / "memory.current").write_text(f"{usage * MIB}\n")
        (folder / "memory.stat").write_text(f"anon 7\ninactive_file {files * MIB}\nactive_file 7\n")


def _plant_version_1(root: Path, own: str, groups: dict[str, _Group], top: str = "/") -> None:
    _mount(root, f"35 31 0:32 {top} /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,cpu,memory")
    (root / "proc/self/cgroup").write_text(f"9:name=systemd:/\n4:cpu,memory:{own}\n")
    for path, (limit, usage, files) in groups.items():
        folder = root / "sys/fs/cgroup/memory" / path
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "memory.limit_in_bytes").write_text(f"{_UNLIMITED_1 if limit is None else limit * MIB}\n")
        (folder / "memory.usage_in_bytes").write_text(f"{usage * MIB}\n")
        (folder / "memory.stat").write_text(f"inactive_file 7\ntotal_inactive_file {files * MIB}\n")


def _mount(root: Path, line: str) -> None:
    (root / "proc/self").mkdir(parents=True, exist_ok=True)
    (root / line.split()[4].lstrip("/")).mkdir(parents=True, exist_ok=True)
    with (root / "proc/self/mountinfo").open("a") as file:
        file.write(f"{line}\n")
