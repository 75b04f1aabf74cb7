"""Who acts arrives at another node as he set out, and what is no such header, or too much, is refused."""

from __future__ import annotations

import base64
import zlib
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from isthmus.security.forwarding.header import (
    MAX_CHARACTERS,
    MAX_DEPTH,
    MAX_EXPANDED,
    Carried,
    decode_header,
    encode_header,
)
from isthmus.security.subject import ApiKeyRef, Authentication, RealmRef, User
from isthmus.wire.errors import LimitExceededError, MalformedError

SEARCH = "indices:data/read/search"

_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_scalar = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | _text
_json = st.recursive(_scalar, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_text, inner, max_size=3))
_users = st.builds(
    User,
    username=_text,
    roles=st.lists(_text, max_size=4).map(tuple),
    full_name=st.none() | _text,
    email=st.none() | _text,
    metadata=st.dictionaries(_text, _json, max_size=3),
    enabled=st.booleans(),
)
_realms = st.builds(RealmRef, _text, _text, _text)
_keys = st.builds(
    ApiKeyRef,
    id=_text,
    name=_text,
    type=st.sampled_from(("rest", "cross_cluster")),
    role_descriptors=st.binary(max_size=5_000),
    limited_by=st.none() | st.binary(max_size=200),
    certificate_identity=st.none() | _text,
)
_whoever = st.builds(
    Authentication,
    user=_users,
    authenticated_by=_realms,
    type=st.sampled_from(("realm", "api_key", "token", "anonymous", "internal")),
    lookup_by=st.none() | _realms,
    authenticating=st.none() | _users,
    api_key=st.none() | _keys,
    service_token=st.none() | _text,
)


def somebody(**given_: Any) -> Authentication:
    return Authentication(user=User(username="jo", **given_), authenticated_by=RealmRef("n", "native"))


def nested(depth: int) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(depth - 1):
        value = {"a": value}
    return {"a": value}


@given(_whoever, _text)
def test_whoever_acts_arrives_as_he_set_out(who: Authentication, action: str) -> None:
    value = encode_header(who, action)
    assert decode_header(value) == Carried(who, action)
    assert value.isascii()


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda raw: "1:" + base64.b64encode(raw).decode()))
@example("")
@example("1:")
@example("1z:")
@example("1z:" + base64.b64encode(b"\x81").decode())
@example("2:" + encode_header(somebody(), SEARCH).partition(":")[2])
@example("1:" + base64.b64encode(b"\x82\xaeauthentication" + b"\x91" * 40_000).decode())
def test_what_is_no_header_is_refused(value: str) -> None:
    with pytest.raises(MalformedError):
        decode_header(value)


@given(_whoever, st.data())
def test_a_header_that_was_cut_off_is_refused(who: Authentication, data: st.DataObject) -> None:
    value = encode_header(who, SEARCH)
    cut = data.draw(st.integers(0, len(value) - 3))
    with pytest.raises(MalformedError):
        decode_header(value[:cut])


def test_another_form_is_refused_by_name() -> None:
    with pytest.raises(MalformedError, match="a form that this node does not know"):
        decode_header("2:" + encode_header(somebody(), SEARCH).partition(":")[2])


def test_a_header_is_bounded_on_both_sides() -> None:
    wide = somebody(metadata={str(number): "x" * 9 for number in range(200_000)})
    with pytest.raises(LimitExceededError, match=r"what is known of the user \[jo\] is too large"):
        encode_header(wide, SEARCH)
    with pytest.raises(LimitExceededError, match="characters"):
        decode_header("1:" + "A" * MAX_CHARACTERS)


def test_what_expands_to_too_much_is_refused_before_it_is_all_there() -> None:
    bomb = base64.b64encode(zlib.compress(b"\0" * 20 * MAX_EXPANDED)).decode()
    assert len(bomb) < MAX_CHARACTERS
    with pytest.raises(LimitExceededError, match="more than"):
        decode_header("1z:" + bomb)


def test_metadata_is_nested_only_so_deep() -> None:
    deepest = somebody(metadata=nested(MAX_DEPTH - 1))
    assert decode_header(encode_header(deepest, SEARCH)).authentication == deepest
    deeper = somebody(metadata=nested(MAX_DEPTH + 1))
    with pytest.raises(LimitExceededError, match="too large"):
        encode_header(deeper, SEARCH)
    claim = {"authentication": somebody(), "action": SEARCH, "metadata": msgspec.json.encode(deeper.user.metadata)}
    raw = base64.b64encode(msgspec.msgpack.encode(claim)).decode()
    with pytest.raises(LimitExceededError, match="nested"):
        decode_header("1:" + raw)
    bottomless = b'{"a":' * 100_000 + b"1" + b"}" * 100_000
    packed = zlib.compress(msgspec.msgpack.encode({**claim, "metadata": bottomless}))
    with pytest.raises(MalformedError):
        decode_header("1z:" + base64.b64encode(packed).decode())


def test_the_role_descriptors_of_a_large_api_key_fit() -> None:
    group = {"names": [f"logs-{number}-*" for number in range(3)], "privileges": ["read", "view_index_metadata"]}
    roles = msgspec.json.encode({f"role-{number}": {"indices": [group] * 4} for number in range(100)})
    key = ApiKeyRef(id="id", name="name", role_descriptors=roles, limited_by=roles)
    who = Authentication(user=User(username="jo"), authenticated_by=RealmRef("k", "k"), type="api_key", api_key=key)
    value = encode_header(who, SEARCH)
    assert len(roles) > 20_000
    assert len(value) < MAX_CHARACTERS // 4
    assert decode_header(value).authentication == who
