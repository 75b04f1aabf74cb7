"""Who may pass the port for other clusters: the key decides, and what is said of its user only takes away."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import replace as changed
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from isthmus.errors import IsthmusError
from isthmus.remote.server.access import RemoteAccess
from isthmus.remote.server.errors import RemoteAccessError, RemoteHeaderError
from isthmus.security.api_keys.access import parse_access
from isthmus.security.api_keys.realm import ApiKeys
from isthmus.security.api_keys.stored import API_KEYS, ApiKey
from isthmus.security.authorization.permission import Permission, api_key_permission
from isthmus.security.random_secrets import hash_secret, new_secret
from isthmus.security.subject import Authentication, RealmRef, User
from isthmus.state.replicated import ReplicatedMap
from isthmus.tls.witness import PeerIdentity
from isthmus.wire.authentication import WireAuthentication, WireRealm, WireUser, system_authentication
from isthmus.wire.cross_cluster_access import CREDENTIALS, SUBJECT_INFO, SubjectInfo, encode_subject_info
from isthmus.wire.errors import LimitExceededError, MalformedError
from tests.certificates import Authority, make_ca
from tests.security.state import own_state

SECRET = new_secret()
NOW = 1_000
SEARCH = "indices:data/read/search"
KEY = ApiKey(
    id="k1",
    name="near",
    type="cross_cluster",
    hash=hash_secret(SECRET),
    creator=User(username="admin", roles=("superuser",)),
    realm=RealmRef("default_native", "native"),
    creation=1,
    role_descriptors=msgspec.Raw(parse_access({"search": [{"names": ["logs-*"]}]}).roles),
)
JO = WireAuthentication(
    user=WireUser(username="jo", roles=("superuser",)),
    authenticated_by=WireRealm("n", "default_native", "native"),
    type="realm",
)
ALL = b'{"_remote_user":{"cluster":["all"],"indices":[{"names":["*"],"privileges":["all"]}]}}'
LOGS_1 = b'{"_remote_user":{"cluster":[],"indices":[{"names":["logs-1"],"privileges":["read","read_cross_cluster"]}]}}'


@pytest.fixture
def state(tmp_path: Path) -> Iterator[ReplicatedMap]:
    with own_state(tmp_path) as state:
        yield state


@pytest.fixture(scope="module")
def authority() -> Authority:
    return make_ca("CA")


def credentials(id_: str = "k1", secret: str = SECRET) -> str:
    return "ApiKey " + base64.b64encode(f"{id_}:{secret}".encode()).decode()


def headers(subject: SubjectInfo | None = None, **more: str) -> dict[str, str]:
    said = subject or SubjectInfo(JO, (ALL,))
    return {CREDENTIALS: credentials(), SUBJECT_INFO: encode_subject_info(said), **more}


async def judged(
    state: ReplicatedMap, given: Mapping[str, str], key: ApiKey = KEY, identity: PeerIdentity | None = None
) -> Authentication:
    await state.put(API_KEYS.key(key.id), API_KEYS.encode(key))
    return RemoteAccess(ApiKeys(state, lambda: NOW, "node-a")).judge(given, identity)


def permission_of(who: Authentication) -> Permission:
    assert who.api_key is not None
    return api_key_permission(who.api_key.role_descriptors, who.api_key.limited_by, who.api_key.limits)


async def test_a_superuser_over_there_may_what_the_key_may(state: ReplicatedMap) -> None:
    who = await judged(state, headers())
    assert (who.user.username, who.user.roles) == ("jo", ())
    permission = permission_of(who)
    assert permission.allows_index(SEARCH, "logs-1")
    assert not permission.allows_index(SEARCH, "secret")
    assert not permission.allows_index("indices:data/write/index", "logs-1")
    assert not permission.allows_cluster("cluster:admin/settings/update")


async def test_every_set_of_roles_takes_away(state: ReplicatedMap) -> None:
    permission = permission_of(await judged(state, headers(SubjectInfo(JO, (ALL, LOGS_1)))))
    assert permission.allows_index(SEARCH, "logs-1")
    assert not permission.allows_index(SEARCH, "logs-2")


async def test_of_a_user_about_whom_nothing_is_said_nothing_is_granted(state: ReplicatedMap) -> None:
    assert not permission_of(await judged(state, headers(SubjectInfo(JO, ())))).allows_index(SEARCH, "logs-1")


async def test_a_node_itself_asks_who_is_here_and_reads_nothing(state: ReplicatedMap) -> None:
    permission = permission_of(await judged(state, headers(SubjectInfo(system_authentication("n")))))
    assert permission.allows_cluster("cluster:internal/remote_cluster/handshake")
    assert not permission.allows_index(SEARCH, "logs-1")


async def test_the_headers_that_elasticsearch_sends_besides_are_taken(state: ReplicatedMap) -> None:
    more = {"_xpack_audit_request_id": "1", "X-Opaque-Id": "me", "trace.id": "t"}
    assert (await judged(state, headers(None, **more))).user.username == "jo"


@pytest.mark.parametrize("missing", [CREDENTIALS, SUBJECT_INFO])
async def test_a_request_without_one_of_the_headers_is_told_which(state: ReplicatedMap, missing: str) -> None:
    given = {name: value for name, value in headers().items() if name != missing}
    with pytest.raises(RemoteAccessError, match=rf"require transport header \[{missing}\] but none found"):
        await judged(state, given)


@pytest.mark.parametrize("header", ["_xpack_security_authentication", "_isthmus_acting", "es-security-runas-user"])
async def test_any_other_header_is_refused_by_name(state: ReplicatedMap, header: str) -> None:
    with pytest.raises(RemoteHeaderError, match=rf"\[{header}\] is not allowed"):
        await judged(state, headers(None, **{header: "x"}))


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (
            replace(KEY, type="rest"),
            r"expected API key type of \[cross_cluster\], but API key \[k1\] has type \[rest\]",
        ),
        (replace(KEY, expiration=NOW), "is expired"),
        (replace(KEY, invalidation=5), "has been invalidated"),
        (replace(KEY, id="k2"), "unable to find apikey with id k1"),
        (replace(KEY, hash=hash_secret(new_secret())), r"invalid credentials for API key \[k1\]"),
    ],
)
async def test_a_key_that_does_not_do_is_refused_with_the_reason(state: ReplicatedMap, key: ApiKey, words: str) -> None:
    with pytest.raises(RemoteAccessError, match=words):
        await judged(state, headers(), key)


@pytest.mark.parametrize("value", ["", "ApiKey", "ApiKey ???", "Basic am86eA==", "Bearer abc", "ApiKey am8="])
async def test_what_is_no_api_key_is_refused(state: ReplicatedMap, value: str) -> None:
    with pytest.raises(RemoteAccessError, match="holds no API key"):
        await judged(state, headers() | {CREDENTIALS: value})


async def test_nothing_that_is_said_of_a_user_is_read_before_the_key_is_good(state: ReplicatedMap) -> None:
    given = headers() | {CREDENTIALS: credentials(secret=new_secret()), SUBJECT_INFO: "no base64 at all"}
    with pytest.raises(RemoteAccessError, match="invalid credentials"):
        await judged(state, given)


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        (SubjectInfo(system_authentication("n"), (ALL,)), "on its own behalf"),
        (
            SubjectInfo(changed(JO, user=WireUser(username="_xpack_security", internal=True))),
            "unexpected internal user",
        ),
        (
            SubjectInfo(changed(JO, user=WireUser(username="_xpack", internal=True), type="internal")),
            "unexpected internal",
        ),
        (SubjectInfo(changed(JO, type="internal"), (ALL,)), "unexpected internal user"),
        (SubjectInfo(JO, (b'{"r":{"cluster":[],"magic":[]}}',)), r"unexpected field \[magic\]"),
        (SubjectInfo(JO, (b'{"r":{"run_as":["elastic"]}}',)), "can only contain index and cluster privileges"),
        (SubjectInfo(JO, (b'{"r":{"indices":[{"names":["a"],"privileges":["fly"]}]}}',)), "fly"),
    ],
)
async def test_a_forged_user_is_refused(state: ReplicatedMap, subject: SubjectInfo, words: str) -> None:
    with pytest.raises(IsthmusError, match=words):
        await judged(state, headers(subject))


async def test_a_system_user_of_another_type_is_nobody(state: ReplicatedMap) -> None:
    forged = changed(system_authentication("n"), type="realm")
    with pytest.raises(RemoteAccessError, match="unexpected internal user"):
        await judged(state, headers(SubjectInfo(forged)))


@pytest.mark.parametrize(
    ("value", "error"),
    [
        ("!" * 100, MalformedError),
        ("A" * 70_000, LimitExceededError),
        (base64.b64encode(b"\xff" * 2_000).decode(), MalformedError),
        (encode_subject_info(SubjectInfo(JO, (ALL,)))[:-8], MalformedError),
        (encode_subject_info(SubjectInfo(JO, (ALL,))) + "AAAA", MalformedError),
    ],
)
async def test_a_subject_that_cannot_be_read_is_refused(
    state: ReplicatedMap, value: str, error: type[MalformedError]
) -> None:
    with pytest.raises(error):
        await judged(state, headers() | {SUBJECT_INFO: value})


async def test_roles_nested_without_end_are_refused(state: ReplicatedMap) -> None:
    deep = b'{"r":{"metadata":' + b'{"a":' * 5_000 + b"1" + b"}" * 5_000 + b"}}"
    with pytest.raises(IsthmusError):
        await judged(state, headers(SubjectInfo(JO, (deep,))))


async def test_a_key_that_goes_with_a_certificate_is_refused_without_it(
    state: ReplicatedMap, authority: Authority
) -> None:
    key = replace(KEY, certificate_identity="CN=near-[0-9]+,O=Isthmus")
    with pytest.raises(RemoteAccessError, match="goes with a certificate"):
        await judged(state, headers(), key)
    stranger = identity_of(authority, "far-1")
    with pytest.raises(RemoteAccessError, match="does not match API Key certificate identity pattern"):
        await judged(state, headers(), key, stranger)


async def test_a_key_that_goes_with_a_certificate_is_taken_with_it(state: ReplicatedMap, authority: Authority) -> None:
    identity = identity_of(authority, "near-1")
    key = replace(KEY, certificate_identity=r"CN=near-\d+.*")
    assert (await judged(state, headers(), key, identity)).user.username == "jo"
    unverified = changed(identity, verified=False)
    with pytest.raises(RemoteAccessError, match="goes with a certificate"):
        await judged(state, headers(), key, unverified)


def identity_of(authority: Authority, name: str) -> PeerIdentity:
    return PeerIdentity((authority.issue(name).certificate,), verified=True, protocol="TLSv1.3", cipher="x")
