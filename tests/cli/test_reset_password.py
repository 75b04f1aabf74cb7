"""`isthmus reset-password` against a served admin socket, as a process of its own."""

from __future__ import annotations

import asyncio
import io
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import bcrypt
import pexpect
import pytest

from isthmus.rest.admin import admin_routes, open_admin_socket
from tests.rest.admin_node import AnAdminNode

COMMAND = [sys.executable, "-m", "isthmus", "reset-password"]


@pytest.fixture
def conf(tmp_path: Path) -> Path:
    conf = tmp_path / "config"
    conf.mkdir()
    (tmp_path / "data").mkdir()
    (conf / "isthmus.yml").write_text("path.data: ../data\n")
    return conf


@pytest.fixture
async def admin_node(tmp_path: Path, conf: Path) -> AsyncIterator[AnAdminNode]:
    node = AnAdminNode()
    opened = await open_admin_socket(tmp_path / "data" / "admin.sock", admin_routes(node))
    yield node
    await opened.close()


def environ(conf: Path) -> dict[str, str]:
    return {**os.environ, "ISTHMUS_PATH_CONF": str(conf)}


async def run(conf: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    def call() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, *arguments],
            env=environ(conf),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30,
        )

    return await asyncio.to_thread(call)


def is_password(node: AnAdminNode, password: str) -> bool:
    return bcrypt.checkpw(password.encode(), node.users.hashes["elastic"].encode())


async def test_a_made_password_is_the_only_thing_that_silent_prints(conf: Path, admin_node: AnAdminNode) -> None:
    done = await run(conf, "-u", "elastic", "-a", "-b", "-s")
    assert (done.returncode, done.stderr) == (0, "")
    password = done.stdout.removesuffix("\n")
    assert len(password) == 20
    assert is_password(admin_node, password)


async def test_a_made_password_is_printed_once_and_only_to_standard_output(conf: Path, admin_node: AnAdminNode) -> None:
    done = await run(conf, "--username", "elastic", "--batch")
    label, _, password = done.stdout.removesuffix("\n").partition(": ")
    assert label == "New value"
    assert is_password(admin_node, password)
    assert password not in done.stderr


async def test_the_data_folder_may_be_named_on_the_command_line(
    conf: Path, tmp_path: Path, admin_node: AnAdminNode
) -> None:
    """opensearch security#1952, security#1876: administration is tied to a port and its TLS."""
    (conf / "isthmus.yml").write_text("path.data: ../elsewhere\n")
    assert (await run(conf, "-u", "elastic", "-b", "-E", f"path.data={tmp_path / 'data'}")).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["-u", "nobody", "-b"], 65, "[nobody] does not exist"),
        (["-b"], 64, "--username"),
        (["-u", "elastic"], 64, "--batch"),
        (["-u", "elastic", "-a", "-i"], 64, "exclude each other"),
        (["-u", "elastic", "-b", "-i"], 64, "no terminal"),
        (["-u", "elastic", "-b", "--url", "https://x"], 64, "--url"),
    ],
)
async def test_a_mistake_is_one_clear_line_and_changes_nothing(
    conf: Path, admin_node: AnAdminNode, arguments: list[str], status: int, said: str
) -> None:
    done = await run(conf, *arguments)
    assert (done.returncode, done.stdout) == (status, "")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert admin_node.users.hashes == {"elastic": "old hash"}


async def test_a_red_cluster_is_tried_only_by_force(conf: Path, admin_node: AnAdminNode) -> None:
    admin_node.status = "red"
    refused = await run(conf, "-u", "elastic", "-b")
    assert (refused.returncode, refused.stdout) == (69, "")
    assert "[red]" in refused.stderr
    assert (await run(conf, "-u", "elastic", "-b", "-f")).returncode == 0


async def test_without_a_running_node_it_says_which_folder_it_looked_in(conf: Path, tmp_path: Path) -> None:
    done = await run(conf, "-u", "elastic", "-b")
    assert done.returncode == 69
    assert f"{tmp_path / 'data'}: no node runs on this data folder" in done.stderr


async def test_a_person_is_asked_to_confirm(conf: Path, admin_node: AnAdminNode) -> None:
    shown = await asyncio.to_thread(talk, conf, ["-u", "elastic"], [("continue", "n")])
    assert "New value" not in shown
    assert admin_node.users.hashes == {"elastic": "old hash"}
    shown = await asyncio.to_thread(talk, conf, ["-u", "elastic"], [("continue", "y")])
    assert "New value: " in shown


async def test_a_person_enters_a_password_twice_and_unseen(conf: Path, admin_node: AnAdminNode) -> None:
    answers = [("continue", "y"), ("New password", "correct horse"), ("again", "correct horse")]
    shown = await asyncio.to_thread(talk, conf, ["-u", "elastic", "-i"], answers)
    assert "correct horse" not in shown
    assert is_password(admin_node, "correct horse")


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ([("New password", "correct horse"), ("again", "another one")], "the two passwords differ"),
        ([("New password", "short")], "at least [6] characters"),
    ],
)
async def test_a_password_that_will_not_do_is_refused(
    conf: Path, admin_node: AnAdminNode, answers: list[tuple[str, str]], said: str
) -> None:
    assert said in await asyncio.to_thread(talk, conf, ["-u", "elastic", "-i", "-b"], answers)
    assert admin_node.users.hashes == {"elastic": "old hash"}


def talk(conf: Path, arguments: list[str], answers: list[tuple[str, str]]) -> str:
    """Answer what is asked on a terminal of its own, and return all that the terminal showed."""
    child = pexpect.spawn(COMMAND[0], [*COMMAND[1:], *arguments], env=environ(conf), encoding="utf-8", timeout=30)
    child.logfile_read = io.StringIO()
    for question, answer in answers:
        child.expect(question)
        child.sendline(answer)
    child.expect(pexpect.EOF)
    child.close()
    return child.logfile_read.getvalue()
