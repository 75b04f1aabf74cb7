"""`isthmus keystore` without a terminal: secrets come by standard input, the exit status tells what happened."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from isthmus.keystore import Keystore
from tests.cli.keystore.conftest import Run

NAME = "bootstrap.password"
TLS_NAME = "xpack.security.transport.ssl.keystore.secure_password"
SECRET = "Zkq7pL0wXvB2"


def test_create_makes_a_file_for_its_owner_with_a_seed(run: Run, path: Path) -> None:
    assert run("create").returncode == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert run("list").stdout == b"keystore.seed\n"


def test_create_p_takes_the_password_twice(run: Run, path: Path) -> None:
    assert run("create", "-p", stdin=b"pw\nother\n").returncode == 64
    assert not path.exists()
    assert run("create", "-p", stdin=b"pw\npw\n").returncode == 0
    assert Keystore.load(path, "pw").has_password()


def test_create_never_takes_the_place_of_a_file(run: Run, path: Path) -> None:
    path.write_bytes(b"not ours")
    done = run("create")
    assert (done.returncode, path.read_bytes()) == (73, b"not ours")
    assert b"move it away" in done.stderr


def test_add_takes_a_line_for_each_name(run: Run, path: Path) -> None:
    run("create")
    done = run("add", "--stdin", NAME, TLS_NAME, "cluster.remote.london.credentials", stdin=b"one\r\ntw o \nthree")
    assert (done.returncode, done.stdout) == (0, b"")
    kept = Keystore.load(path)
    assert [kept.get(name) for name in (NAME, TLS_NAME, "cluster.remote.london.credentials")] == [
        "one",
        "tw o ",
        "three",
    ]


def test_the_first_line_opens_a_protected_keystore(run: Run, path: Path) -> None:
    run("create", "-p", stdin=b"pw\npw\n")
    assert run("add", "-x", NAME, stdin=f"pw\n{SECRET}\n".encode()).returncode == 0
    assert run("show", NAME, stdin=b"pw\n").stdout == SECRET.encode()
    refused = run("add", "-x", "-f", NAME, stdin=b"wrong\nother\n")
    assert refused.returncode == 65
    assert Keystore.load(path, "pw").get(NAME) == SECRET


def test_nothing_is_kept_unless_all_is(run: Run, keystore: Keystore, path: Path) -> None:
    done = run("add", "-x", TLS_NAME, "cluster.remote.a.credentials", stdin=b"only one\n")
    assert done.returncode == 64
    assert b"standard input ended" in done.stderr
    assert TLS_NAME not in Keystore.load(path)


def test_add_without_a_terminal_wants_stdin(run: Run, keystore: Keystore) -> None:
    done = run("add", TLS_NAME, stdin=b"x\n")
    assert done.returncode == 64
    assert b"--stdin" in done.stderr


def test_add_overwrites_only_by_force(run: Run, keystore: Keystore, path: Path) -> None:
    refused = run("add", "-x", NAME, stdin=b"new\n")
    assert refused.returncode == 73
    assert b"--force" in refused.stderr
    assert Keystore.load(path).get(NAME) == "first secret"
    assert run("add", "-x", "-f", NAME, stdin=b"new\n").returncode == 0
    assert Keystore.load(path).get(NAME) == "new"


def test_add_makes_a_missing_keystore_only_by_force(run: Run, path: Path) -> None:
    refused = run("add", "-x", NAME, stdin=b"new\n")
    assert refused.returncode == 65
    assert b"keystore create" in refused.stderr
    assert not path.exists()
    assert run("add", "-x", "--force", NAME, stdin=b"new\n").returncode == 0
    assert Keystore.load(path).names() == [NAME, "keystore.seed"]


def test_a_mistyped_name_is_answered_with_the_right_one(run: Run, keystore: Keystore, path: Path) -> None:
    done = run("add", "-x", "xpack.security.transport.ssl.keystore.password", stdin=b"x\n")
    assert done.returncode == 65
    assert f"did you mean [{TLS_NAME}]".encode() in done.stderr
    assert len(Keystore.load(path).names()) == 2


def test_force_keeps_an_unknown_name_with_a_warning(run: Run, keystore: Keystore, path: Path) -> None:
    done = run("add", "-x", "-f", "s3.client.default.access_key", stdin=b"x\n")
    assert done.returncode == 0
    assert b"warning: no secure setting is called [s3.client.default.access_key]" in done.stderr
    assert "s3.client.default.access_key" in Keystore.load(path)


def test_an_empty_value_is_refused(run: Run, keystore: Keystore) -> None:
    assert run("add", "-x", TLS_NAME, stdin=b"\n").returncode == 65


def test_a_value_that_is_no_text_is_refused_and_not_told(run: Run, keystore: Keystore) -> None:
    done = run("add", "-x", TLS_NAME, stdin=b"\xff\xfesecret\n")
    assert done.returncode == 65
    assert b"add-file" in done.stderr
    assert b"secret\n" not in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("content", [b"text\n", b"\x00\xff\n\n", b""])
def test_a_file_comes_back_byte_for_byte(run: Run, keystore: Keystore, tmp_path: Path, content: bytes) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(content)
    assert run("add-file", TLS_NAME, str(source)).returncode == 0
    assert run("show", TLS_NAME).stdout == content
    assert run("show", TLS_NAME, "-o", str(target)).stdout == b""
    assert target.read_bytes() == content
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert run("show", TLS_NAME, "-o", str(target)).returncode == 73


def test_several_files_are_pairs(run: Run, keystore: Keystore, tmp_path: Path, path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"content")
    assert run("add-file", TLS_NAME, str(source), "cluster.remote.a.credentials").returncode == 64
    assert run("add-file", TLS_NAME, str(source), "cluster.remote.a.credentials", str(source)).returncode == 0
    assert Keystore.load(path).get("cluster.remote.a.credentials") == b"content"


def test_a_missing_file_is_told(run: Run, keystore: Keystore, tmp_path: Path) -> None:
    assert run("add-file", TLS_NAME, str(tmp_path / "none")).returncode == 66


def test_show_writes_the_value_and_nothing_else(run: Run, keystore: Keystore) -> None:
    assert run("show", NAME).stdout == b"first secret"
    assert run("show", "none").returncode == 78


def test_remove_forgets_all_or_none(run: Run, keystore: Keystore, path: Path) -> None:
    assert run("remove", NAME, "none").returncode == 78
    assert NAME in Keystore.load(path)
    assert run("remove", NAME).returncode == 0
    assert NAME not in Keystore.load(path)


def test_passwd_protects_and_takes_the_protection_away(run: Run, keystore: Keystore, path: Path) -> None:
    assert run("has-passwd", "-s").returncode == 1
    assert run("passwd", stdin=b"new\nnew\n").returncode == 0
    assert run("has-passwd").returncode == 0
    assert run("list").returncode == 64
    assert run("list", stdin=b"old\n").returncode == 65
    assert run("passwd", stdin=b"new\n\n\n").returncode == 0
    assert Keystore.load(path).get(NAME) == "first secret"


def test_has_passwd_answers_no_where_there_is_no_keystore(run: Run) -> None:
    quiet = run("has-passwd", "--silent")
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (1, b"", b"")
    assert b"no keystore" in run("has-passwd").stderr


def test_upgrade_is_done_once(run: Run, keystore: Keystore) -> None:
    keystore.remove("keystore.seed")
    keystore.save()
    assert b"was upgraded" in run("upgrade").stderr
    assert b"current already" in run("upgrade").stderr


@pytest.mark.parametrize("damage", [lambda data: data[:-1], lambda data: data[:20] + bytes([data[20] ^ 1]) + data[21:]])
@pytest.mark.parametrize("command", ["create", "add", "list", "remove", "passwd", "upgrade"])
def test_a_damaged_keystore_is_told_and_left_as_it_is(
    run: Run, keystore: Keystore, path: Path, damage: object, command: str
) -> None:
    assert callable(damage)
    damaged = damage(path.read_bytes())
    path.write_bytes(damaged)
    arguments = {"add": ["add", "-x", "-f", NAME], "remove": ["remove", NAME]}.get(command, [command])
    done = run(*arguments, stdin=b"x\nx\n")
    assert done.returncode == (73 if command == "create" else 65)
    assert str(path).encode() in done.stderr
    assert path.read_bytes() == damaged


def test_a_missing_configuration_folder_is_told(run: Run, conf_dir: Path) -> None:
    conf_dir.rmdir()
    done = run("list")
    assert done.returncode == 78
    assert str(conf_dir).encode() in done.stderr
