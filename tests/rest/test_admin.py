"""The admin socket: this machine's administrator gives a new password, and nobody else does."""

from __future__ import annotations

import logging
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import bcrypt
import pytest

from isthmus.rest.admin import admin_routes, open_admin_socket
from tests.rest.admin_node import AnAdminNode
from tests.rest.client import Answered, Client


@pytest.fixture
def admin_node() -> AnAdminNode:
    return AnAdminNode()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "admin.sock"


@pytest.fixture
async def admin(admin_node: AnAdminNode, path: Path) -> AsyncIterator[Client]:
    opened = await open_admin_socket(path, admin_routes(admin_node))
    async with aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(path))) as session:
        yield Client(session, "http://node")
    await opened.close()


async def reset(admin: Client, body: str) -> Answered:
    headers = {"Content-Type": "application/json"}
    return await admin.ask("POST", "/_admin/reset_password", data=body.encode(), headers=headers)


async def test_a_password_is_made_told_once_and_kept_as_its_hash(
    admin: Client, admin_node: AnAdminNode, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answer = await reset(admin, '{"username": "elastic"}')
    password = answer.json["password"]
    assert len(password) == 20
    assert bcrypt.checkpw(password.encode(), admin_node.users.hashes["elastic"].encode())
    assert password not in caplog.text


async def test_a_password_that_was_given_is_not_told_back(admin: Client, admin_node: AnAdminNode) -> None:
    answer = await reset(admin, '{"username": "elastic", "password": "correct horse"}')
    assert (answer.status, answer.json) == (200, {})
    assert bcrypt.checkpw(b"correct horse", admin_node.users.hashes["elastic"].encode())


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ('{"username": "elastic", "password": "short"}', 400),
        ('{"username": "nobody"}', 404),
        ('{"username": "elastic", "pasword": "correct horse"}', 400),
        ('{"username": 1}', 400),
        ("{}", 400),
        ("no json", 400),
        ("", 400),
        ('{"username": "' + "x" * 70_000 + '"}', 413),
    ],
)
async def test_an_order_that_cannot_be_followed_changes_nothing(
    admin: Client, admin_node: AnAdminNode, body: str, status: int
) -> None:
    answer = await reset(admin, body)
    assert answer.status == status
    assert "correct horse" not in answer.reason
    assert admin_node.users.hashes == {"elastic": "old hash"}


async def test_a_red_cluster_is_only_tried_by_force(admin: Client, admin_node: AnAdminNode) -> None:
    admin_node.status = "red"
    answer = await reset(admin, '{"username": "elastic"}')
    assert (answer.status, admin_node.users.hashes) == (503, {"elastic": "old hash"})
    assert (await reset(admin, '{"username": "elastic", "force": true}')).status == 200
    admin_node.writable = False
    answer = await reset(admin, '{"username": "elastic", "force": true}')
    assert (answer.status, answer.type) == (503, "master_not_discovered_exception")


async def test_nothing_else_is_served(admin: Client) -> None:
    assert (await admin.get("/")).status == 400
    assert (await admin.get("/_admin/reset_password")).status == 405


async def test_another_user_is_refused_even_where_the_file_would_let_it_in(
    admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("isthmus.rest.admin.peer_uid", lambda _peer: 4242)
    answer = await reset(admin, '{"username": "elastic"}')
    assert (answer.status, answer.type) == (403, "access_denied_exception")


async def test_the_socket_is_the_owners_alone_and_goes_with_the_node(path: Path, admin_node: AnAdminNode) -> None:
    opened = await open_admin_socket(path, admin_routes(admin_node))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    await opened.close()
    assert not path.exists()
