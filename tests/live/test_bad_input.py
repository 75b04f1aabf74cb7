"""What nobody should send is refused with a clear answer, and a live node's memory stays as it was."""

from __future__ import annotations

import base64
import http.client
import json
import ssl
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from elasticsearch import Elasticsearch

from isthmus.demo.nodes import NodeProcess, wait_for
from tests.live.secrets_made import note
from tests.live.site import OWNER, PASSWORD, SOON, Site

pytestmark = pytest.mark.live

ELASTIC = ("Authorization", "Basic " + base64.b64encode(f"elastic:{PASSWORD}".encode()).decode())
MANY_ROLES = 10_000
MOST_GROWTH_KIB = 150 << 10


class Told(NamedTuple):
    """An answer."""

    status: int
    type: str
    reason: str


@pytest.fixture(scope="module")
def node(shared_site: Site) -> NodeProcess:
    node = shared_site.start(OWNER)
    shared_site.wait_for_members(node, OWNER)
    return node


@pytest.fixture(scope="module")
def elastic(shared_site: Site, node: NodeProcess) -> Iterator[Elasticsearch]:
    with shared_site.client(node) as client:
        yield client


@pytest.fixture
def ask(shared_site: Site, node: NodeProcess) -> Any:
    context = ssl.create_default_context(cafile=str(shared_site.root / "ca.crt"))

    def asked(
        method: str, path: str, body: bytes | None = None, headers: Sequence[tuple[str, str | bytes]] = (ELASTIC,)
    ) -> Told:
        connection = http.client.HTTPSConnection(node.http, context=context, timeout=SOON)
        connection.putrequest(method, path)
        for name, value in headers:
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Type", "application/json")
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        told: Mapping[str, Any] = json.loads(answer.read())
        connection.close()
        error = told.get("error", {})
        return Told(answer.status, error.get("type", ""), error.get("reason", ""))

    return asked


def role(**body: Any) -> bytes:
    return json.dumps(body).encode()


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b'{"cluster": ["monitor"', "is no JSON"),
        (b'["monitor"]', "expected an object"),
        (b'{"cluster": ["monitor"], "cluster": ["all"]}', "Duplicate field [cluster]"),
        (b"\xff\xfe{}", "is no JSON"),
        (b"[" * 100_000, "is no JSON"),
        (role(cluster=["monitr"]), "unknown cluster privilege [monitr]"),
        (role(indices=[{"names": ["a"], "privileges": ["reed"]}]), "[read]"),
        (role(indices=[{"names": ["a"], "privileges": ["read"], "query": '{"term": {'}]), "query"),
        (role(indices=[{"names": ["a"], "privileges": ["read"], "query": {"trem": {"a": 1}}}]), "trem"),
        (role(remote_indices=[{"clusters": [], "names": ["a"], "privileges": ["read"]}]), "clusters"),
        (role(remote_indices=[{"names": ["a"], "privileges": ["read"]}]), "clusters"),
        (role(indices=[{"names": ["/a[/"], "privileges": ["read"]}]), "regular expression"),
    ],
)
def test_a_role_that_cannot_be_is_refused_when_it_is_put(ask: Any, body: bytes, told: str) -> None:
    answer = ask("PUT", "/_security/role/bad", body)
    assert answer.status == 400
    assert told in answer.reason
    assert ask("GET", "/_security/role/bad").status == 404


@pytest.mark.parametrize("password", ["short", "x" * 73, "é" * 40])
def test_a_password_that_is_too_short_or_too_long_is_refused(ask: Any, password: str) -> None:
    note(password)
    answer = ask("PUT", "/_security/user/bad", role(password=password, roles=[]))
    assert answer.status == 400
    assert "password" in answer.reason
    assert password not in answer.reason
    assert ask("GET", "/_security/user/bad").status == 404


def credentials(scheme: str, raw: bytes) -> list[tuple[str, str | bytes]]:
    return [("Authorization", f"{scheme} {base64.b64encode(raw).decode()}")]


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        (credentials("Basic", b"elastic:\xff\xfe"), "invalid basic authentication header encoding"),
        (credentials("Basic", b"elastic"), "invalid basic authentication header value"),
        (credentials("Basic", b"el\x00stic:x"), "invalid user name"),
        (credentials("Basic", b"x" * 4_000 + b":x"), "invalid user name"),
        ([("Authorization", b"Basic \xff\xfe")], "invalid basic authentication header encoding"),
        (credentials("ApiKey", b"no colon"), "invalid ApiKey value"),
        (credentials("ApiKey", b"id:\x00\x01"), "invalid ApiKey value"),
        (credentials("ApiKey", b"id:" + b"x" * 4_000), "invalid ApiKey value"),
        ([("Authorization", "ApiKey !!")], "invalid ApiKey value"),
        ([("Authorization", "Bearer ")], "invalid bearer token"),
        ([("Authorization", "Bearer " + "x" * 9_000)], "longer than"),
        ([("Authorization", "Bearer AAEAAWVsYXN0aWM")], "unable to authenticate with provided credentials"),
        ([("Authorization", "Negotiate abc")], "are not supported"),
    ],
)
def test_credentials_that_are_none_are_refused(ask: Any, headers: Any, told: str) -> None:
    answer = ask("GET", "/", headers=headers)
    assert answer.status in (400, 401)
    assert told in answer.reason


def test_two_authorization_headers_are_refused_though_both_are_right(ask: Any) -> None:
    assert ask("GET", "/", headers=[ELASTIC, ELASTIC]).status == 400


def test_a_key_that_is_cut_short_or_expired_is_refused(ask: Any, elastic: Elasticsearch) -> None:
    made = elastic.security.create_api_key(name="brief", expiration="1ms").body
    whole = made["encoded"]
    wait_for(lambda: time.time() * 1000 > made["expiration"], SOON, "the key to expire")
    answer = ask("GET", "/", headers=[("Authorization", f"ApiKey {whole}")])
    assert (answer.status, answer.type) == (401, "security_exception")
    assert "expired" in answer.reason
    lasting = elastic.security.create_api_key(name="lasting").body["encoded"]
    for cut in (lasting[:-4], lasting[:-8], lasting[:20], lasting + "AAAA"):
        note(cut)
        assert ask("GET", "/", headers=[("Authorization", f"ApiKey {cut}")]).status == 401
    assert ask("GET", "/", headers=[("Authorization", f"ApiKey {lasting}")]).status == 200


def test_a_token_that_is_cut_short_or_invalidated_is_refused(ask: Any, elastic: Elasticsearch) -> None:
    token = elastic.security.get_token(grant_type="password", username="elastic", password=PASSWORD).body[
        "access_token"
    ]
    assert ask("GET", "/", headers=[("Authorization", f"Bearer {token}")]).status == 200
    for cut in (token[:-4], token[:10], token[4:]):
        assert ask("GET", "/", headers=[("Authorization", f"Bearer {cut}")]).status == 401
    elastic.security.invalidate_token(token=token)
    assert ask("GET", "/", headers=[("Authorization", f"Bearer {token}")]).status == 401


@pytest.mark.parametrize(
    "bomb",
    [
        [("X-One", "x" * 8_000), ("X-Two", "x" * 8_000), ("X-Three", "x" * 1_000)],
        [(f"X-{n}", "x" * 200) for n in range(100)],
        [(f"X-{n}", "x" * 7_000) for n in range(120)],
    ],
)
def test_headers_have_a_bound_all_together(ask: Any, bomb: list[tuple[str, str]]) -> None:
    answer = ask("GET", "/", headers=[ELASTIC, *bomb])
    assert answer == Told(400, "too_long_http_header_exception", "HTTP header is larger than 16384 bytes.")


@pytest.mark.parametrize("bomb", [[("X-One", "x" * 100_000)], [(f"X-{n}", "x") for n in range(5_000)]])
def test_a_header_has_a_bound_and_so_has_their_number(ask: Any, bomb: list[tuple[str, str]]) -> None:
    assert ask("GET", "/", headers=[ELASTIC, *bomb]).status == 400


def test_a_second_identity_is_refused_by_name(ask: Any) -> None:
    answer = ask("GET", "/", headers=[ELASTIC, ("es-secondary-authorization", ELASTIC[1])])
    assert answer.status == 400
    assert "[es-secondary-authorization] is not supported" in answer.reason


def test_ten_thousand_roles_are_taken_and_cost_no_memory_that_grows(node: NodeProcess, elastic: Elasticsearch) -> None:
    body = {"indices": [{"names": ["logs-*"], "privileges": ["read"]}]}
    before = resident_kib(node)
    done = elastic.options(request_timeout=60).security.bulk_put_role(
        roles={f"role-{n}": body for n in range(MANY_ROLES)}
    )
    assert len(done.body["created"]) == MANY_ROLES
    elastic.security.put_user(username="many", password="l0ng-r4nd0m", roles=[f"role-{n}" for n in range(1_000)])
    many = elastic.options(basic_auth=("many", "l0ng-r4nd0m"))
    assert many.security.has_privileges(index=[{"names": ["logs-1"], "privileges": ["read"]}]).body["has_all_requested"]
    assert resident_kib(node) - before < MOST_GROWTH_KIB


def resident_kib(node: NodeProcess) -> int:
    """The memory of a node's process."""
    status = Path(f"/proc/{node.pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))
