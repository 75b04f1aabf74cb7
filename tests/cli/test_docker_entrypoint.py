"""The entry point of the image, as a process that becomes another."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from isthmus.cli.docker_entrypoint import is_for_node, keep_bootstrap_password, secret
from isthmus.errors import ConfigError, IntegrityError, NoInputError
from isthmus.keystore import Keystore

SECRET = "correct-horse-battery"
# Stands where the node would be started, and tells what it was given.
RECORDER = """#!{python}
import json, os, sys
umask = os.umask(0)
print(json.dumps(dict(argv=sys.argv[1:], env=dict(os.environ), stdin=sys.stdin.read(), umask=umask)))
"""
DRIVER = "import sys; sys.executable = sys.argv.pop(1); from isthmus.cli.docker_entrypoint import main; main()"

Start = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def conf_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "config"
    folder.mkdir()
    return folder


@pytest.fixture
def start(tmp_path: Path, conf_dir: Path) -> Start:
    recorder = tmp_path / "recorder"
    recorder.write_text(RECORDER.format(python=sys.executable))
    recorder.chmod(0o755)

    def start(*command: str, **environ: str) -> subprocess.CompletedProcess[str]:
        env = {"PATH": os.environ["PATH"], "ISTHMUS_PATH_CONF": str(conf_dir), **environ}
        arguments = [sys.executable, "-c", DRIVER, str(recorder), *command]
        return subprocess.run(arguments, env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL)

    return start


def started(result: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert result.returncode == 0, result.stderr
    told: dict[str, Any] = json.loads(result.stdout)
    return told


def secret_file(tmp_path: Path, text: str = f"{SECRET}\n", mode: int = 0o600) -> Path:
    file = tmp_path / "secret"
    file.write_text(text)
    file.chmod(mode)
    return file


def test_the_environment_becomes_the_nodes_arguments(start: Start) -> None:
    told = started(start("eswrapper", "-E", "node.name=n", **{"discovery.type": "single-node"}))
    assert told["argv"] == ["-m", "isthmus", "node", "-E", "discovery.type=single-node", "-E", "node.name=n"]
    assert told["umask"] == 0o002
    assert told["stdin"] == ""


def test_secrets_reach_keystore_and_standard_input_and_nothing_else(start: Start, conf_dir: Path) -> None:
    result = start(ELASTIC_PASSWORD=SECRET, KEYSTORE_PASSWORD="opener-of-things")
    told = started(result)
    assert told["stdin"] == "opener-of-things\n"
    rest = json.dumps([told["argv"], told["env"]]) + result.stderr
    assert SECRET not in rest
    assert "opener-of-things" not in rest
    assert Keystore.load(conf_dir / "isthmus.keystore", "opener-of-things").get("bootstrap.password") == SECRET


def test_a_password_may_come_from_a_file(start: Start, conf_dir: Path, tmp_path: Path) -> None:
    started(start("eswrapper", ELASTIC_PASSWORD_FILE=str(secret_file(tmp_path))))
    assert Keystore.load(conf_dir / "isthmus.keystore").get("bootstrap.password") == SECRET


def test_mistakes_end_with_one_line_and_the_status_of_a_wrong_configuration(start: Start, tmp_path: Path) -> None:
    result = start(ELASTIC_PASSWORD=SECRET, ELASTIC_PASSWORD_FILE=str(secret_file(tmp_path)))
    assert result.returncode == 78
    assert result.stderr == (
        "isthmus: environment: both ELASTIC_PASSWORD and ELASTIC_PASSWORD_FILE are set (keep one of the two)\n"
    )
    assert result.stdout == ""


def test_another_command_is_run_as_it_stands(start: Start) -> None:
    result = start(sys.executable, "-c", "import os; print(os.environ['cluster.name'])", **{"cluster.name": "c"})
    assert (result.stdout, result.returncode) == ("c\n", 0)
    assert start("no-such-command").returncode == 66


@pytest.mark.parametrize(
    ("command", "node"),
    [([], True), (["eswrapper"], True), (["-E", "a=b"], True), (["bash"], False), (["isthmus", "certutil"], False)],
)
def test_the_command_is_the_node_unless_it_names_a_program(command: list[str], node: bool) -> None:
    assert is_for_node(command) is node


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o660, 0o500, 0o777])
def test_a_secret_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    file = secret_file(tmp_path, mode=mode)
    with pytest.raises(ConfigError, match=f"has mode {mode:04o}"):
        secret({"X_FILE": str(file)}, "X")


@pytest.mark.parametrize("mode", [0o400, 0o600])
def test_a_secret_file_may_be_a_link_as_orchestrators_mount_it(tmp_path: Path, mode: int) -> None:
    (tmp_path / "link").symlink_to(secret_file(tmp_path, mode=mode))
    assert secret({"X_FILE": str(tmp_path / "link")}, "X") == SECRET


@pytest.mark.parametrize(
    ("content", "rule"), [(b"", "is empty"), (b"\n", "is empty"), (b"x" * 5000, "is larger"), (b"\xff", "not UTF-8")]
)
def test_a_secret_file_without_a_secret_is_refused(tmp_path: Path, content: bytes, rule: str) -> None:
    file = secret_file(tmp_path)
    file.write_bytes(content)
    with pytest.raises(ConfigError, match=rule):
        secret({"X_FILE": str(file)}, "X")


def test_a_missing_secret_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(NoInputError, match="none"):
        secret({"X_FILE": str(tmp_path / "none")}, "X")


def test_an_empty_secret_is_none() -> None:
    assert secret({"X": "", "X_FILE": ""}, "X") is None
    assert secret({"X": SECRET, "X_FILE": ""}, "X") == SECRET


def test_a_password_in_the_keystore_stays(conf_dir: Path) -> None:
    keep_bootstrap_password(conf_dir, "first-password", "")
    before = (conf_dir / "isthmus.keystore").read_bytes()
    keep_bootstrap_password(conf_dir, "second-password", "")
    assert (conf_dir / "isthmus.keystore").read_bytes() == before
    assert Keystore.load(conf_dir / "isthmus.keystore").get("bootstrap.password") == "first-password"


def test_a_keystore_is_not_touched_without_its_password(conf_dir: Path) -> None:
    keep_bootstrap_password(conf_dir, SECRET, "opener")
    with pytest.raises(IntegrityError):
        keep_bootstrap_password(conf_dir, SECRET, "wrong")
