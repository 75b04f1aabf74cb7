"""What a request to another cluster's port bears: an API key, and for whom it is made (es-wire §3).

The key decides. The subject information tells what the other side's own roles leave of it: a list of sets of role
descriptors, each of which is one more limit.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Final

import msgspec

from isthmus.wire.authentication import WireAuthentication, read_authentication, write_authentication
from isthmus.wire.errors import LimitExceededError, MalformedError
from isthmus.wire.primitives import Reader, Writer
from isthmus.wire.version import TRANSPORT_VERSION

CREDENTIALS: Final = "_cross_cluster_access_credentials"
SUBJECT_INFO: Final = "_cross_cluster_access_subject_info"
MAX_CHARACTERS: Final = 64 << 10
MAX_LAYERS: Final = 8
"""A user has one set of role descriptors, an API key two."""


@dataclass(frozen=True)
class SubjectInfo:
    """For whom a request is made; each of `role_descriptors` is a JSON object of descriptors by name, and a limit."""

    authentication: WireAuthentication
    role_descriptors: tuple[bytes, ...] = ()


def encode_subject_info(subject: SubjectInfo) -> str:
    """Return the value of the header. Raises LimitExceededError for what no peer would take, MalformedError."""
    writer = Writer()
    writer.vint(TRANSPORT_VERSION)
    write_authentication(writer, subject.authentication)
    writer.list_of(subject.role_descriptors, writer.byte_string)
    value = base64.b64encode(bytes(writer)).decode("ascii")
    if len(value) > MAX_CHARACTERS or len(subject.role_descriptors) > MAX_LAYERS:
        raise LimitExceededError(
            f"what is known of the user [{subject.authentication.user.username[:100]}] is too large to be sent to "
            "another cluster",
            hint="shorten the user's metadata, or what his roles grant on other clusters",
        )
    return value


def decode_subject_info(value: str) -> SubjectInfo:
    """Return what a header says. Raises MalformedError, LimitExceededError."""
    if len(value) > MAX_CHARACTERS:
        raise LimitExceededError(
            f"the header [{SUBJECT_INFO}] has {len(value)} characters, {MAX_CHARACTERS} are allowed"
        )
    try:
        reader = Reader(base64.b64decode(value, validate=True))
    except (binascii.Error, ValueError) as cause:
        raise MalformedError(f"the header [{SUBJECT_INFO}] is not base64") from cause
    version = reader.vint()
    if version != TRANSPORT_VERSION:
        raise MalformedError(f"the header [{SUBJECT_INFO}] is of the version {version}, which is not spoken here")
    subject = SubjectInfo(read_authentication(reader), tuple(_layers(reader)))
    reader.expect_end()
    return subject


def _layers(reader: Reader) -> list[bytes]:
    count = reader.count()
    if count > MAX_LAYERS:
        raise LimitExceededError(f"the header [{SUBJECT_INFO}] has {count} sets of roles, {MAX_LAYERS} are allowed")
    return [_descriptors(reader.byte_string()) for _ in range(count)]


def _descriptors(raw: bytes) -> bytes:
    try:
        msgspec.json.decode(raw, type=dict[str, dict[str, msgspec.Raw]])
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as cause:
        raise MalformedError(f"the header [{SUBJECT_INFO}] holds role descriptors that are no JSON objects") from cause
    return raw
