"""Who acts and by which action, as the value of a request header between nodes of Isthmus. Pure.

The header is our own: nodes of Isthmus and of Elasticsearch make no common cluster, so Elasticsearch's form
(`_xpack_security_authentication`) never has to be read here. It begins with the name of its form: a node that does not
know the form refuses the request rather than overlook what limits it.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from functools import lru_cache
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from isthmus.security.subject import Authentication
from isthmus.wire.errors import LimitExceededError, MalformedError

HEADER: Final = "_isthmus_acting"
MAX_CHARACTERS: Final = 48 << 10
MAX_EXPANDED: Final = 1 << 20
MAX_DEPTH: Final = 32
MAX_KEPT: Final = 1_000
_PLAIN: Final = "1"
_PACKED: Final = "1z"
_PACK_FROM: Final = 2 << 10
_KEPT_CHARACTERS: Final = 8 << 10


class Carried(msgspec.Struct, frozen=True):
    """What a header says: who acts, and the action as a part of which the request is made."""

    authentication: Authentication
    action: str


class _Wire(msgspec.Struct, frozen=True, omit_defaults=True):
    """The same as it travels. Metadata is JSON, which has integers of any size, unlike MessagePack."""

    authentication: Authentication
    action: str
    metadata: bytes = b"{}"
    authenticating_metadata: bytes = b"{}"


_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(_Wire)
_metadata: Final = msgspec.json.Decoder(dict[str, Any])


def encode_header(authentication: Authentication, action: str) -> str:
    """Return the value of the header. Raises LimitExceededError for what no peer would take."""
    raw = _encoder.encode(_wire(authentication, action))
    form, body = (_PLAIN, raw) if len(raw) < _PACK_FROM else (_PACKED, zlib.compress(raw))
    value = f"{form}:{base64.b64encode(body).decode('ascii')}"
    if len(value) > MAX_CHARACTERS or len(raw) > MAX_EXPANDED or _depth(authentication) > MAX_DEPTH:
        raise LimitExceededError(
            f"what is known of the user [{authentication.user.username[:100]}] is too large to be sent to another node",
            hint="shorten the metadata of the user, or the role descriptors of the API key and of its owner",
        )
    return value


def decode_header(value: str) -> Carried:
    """Return what a header says. Raises MalformedError, LimitExceededError."""
    return _decode_kept(value) if len(value) <= _KEPT_CHARACTERS else _decode(value)


def _decode(value: str) -> Carried:
    if len(value) > MAX_CHARACTERS:
        raise LimitExceededError(f"the header [{HEADER}] has {len(value)} characters, {MAX_CHARACTERS} are allowed")
    form, _, body = value.partition(":")
    if form not in (_PLAIN, _PACKED):
        raise MalformedError(
            f"the header [{HEADER}] has a form that this node does not know",
            hint="all nodes of a cluster have one version",
        )
    try:
        raw = base64.b64decode(body, validate=True)
        carried = _carried(_decoder.decode(raw if form == _PLAIN else _expanded(raw)))
    except (binascii.Error, ValueError, zlib.error, msgspec.DecodeError, RecursionError) as cause:
        raise MalformedError(f"the header [{HEADER}] cannot be read") from cause
    if _depth(carried.authentication) > MAX_DEPTH:
        raise LimitExceededError(f"the header [{HEADER}] is nested more than {MAX_DEPTH} deep")
    return carried


_decode_kept: Final = lru_cache(maxsize=MAX_KEPT)(_decode)


def _wire(who: Authentication, action: str) -> _Wire:
    user, behind = who.user, who.authenticating
    if not user.metadata and (behind is None or not behind.metadata):
        return _Wire(who, action)
    bare = replace(who, user=replace(user, metadata={}))
    if behind is None:
        return _Wire(bare, action, msgspec.json.encode(user.metadata))
    bare = replace(bare, authenticating=replace(behind, metadata={}))
    return _Wire(bare, action, msgspec.json.encode(user.metadata), msgspec.json.encode(behind.metadata))


def _carried(wire: _Wire) -> Carried:
    who = wire.authentication
    who = replace(who, user=replace(who.user, metadata=_metadata.decode(wire.metadata)))
    if who.authenticating is not None:
        metadata = _metadata.decode(wire.authenticating_metadata)
        who = replace(who, authenticating=replace(who.authenticating, metadata=metadata))
    return Carried(who, wire.action)


def _expanded(raw: bytes) -> bytes:
    expanding = zlib.decompressobj()
    expanded = expanding.decompress(raw, MAX_EXPANDED)
    if expanding.unconsumed_tail or not expanding.eof:
        raise LimitExceededError(f"the header [{HEADER}] is more than {MAX_EXPANDED} bytes, or not whole")
    return expanded


def _depth(who: Authentication) -> int:
    users = (who.user, *((who.authenticating,) if who.authenticating is not None else ()))
    level: list[Any] = [one.metadata for one in users if one.metadata]
    depth = 0
    while level and depth <= MAX_DEPTH:
        depth += 1
        level = [child for value in level for child in _children(value)]
    return depth


def _children(value: object) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
