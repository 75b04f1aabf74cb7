"""The key on its way to the TLS library."""

from __future__ import annotations

import ssl
import sys
from pathlib import Path

import pytest

from isthmus.errors import StorageError
from isthmus.tls import handover
from isthmus.tls.generation import load_generation
from tests.certificates import Authority
from tests.tls.handshakes import config


@pytest.mark.parametrize("platform", ["linux", "darwin"])
def test_no_clear_key_and_no_file_is_left_behind(
    platform: str, ca: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[bytes, int, list[Path]]] = []
    original = ssl.SSLContext.load_cert_chain
    temporary = tmp_path / "temporary"
    temporary.mkdir()

    def spy(self: ssl.SSLContext, path: str, **options: object) -> None:
        seen.append((Path(path).read_bytes(), Path(path).stat().st_mode & 0o077, list(temporary.iterdir())))
        original(self, path, **options)  # type: ignore[arg-type]

    asked = config(tmp_path / "node", ca.issue("node"), [ca.certificate])
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", spy)
    monkeypatch.setattr(sys, "platform", platform)
    load_generation(asked)
    assert len(seen) == 2
    for data, _, _ in seen:
        assert b"BEGIN ENCRYPTED PRIVATE KEY" in data
    if platform == "linux":
        assert [names for _, _, names in seen] == [[], []]
    else:
        assert {mode for _, mode, _ in seen} == {0}
    assert list(temporary.iterdir()) == []


def test_a_machine_without_a_place_for_temporary_files_is_told_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    with pytest.raises(StorageError, match="TMPDIR"), handover.brief_file(b"x"):
        pass
