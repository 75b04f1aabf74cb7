"""Bad files, a second process, a wrong moment: each is told by name, without a trace, and changes nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from isthmus.lifecycle.rotation.journal import FILE_NAME, Journal
from tests.certificates import make_ca
from tests.cli.rotate.cluster import Folders, Rotate, new_folders

CONFIG = 78
BAD_DATA = 65
NO_INPUT = 66
UNAVAILABLE = 69


def empty(path: Path) -> None:
    path.write_bytes(b"")


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:200])


def ten_megabytes(path: Path) -> None:
    path.write_bytes(os.urandom(10_000_000))


def too_large(path: Path) -> None:
    path.write_bytes(b"\n" * (17 << 20))


def no_certificate(path: Path) -> None:
    path.write_text("Dear colleague, here is the certificate that you asked for.\n")


def gone(path: Path) -> None:
    path.unlink()


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def a_device(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


BROKEN = [empty, truncated, ten_megabytes, too_large, no_certificate, gone, a_folder, a_device]


@pytest.mark.parametrize("name", ["transport.crt", "transport.key", "ca.crt"])
@pytest.mark.parametrize("broken", BROKEN)
def test_a_file_that_cannot_be_read_is_named_at_plan(
    rotate: Rotate, folders: Folders, name: str, broken: Callable[[Path], None]
) -> None:
    path = folders.root / "n2" / name
    broken(path)
    assert rotate("plan", "--new-ca", *folders.paths) in (CONFIG, BAD_DATA, NO_INPUT)
    assert str(path) in rotate.erred
    assert rotate("apply") == NO_INPUT


@pytest.mark.parametrize("name", ["transport.crt", "transport.key", "ca.crt"])
@pytest.mark.parametrize("broken", [empty, truncated, no_certificate, gone, a_folder])
def test_a_file_that_breaks_after_the_plan_is_named_and_nothing_is_written_over_it(
    rotate: Rotate, folders: Folders, name: str, broken: Callable[[Path], None]
) -> None:
    rotate("plan", "--new-ca", "--no-other-clients", *folders.paths)
    path = folders.root / "n1" / name
    broken(path)
    before = path.read_bytes() if path.is_file() else None
    assert rotate("apply", "--patience", "1") in (CONFIG, BAD_DATA, NO_INPUT)
    assert str(path) in rotate.erred
    assert (path.read_bytes() if path.is_file() else None) == before


def test_a_key_of_another_certificate_is_named_at_plan(rotate: Rotate, folders: Folders) -> None:
    folders.ca.issue("other").write(folders.root / "n1", "other")
    (folders.root / "n1" / "other.key").replace(folders.root / "n1" / "http.key")
    assert rotate("plan", "--new-ca", *folders.paths) == CONFIG
    assert "does not belong to the certificate" in rotate.erred


@pytest.mark.parametrize("name", ["transport", "ca"])
def test_files_that_somebody_replaced_meanwhile_are_refused_and_kept(
    rotate: Rotate, folders: Folders, name: str
) -> None:
    rotate("plan", "--new-ca", "--no-other-clients", *folders.paths)
    stranger, folder = make_ca("somebody's CA"), folders.root / "n1"
    stranger.issue("n1").write(folder, "transport") if name == "transport" else (folder / "ca.crt").write_bytes(
        stranger.certificate_pem
    )
    before = {path: path.read_bytes() for path in folder.iterdir()}
    assert rotate("apply", "--patience", "1") == BAD_DATA
    assert "transport of [n1]" in rotate.erred
    assert "somebody replaced the files meanwhile" in rotate.erred
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


# Nobody is there


def test_apply_waits_for_nodes_that_are_down_and_names_them(rotate: Rotate, folders: Folders) -> None:
    rotate("plan", "--new-ca", "--no-other-clients", *folders.paths)
    assert rotate("apply", "--patience", "1") == UNAVAILABLE
    assert "[n1] [127.0.0.1:9300] it takes no connection" in rotate.erred
    assert rotate("status") == 0
    assert "transport  n1                   not seen" in rotate.said


def test_status_is_told_to_machines_also_while_another_process_carries_the_rotation_on(
    rotate: Rotate, folders: Folders
) -> None:
    rotate("plan", "--new-ca", "--no-other-clients", *folders.paths)
    journal = Journal.resume(rotate.work)
    try:
        assert rotate("status", "--json") == 0
        found: dict[str, Any] = json.loads(rotate.said)
        assert rotate("apply") == UNAVAILABLE
        assert "being carried out by another process" in rotate.erred
    finally:
        journal.close()
    assert set(found) == {"state", "plan", "parties", "events"}
    assert found["state"] == "planned"
    assert [(one["channel"], one["name"], one["state"]) for one in found["parties"]] == [
        (channel, name, "unseen") for channel in ("transport", "http") for name in folders.names
    ]
    assert "PRIVATE KEY" not in json.dumps(found)


# A folder of a rotation that is not what it should be


def test_a_journal_of_a_newer_version_is_refused_by_name(rotate: Rotate, folders: Folders) -> None:
    rotate("plan", "--new-ca", *folders.paths)
    path = rotate.work / FILE_NAME
    path.write_bytes(path.read_bytes().replace(b'"format_version":1', b'"format_version":2'))
    for command in ("apply", "status", "abort", "resume", "recover"):
        assert rotate(command) == BAD_DATA
        assert "format version 2, this program reads up to 1" in rotate.erred


@pytest.mark.parametrize("content", [b"{}\n", b"[1]\n", b"\xff\xfe\n", b'{"format_version": "x"}\n', b"null\nnull\n"])
def test_a_journal_that_is_none_is_refused_without_a_trace(rotate: Rotate, folders: Folders, content: bytes) -> None:
    rotate("plan", "--new-ca", *folders.paths)
    (rotate.work / FILE_NAME).write_bytes(content)
    for command in ("apply", "status", "abort", "resume", "recover"):
        assert rotate(command) == BAD_DATA


def test_where_no_rotation_is_each_command_says_how_to_make_one(rotate: Rotate) -> None:
    for command in ("apply", "status", "abort", "resume", "recover"):
        assert rotate(command) == NO_INPUT
        assert "isthmus rotate plan" in rotate.erred
    assert not rotate.work.exists()


def test_lost_papers_are_named(rotate: Rotate, folders: Folders) -> None:
    rotate("plan", "--new-ca", *folders.paths)
    lost = rotate.work / "leaves" / "transport" / "n2" / "new.pem"
    lost.unlink()
    assert rotate("apply") == NO_INPUT
    assert str(lost) in rotate.erred
    assert "must stay whole" in rotate.erred


def test_a_second_plan_in_the_same_folder_changes_none_of_its_papers(rotate: Rotate, folders: Folders) -> None:
    rotate("plan", "--new-ca", *folders.paths)
    papers = {path: path.read_bytes() for path in rotate.work.rglob("*") if path.is_file()}
    assert rotate("plan", "--new-ca", *folders.paths) == CONFIG
    assert "holds a rotation already" in rotate.erred
    assert {path: path.read_bytes() for path in rotate.work.rglob("*") if path.is_file()} == papers


# What cannot be rotated


def test_p13_a_folder_that_kubernetes_keeps_true_is_refused_with_the_way_out(rotate: Rotate, folders: Folders) -> None:
    folder = folders.root / "n1"
    (folder / "..2026_01").mkdir()
    (folder / "..data").symlink_to("..2026_01")
    (folder / "transport.key").rename(folder / "..2026_01" / "transport.key")
    (folder / "transport.key").symlink_to("..data/transport.key")
    assert rotate("plan", "--new-ca", *folders.paths) == CONFIG
    assert str(folder / "transport.key") in rotate.erred
    assert "whose copy command updates the Secret" in rotate.erred


def test_two_nodes_with_the_same_certificate_file_are_refused(rotate: Rotate, folders: Folders) -> None:
    (folders.root / "n2" / "transport.crt").unlink()
    (folders.root / "n2" / "transport.crt").symlink_to(folders.root / "n1" / "transport.crt")
    (folders.root / "n2" / "transport.key").unlink()
    (folders.root / "n2" / "transport.key").symlink_to(folders.root / "n1" / "transport.key")
    assert rotate("plan", "--new-ca", *folders.paths) == CONFIG
    assert "[n1] and [n2] take their certificate or key from the same file" in rotate.erred


@pytest.mark.parametrize("name", ["..", "other clients", "a\x1bb"])
def test_a_name_that_would_be_mistaken_is_refused(rotate: Rotate, folders: Folders, tmp_path: Path, name: str) -> None:
    inventory = tmp_path / "inventory.yml"
    inventory.write_text(json.dumps({"nodes": [{"folder": folders.paths[0], "name": name}]}))
    assert rotate("plan", "--new-ca", "--inventory", str(inventory)) == CONFIG
    assert "cannot be the name" in rotate.erred


def test_the_name_of_a_node_never_leads_out_of_the_folder(rotate: Rotate, folders: Folders, tmp_path: Path) -> None:
    inventory = tmp_path / "inventory.yml"
    inventory.write_text(json.dumps({"nodes": [{"folder": folders.paths[0], "name": "../../../escaped"}]}))
    assert rotate("plan", "--new-ca", "--inventory", str(inventory)) == 0, rotate.erred
    assert [path for path in tmp_path.rglob("*escaped*") if rotate.work not in path.parents] == []


@pytest.mark.parametrize(
    "content",
    [
        "",
        "nodes: []",
        "nodes: [1]",
        "a: [",
        "nodes: [{folder: x, colour: red}]",
        "nodes: [{folder: x, copy: scp}]",
        "\x00",
    ],
)
def test_an_inventory_that_is_none_is_refused_without_a_trace(
    rotate: Rotate, folders: Folders, tmp_path: Path, content: str
) -> None:
    inventory = tmp_path / "inventory.yml"
    inventory.write_text(content)
    assert rotate("plan", "--new-ca", "--inventory", str(inventory)) in (CONFIG, BAD_DATA, NO_INPUT)
    assert str(inventory) in rotate.erred


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        ["--new-ca", "--renew-ca"],
        ["--renew-ca"],
        ["--signer", "true"],
        ["--new-ca", "--keysize", "3072", "--key-type", "ed25519"],
        ["--new-ca", "--at-once", "0"],
    ],
)
def test_flags_that_contradict_each_other_are_wrong_usage(rotate: Rotate, folders: Folders, wrong: list[str]) -> None:
    assert rotate("plan", *wrong, *folders.paths) == 64


def test_a_plan_that_is_interrupted_can_be_made_again(rotate: Rotate, tmp_path: Path) -> None:
    many = new_folders(tmp_path / "many", [f"n{at}" for at in range(40)])
    words = [sys.executable, "-m", "isthmus", "rotate", "plan", "--work", str(rotate.work), "--new-ca", *many.paths]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not (rotate.work / "ca" / "ca.crt").exists():
        assert process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert rotate("plan", "--new-ca", *many.paths) == 0, rotate.erred
