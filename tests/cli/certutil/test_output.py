from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

import pytest

from isthmus.cli.certutil.output import check_target, write_file
from isthmus.errors import CannotCreateError, DataError, StorageError
from tests.cli.certutil.calling import mode
from tests.cli.certutil.conftest import Call


def accept(data: bytes) -> None:
    assert data == b"content"


def refuse(data: bytes) -> None:
    raise DataError("not what was meant")


def test_a_file_is_private_from_the_start(tmp_path: Path) -> None:
    path, seen = tmp_path / "a", list[int]()
    write_file(path, b"content", lambda data: seen.extend(mode(one) for one in tmp_path.iterdir()), force=False)
    assert seen == [0o600]
    assert mode(path) == 0o600
    assert path.read_bytes() == b"content"


def test_what_does_not_pass_the_check_never_appears(tmp_path: Path) -> None:
    with pytest.raises(DataError):
        write_file(tmp_path / "a", b"content", refuse, force=False)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten_without_force(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    with pytest.raises(CannotCreateError, match=r"exists already .*--force"):
        write_file(path, b"content", accept, force=False)
    assert path.read_bytes() == b"old"
    write_file(path, b"content", accept, force=True)
    assert path.read_bytes() == b"content"
    assert mode(path) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_forced_file_that_does_not_pass_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    with pytest.raises(DataError):
        write_file(path, b"content", refuse, force=True)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_appears_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with pytest.raises(CannotCreateError):
        write_file(path, b"content", lambda data: _appear(path), force=False)
    assert path.read_bytes() == b"rival"
    assert list(tmp_path.iterdir()) == [path]


def _appear(path: Path) -> None:
    path.write_bytes(b"rival")


def test_a_dangling_link_counts_as_a_file(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("nowhere")
    with pytest.raises(CannotCreateError, match="exists already"):
        check_target(tmp_path / "a", force=False)


@pytest.mark.parametrize("target", [".", "missing/a"])
def test_a_folder_and_a_missing_folder_are_refused(tmp_path: Path, target: str) -> None:
    with pytest.raises(CannotCreateError):
        check_target(tmp_path / target, force=True)


def test_a_name_that_is_too_long_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CannotCreateError, match="cannot be created"):
        write_file(tmp_path / ("a" * 300), b"content", accept, force=False)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def fail(descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(StorageError, match="cannot be written"):
        write_file(tmp_path / "a", b"content", accept, force=False)
    assert list(tmp_path.iterdir()) == []


def test_a_file_system_without_hard_links_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: Path, target: Path) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(Path, "hardlink_to", fail)
    write_file(tmp_path / "a", b"content", accept, force=False)
    assert [one.name for one in tmp_path.iterdir()] == ["a"]
    with pytest.raises(CannotCreateError):
        write_file(tmp_path / "a", b"content", accept, force=False)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_folder_that_may_not_be_written_is_status_77(certutil: Call, folder: Path) -> None:
    assert certutil("ca", "--help").status == 0  # all modules are imported while they can be read
    with tempfile.TemporaryDirectory(prefix="isthmus-test-") as shut:
        Path(shut).chmod(0o755)
        os.seteuid(65534)
        try:
            done = certutil("ca", "--out", f"{shut}/ca.p12", "--pass", "")
        finally:
            os.seteuid(0)
        assert done.status == 77, done.err
        assert "may not be written" in done.err
        assert list(Path(shut).iterdir()) == []
