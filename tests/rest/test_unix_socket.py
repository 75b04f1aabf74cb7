"""Unix sockets at any path, for their owner alone."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

import pytest

from isthmus.errors import ConfigError
from isthmus.rest.unix_socket import connect, listen, peer_uid


@pytest.mark.parametrize("name", ["admin.sock", "deep/" * 40 + "admin.sock"])
def test_a_socket_at_a_path_of_any_length_is_for_its_owner_alone(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with listen(path) as listening:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        with connect(path, 5.0) as client:
            listening.settimeout(5.0)
            server, _ = listening.accept()
            with server:
                assert peer_uid(server) == peer_uid(client) == os.geteuid()


def test_a_dead_socket_is_replaced_and_another_file_is_not(tmp_path: Path) -> None:
    path = tmp_path / "admin.sock"
    listen(path).close()
    listen(path).close()
    path.unlink()
    path.write_text("precious")
    with pytest.raises(ConfigError):
        listen(path)
    assert path.read_text() == "precious"


def test_listening_leaves_the_processs_mask_as_it_was(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        listen(tmp_path / "admin.sock").close()
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)


def test_no_listener_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        connect(tmp_path / "admin.sock", 1.0)
    dead = socket.socket(socket.AF_UNIX)
    dead.bind(str(tmp_path / "dead.sock"))
    dead.close()
    with pytest.raises(ConnectionRefusedError):
        connect(tmp_path / "dead.sock", 1.0)
