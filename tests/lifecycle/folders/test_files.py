"""A bad file is told with its fault and a mend; it never stops the look at the others."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from isthmus.lifecycle.folders import read_folder
from isthmus.pki.rules.facts import FileFacts
from tests.certificates import make_ca
from tests.lifecycle.folders.writing import nobody, pem_node

Spoil = Callable[[Path], object]


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


def replace_by_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def replace_by_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


SPOILT: dict[str, tuple[Spoil, str]] = {
    "missing": (lambda path: path.unlink(), "cannot be read"),
    "empty": (lambda path: path.write_bytes(b""), "empty"),
    "truncated": (cut, "holds no"),
    "10 MB of noise": (lambda path: path.write_bytes(os.urandom(10 << 20).replace(b"-----", b"")), "holds no"),
    "17 MB": (lambda path: path.write_bytes(b"\n" * (17 << 20)), "larger than 16 MiB"),
    "text": (lambda path: path.write_text("hello"), "holds no"),
    "a folder": (replace_by_folder, "it is a folder"),
    "a pipe": (replace_by_pipe, "it is no regular file"),
}


@pytest.mark.parametrize("name", ["node.crt", "node.key", "ca.crt"])
@pytest.mark.parametrize("spoilt", SPOILT)
def test_a_bad_file_is_told_and_the_others_are_read(name: str, spoilt: str, tmp_path: Path) -> None:
    folder = pem_node(tmp_path)
    spoil, said = SPOILT[spoilt]
    spoil(folder / "certs" / name)
    files = facts_of(folder)
    bad = files.pop(name)
    assert said in bad.fault
    assert bad.mend
    assert [file.fault for file in files.values()] == ["", ""]


def test_a_file_of_another_kind_is_told_by_what_it_is(tmp_path: Path) -> None:
    folder = pem_node(tmp_path)
    certificate, key = folder / "certs" / "node.crt", folder / "certs" / "node.key"
    swapped = certificate.read_bytes(), key.read_bytes()
    key.write_bytes(swapped[0])
    certificate.write_bytes(swapped[1])
    files = facts_of(folder)
    assert files["node.crt"].fault == "holds no certificate; it is a private key"
    assert files["node.key"].fault == "holds no private key; it is a certificate"


def test_a_key_of_another_certificate_is_read_for_the_rules_to_compare(tmp_path: Path) -> None:
    folder = pem_node(tmp_path)
    (folder / "certs" / "node.key").write_bytes(make_ca().issue().key_pem)
    channel = read_folder(folder, nobody).facts.channel("transport")
    assert channel is not None
    assert channel.public_key is not None
    assert channel.public_key != channel.presented[0].public_key()


def test_the_mode_of_each_file_is_known(tmp_path: Path) -> None:
    folder = pem_node(tmp_path)
    (folder / "certs" / "node.key").chmod(0o604)
    assert facts_of(folder)["node.key"].mode == 0o604


def facts_of(folder: Path) -> dict[str, FileFacts]:
    channel = read_folder(folder, nobody).facts.channel("transport")
    assert channel is not None
    return {Path(file.path).name: file for file in channel.files}
