"""The file is written whole or not at all, also where it cannot be renamed over, and never over what was not read."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from isthmus import files
from isthmus.errors import (
    CannotCreateError,
    DataError,
    IntegrityError,
    PermissionDeniedError,
    StorageError,
    UnavailableError,
)
from isthmus.keystore import lock, storage

LIMIT = 10_000
OLD, NEW = b"old content " * 40, b"the new content, which is longer " * 40


class Crash(BaseException):
    """The process ended here."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "isthmus.keystore"
    storage.write(path, OLD, expected=None)
    return path


@pytest.fixture
def mounted(path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that answers a rename as a mount point does."""
    refuse_rename(monkeypatch, path, errno.EBUSY)
    return path


def refuse_rename(monkeypatch: pytest.MonkeyPatch, target: Path, code: int) -> None:
    rename = os.replace

    def replace(source: str | Path, destination: str | Path) -> None:
        if Path(destination) == target:
            raise OSError(code, os.strerror(code))
        rename(source, destination)

    monkeypatch.setattr(os, "replace", replace)


def read(path: Path) -> bytes | None:
    return storage.read(path, limit=LIMIT)


def others(path: Path) -> list[str]:
    return sorted(other.name for other in path.parent.iterdir() if other != path)


def test_a_new_file_is_for_its_owner_only(path: Path) -> None:
    assert read(path) == OLD
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert others(path) == []


def test_a_missing_file_is_told_from_an_empty_one(tmp_path: Path) -> None:
    assert read(tmp_path / "none") is None
    (tmp_path / "empty").touch()
    assert read(tmp_path / "empty") == b""


def test_a_new_file_never_takes_the_place_of_another(path: Path) -> None:
    with pytest.raises(CannotCreateError, match="exists already"):
        storage.write(path, NEW, expected=None)
    assert read(path) == OLD


def test_a_file_is_replaced_whole(path: Path) -> None:
    inode = path.stat().st_ino
    storage.write(path, NEW, expected=OLD)
    assert read(path) == NEW
    assert path.stat().st_ino != inode
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert others(path) == []


def test_a_file_that_changed_meanwhile_is_not_overwritten(path: Path) -> None:
    path.write_bytes(OLD[:-1])
    with pytest.raises(UnavailableError, match="changed by another process"):
        storage.write(path, NEW, expected=OLD)
    assert path.read_bytes() == OLD[:-1]


def test_a_file_that_vanished_meanwhile_is_not_made_again(path: Path) -> None:
    path.unlink()
    with pytest.raises(UnavailableError, match="changed by another process"):
        storage.write(path, NEW, expected=OLD)
    assert not path.exists()


def test_the_file_behind_a_symbolic_link_is_replaced(path: Path) -> None:
    link = path.parent / "link"
    link.symlink_to(path.name)
    storage.write(link, NEW, expected=OLD)
    assert link.is_symlink()
    assert path.read_bytes() == NEW


def test_a_failed_write_leaves_the_file_and_no_other(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(StorageError, match="No space left"):
            storage.write(path, NEW, expected=OLD)
    assert read(path) == OLD
    assert others(path) == []


@pytest.mark.parametrize("code", [errno.EBUSY, errno.EXDEV])
def test_a_mount_point_is_rewritten_in_place(path: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    refuse_rename(monkeypatch, path, code)
    inode = path.stat().st_ino
    storage.write(path, NEW, expected=OLD)
    assert read(path) == NEW
    storage.write(path, OLD, expected=NEW)
    assert read(path) == OLD
    assert path.stat().st_ino == inode
    assert others(path) == []


def test_any_other_refusal_of_the_rename_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_rename(monkeypatch, path, errno.EROFS)
    with pytest.raises(PermissionDeniedError, match="Read-only file system"):
        storage.write(path, NEW, expected=OLD)
    assert read(path) == OLD


def crash_at(monkeypatch: pytest.MonkeyPatch, step: int) -> Callable[[], int]:
    """Let the process end before the `step`-th change of the disk; the answer counts the changes."""
    count = 0

    def guard(name: str, original: Callable[..., object]) -> Callable[..., object]:
        def changed(*arguments: object, **named: object) -> object:
            nonlocal count
            count += 1
            if count == step:
                if name == "pwrite":  # half of it reached the disk
                    descriptor, data, at = arguments
                    assert isinstance(data, bytes)
                    original(descriptor, data[: len(data) // 2], at)
                raise Crash
            if count > step:
                raise Crash  # a process that has ended changes nothing more
            return original(*arguments, **named)

        return changed

    for name in ("pwrite", "ftruncate", "fsync", "replace", "unlink"):
        monkeypatch.setattr(os, name, guard(name, getattr(os, name)))
    return lambda: count


def steps_of_a_rewrite(path: Path) -> int:
    with pytest.MonkeyPatch.context() as patch:
        count = crash_at(patch, step=10_000)
        storage.write(path, NEW, expected=OLD)
    storage.write(path, OLD, expected=NEW)
    return count()


def test_a_crash_at_any_step_of_a_rewrite_leaves_old_or_new_content(mounted: Path) -> None:
    steps = steps_of_a_rewrite(mounted)
    assert steps >= 8
    outcomes = set()
    torn = 0
    for step in range(1, steps + 1):
        with pytest.MonkeyPatch.context() as patch:
            crash_at(patch, step)
            with pytest.raises(Crash):
                storage.write(mounted, NEW, expected=OLD)
        torn += mounted.read_bytes() not in (OLD, NEW)
        found = read(mounted)
        assert found in (OLD, NEW)
        assert not (mounted.parent / "isthmus.keystore.backup").exists()
        outcomes.add(found)
        if found == NEW:
            storage.write(mounted, OLD, expected=NEW)
    assert torn
    assert outcomes == {OLD, NEW}


def tear(mounted: Path) -> Path:
    """Leave the file as a crash in the middle of a rewrite does, and return the backup."""

    def torn(descriptor: int, data: bytes) -> None:
        os.pwrite(descriptor, data[:100], 0)
        raise Crash

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("isthmus.keystore.inplace.overwrite", torn)
        with pytest.raises(Crash):
            storage.write(mounted, NEW, expected=OLD)
    return mounted.parent / "isthmus.keystore.backup"


def test_what_was_restored_is_told_in_the_log(mounted: Path, caplog: pytest.LogCaptureFixture) -> None:
    backup = tear(mounted)
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert read(mounted) == OLD
    assert "restored" in caplog.text


def test_the_next_write_finishes_a_torn_one_first(mounted: Path) -> None:
    tear(mounted)
    storage.write(mounted, NEW, expected=OLD)
    assert mounted.read_bytes() == NEW


def test_a_damaged_backup_is_never_restored(mounted: Path) -> None:
    backup = tear(mounted)
    torn = mounted.read_bytes()
    for at in range(0, backup.stat().st_size, 7):
        whole = backup.read_bytes()
        damaged = bytearray(whole)
        damaged[at] ^= 1
        if 8 <= at < 40:
            continue  # the digest of the new content, which nobody holds any more
        backup.write_bytes(damaged)
        with pytest.raises(IntegrityError, match="backup is damaged"):
            read(mounted)
        assert mounted.read_bytes() == torn
        backup.write_bytes(whole)
    assert read(mounted) == OLD


def test_a_new_file_is_not_made_beside_a_forgotten_backup(mounted: Path) -> None:
    backup = tear(mounted)
    mounted.unlink()
    with pytest.raises(CannotCreateError, match=r"backup: exists already"):
        storage.write(mounted, NEW, expected=None)
    assert backup.exists()


def test_a_file_that_another_process_holds_is_waited_for_within_bounds(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "WAIT_SECONDS", 0.05)
    with path.open("rb") as holder:
        fcntl.flock(holder, fcntl.LOCK_EX)
        with pytest.raises(UnavailableError, match="another process held"):
            storage.write(path, NEW, expected=OLD)
        with pytest.raises(UnavailableError, match="another process held"):
            read(path)
    assert read(path) == OLD


def test_a_writer_that_waited_does_not_write_to_a_file_replaced_meanwhile(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = lock.lock

    def replaced_while_waiting(descriptor: int, *, exclusive: bool, where: str) -> None:
        monkeypatch.setattr("isthmus.keystore.storage.lock", taken)
        files.write_beside(path, NEW).replace(path)
        taken(descriptor, exclusive=exclusive, where=where)

    monkeypatch.setattr("isthmus.keystore.storage.lock", replaced_while_waiting)
    with pytest.raises(UnavailableError, match="changed by another process"):
        storage.write(path, b"ours", expected=OLD)
    assert path.read_bytes() == NEW


@pytest.mark.parametrize("size", [LIMIT + 1, LIMIT * 5])
def test_a_file_that_is_too_large_is_refused(path: Path, size: int) -> None:
    path.write_bytes(bytes(size))
    with pytest.raises(DataError, match="is larger than"):
        read(path)


def test_what_is_no_file_is_refused_and_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path):
        with pytest.raises(DataError, match="no file"):
            read(path)


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(CannotCreateError, match="folder does not exist"):
        storage.write(tmp_path / "none" / "isthmus.keystore", NEW, expected=None)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_of_another_user_is_a_matter_of_permission(path: Path) -> None:
    path.chmod(0)
    with pytest.raises(PermissionDeniedError):
        read(path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_root_does_not_take_the_file_away_from_the_nodes_user(path: Path) -> None:
    os.chown(path, 1000, 1001)
    storage.write(path, NEW, expected=OLD)
    assert (path.stat().st_uid, path.stat().st_gid) == (1000, 1001)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
