"""Who asks another cluster, as a header: what Elasticsearch 8.19 was seen to send, and everything that it might."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.wire.authentication import (
    WireAuthentication,
    WireRealm,
    WireUser,
    is_system,
    read_authentication,
    system_authentication,
    write_authentication,
)
from isthmus.wire.cross_cluster_access import (
    MAX_CHARACTERS,
    MAX_LAYERS,
    SUBJECT_INFO,
    SubjectInfo,
    decode_subject_info,
    encode_subject_info,
)
from isthmus.wire.errors import LimitExceededError, MalformedError
from isthmus.wire.primitives import Reader, Writer

LINES = Path("tests/data/es-wire-golden.jsonl").read_text("utf-8").splitlines()
(TOLD,) = {
    json.dumps(headers[SUBJECT_INFO]) for line in LINES if SUBJECT_INFO in (headers := json.loads(line)["headers"])
}
ELASTIC: dict[str, Any] = json.loads(TOLD)


def elastic() -> SubjectInfo:
    """The user of the recorded search."""
    auth, user = ELASTIC["auth"], ELASTIC["auth"]["user"]
    return SubjectInfo(
        WireAuthentication(
            user=WireUser(username=user["user"], roles=tuple(user["roles"]), metadata=user["meta"]),
            authenticated_by=WireRealm(**auth["realm"]),
            type="realm",
        ),
        tuple(json.dumps(one).encode() for one in ELASTIC["role_descriptors"]),
    )


def test_a_node_that_asks_for_itself_is_told_in_elasticsearchs_bytes() -> None:
    raw = bytes.fromhex("e8ce9b04 0107") + b"_system" + b"\x01b\x08__attach\x08__attach\x00" + bytes([0, 4, 0, 0])
    value = base64.b64encode(raw).decode()
    assert encode_subject_info(SubjectInfo(system_authentication("b"))) == value
    assert is_system(decode_subject_info(value).authentication)


def test_the_user_of_a_recorded_search_comes_through() -> None:
    subject = decode_subject_info(encode_subject_info(elastic()))
    assert subject == elastic()
    assert not is_system(subject.authentication)


texts = st.text(st.characters(blacklist_categories=["Cs"]), max_size=12)
values = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | texts
metadata = st.dictionaries(texts, values | st.lists(values, max_size=3), max_size=3)
internals = st.builds(lambda name: WireUser(username=name, internal=True), texts)
people = st.builds(
    WireUser,
    username=texts,
    roles=st.lists(texts, max_size=3).map(tuple),
    metadata=metadata,
    full_name=st.none() | texts,
    email=st.none() | texts,
    enabled=st.booleans(),
)
domains = st.tuples(texts, st.lists(st.tuples(texts, texts), max_size=2).map(tuple))
realms = st.builds(WireRealm, texts, texts, texts, st.none() | domains)
authentications = st.builds(
    WireAuthentication,
    user=people,
    authenticating=st.none() | people | internals,
    authenticated_by=realms,
    looked_up_by=st.none() | realms,
    type=st.sampled_from(["realm", "api_key", "token", "anonymous", "internal"]),
    metadata=metadata,
)


@given(authentications)
def test_whoever_asks_comes_through_as_he_is(authentication: WireAuthentication) -> None:
    writer = Writer()
    write_authentication(writer, authentication)
    reader = Reader(bytes(writer))
    assert read_authentication(reader) == authentication
    reader.expect_end()


@given(st.data())
def test_bytes_that_were_changed_are_read_or_refused_and_never_make_a_node_of_a_user(data: st.DataObject) -> None:
    raw = bytearray(base64.b64decode(encode_subject_info(elastic())))
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        subject = decode_subject_info(base64.b64encode(bytes(raw)).decode())
    except MalformedError:
        return
    assert not is_system(subject.authentication)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("!!", "is not base64"),
        ("", "ends in the middle"),
        ("AAAA", "version 0, which is not spoken here"),
        (base64.b64encode(bytes.fromhex("e8ce9b04") + b"\x02").decode(), "a boolean is the byte 0x02"),
        (encode_subject_info(elastic())[:-8], "announces|ends"),
        (base64.b64encode(base64.b64decode(encode_subject_info(elastic())) + b"\0").decode(), "left over"),
    ],
)
def test_what_is_no_subject_information_is_refused(value: str, told: str) -> None:
    with pytest.raises(MalformedError, match=told):
        decode_subject_info(value)


def test_its_size_and_the_number_of_its_limits_are_bounded() -> None:
    with pytest.raises(LimitExceededError):
        decode_subject_info("A" * (MAX_CHARACTERS + 4))
    with pytest.raises(LimitExceededError):
        encode_subject_info(SubjectInfo(system_authentication("b"), (b"{}",) * (MAX_LAYERS + 1)))
    writer = Writer()
    writer.raw(base64.b64decode(encode_subject_info(SubjectInfo(system_authentication("b"))))[:-1])
    writer.list_of((b"{}",) * (MAX_LAYERS + 1), writer.byte_string)
    with pytest.raises(LimitExceededError, match="sets of roles"):
        decode_subject_info(base64.b64encode(bytes(writer)).decode())


@pytest.mark.parametrize("raw", [b"", b"[]", b'{"a": 1}', b'{"a": {}', b"\xff"])
def test_role_descriptors_are_json_objects(raw: bytes) -> None:
    with pytest.raises(MalformedError, match="role descriptors"):
        decode_subject_info(encode_subject_info(SubjectInfo(system_authentication("b"), (raw,))))


def test_nobody_passes_on_what_came_from_another_cluster() -> None:
    passed_on = WireAuthentication(
        user=WireUser(username="x"),
        authenticated_by=WireRealm("n", "r", "t"),
        type="api_key",
        metadata={"_security_cross_cluster_access_authentication": "x"},
    )
    with pytest.raises(MalformedError, match="came from another cluster already"):
        decode_subject_info(encode_subject_info(SubjectInfo(passed_on)))
