"""Files put in place: whole or not at all, with mode and owner kept, wherever they lie."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from isthmus import files
from isthmus.errors import StorageError, UnavailableError
from isthmus.lifecycle.rotation import installing
from isthmus.lifecycle.rotation.installing import put_in_place, run_command
from isthmus.lifecycle.rotation.layout import NewFile


def new(*paths: Path, data: bytes = b"new") -> list[NewFile]:
    return [NewFile(path, data, secret=False) for path in paths]


def old(folder: Path, *names: str) -> list[Path]:
    paths = [folder / name for name in names]
    for path in paths:
        path.write_bytes(b"old")
    return paths


@pytest.fixture
def mount() -> Iterator[list[str]]:
    """Mount points that are unmounted in the end."""
    mounted: list[str] = []
    yield mounted
    for target in mounted:
        subprocess.run(["umount", target], check=True)


def mounted(mount: list[str], target: Path, *words: str) -> None:
    done = subprocess.run(["mount", *words, str(target)], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"this process may not mount: {done.stderr.strip()}")
    mount.append(str(target))


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o660, 0o444])
def test_the_mode_of_a_replaced_file_is_kept(tmp_path: Path, mode: int) -> None:
    [path] = old(tmp_path, "node.key")
    path.chmod(mode)
    put_in_place(new(path))
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_the_owner_of_a_replaced_file_is_kept(tmp_path: Path) -> None:
    if os.geteuid():
        pytest.skip("only root gives files away")
    [path] = old(tmp_path, "node.key")
    os.chown(path, 1000, 1001)
    put_in_place(new(path))
    assert (path.stat().st_uid, path.stat().st_gid) == (1000, 1001)


def test_a_new_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    put_in_place(new(tmp_path / "node.key"))
    assert stat.S_IMODE((tmp_path / "node.key").stat().st_mode) == 0o600


def test_a_link_stays_one_and_what_it_leads_to_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    [real] = old(tmp_path / "real", "node.crt")
    link = tmp_path / "node.crt"
    link.symlink_to(real)
    put_in_place(new(link))
    assert link.is_symlink()
    assert real.read_bytes() == b"new"


def test_p13_a_file_that_is_mounted_alone_is_overwritten_where_it_is(tmp_path: Path, mount: list[str]) -> None:
    source, target = old(tmp_path, "on the host", "node.crt")
    mounted(mount, target, "--bind", str(source))
    put_in_place(new(target))
    assert source.read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".tmp"] == []


def test_a_full_disk_changes_nothing_and_leaves_nothing_behind(tmp_path: Path, mount: list[str]) -> None:
    mounted(mount, tmp_path, "-t", "tmpfs", "-o", "size=64k", "tmpfs")
    paths = old(tmp_path, "node.crt", "node.key")
    small, large = NewFile(paths[0], b"new", secret=False), NewFile(paths[1], b"x" * 100_000, secret=True)
    with pytest.raises(StorageError, match="No space left on device") as caught:
        put_in_place([small, large])
    assert "make room" in str(caught.value)
    assert [path.read_bytes() for path in paths] == [b"old", b"old"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["node.crt", "node.key"]


def test_a_disk_that_fails_while_the_second_file_is_written_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = old(tmp_path, "node.crt", "node.key")
    written: list[Path] = []

    def write_beside(path: Path, data: bytes) -> Path:
        if written:
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        written.append(path)
        return files.write_beside(path, data)

    monkeypatch.setattr(installing, "write_beside", write_beside)
    with pytest.raises(StorageError, match=r"node\.key: .*No space left on device"):
        put_in_place(new(*paths))
    assert [path.read_bytes() for path in paths] == [b"old", b"old"]
    assert len(list(tmp_path.iterdir())) == 2


def test_what_a_killed_process_left_beside_is_removed(tmp_path: Path) -> None:
    [path] = old(tmp_path, "node.key")
    kept, left = old(tmp_path, ".other.key.abc.tmp", ".node.key.abc12345.tmp")
    put_in_place(new(path))
    assert kept.exists()
    assert not left.exists()


# Commands


async def test_a_command_that_fails_is_told_with_the_end_of_what_it_said() -> None:
    noisy = ["sh", "-c", "seq 10000; echo the last word >&2; exit 4"]
    with pytest.raises(UnavailableError, match="the last word") as caught:
        await run_command(noisy, "copying to [n1]")
    assert "copying to [n1]: [sh] failed" in str(caught.value)
    assert len(str(caught.value)) < 1000


async def test_a_command_that_does_not_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installing, "COMMAND_TIMEOUT", 0.05)
    with pytest.raises(UnavailableError, match="did not end within"):
        await run_command(["sleep", "60"], "restarting [n1]")


async def test_what_fills_a_placeholder_is_one_argument_and_is_not_filled_again(tmp_path: Path) -> None:
    out = tmp_path / "out"
    script = 'printf "%s\\n" "$@" > "$0"'
    words = ["sh", "-c", script, str(out), "{source}", "host:{target}"]
    await run_command(words, "copying", source="a b; rm {target}", target="$(id)")
    assert out.read_text() == "a b; rm {target}\nhost:$(id)\n"
