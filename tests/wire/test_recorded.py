"""Recorded frames of two Elasticsearch 8.19.0 nodes: read whole, and written as they were."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import pytest

from isthmus.wire.decoder import FrameDecoder
from isthmus.wire.frames import Frame, FrameLimits, encode_request
from isthmus.wire.primitives import Writer

RECORDED = [json.loads(line) for line in Path("tests/data/es-wire-golden.jsonl").read_text("utf-8").splitlines()]
EACH = pytest.mark.parametrize("recorded", RECORDED, ids=lambda one: f"{one['rid']}{one['dir']}")


def frame_of(recorded: dict[str, Any]) -> bytes:
    """Put the frame together again, without the code that is tested.

    The recording shows one request header decoded; it stands as text here, so requests differ in that header.
    """
    header = Writer()
    header.map_of(_headers(recorded), header.string, header.string)
    header.map_of(recorded["resp"], header.string, lambda values: header.list_of(values, header.string))
    if not recorded["status"] & 1:
        header.string(recorded["action"])
    body = bytes.fromhex(recorded["body"])
    fixed = struct.pack(
        ">2siqBii",
        b"ES",
        17 + len(header) + len(body),
        recorded["rid"],
        recorded["status"],
        recorded["tv"],
        len(header),
    )
    return fixed + bytes(header) + body


def _headers(recorded: dict[str, Any]) -> dict[str, str]:
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in recorded["headers"].items()}


def decoded(data: bytes) -> Frame:
    (frame,) = FrameDecoder(FrameLimits()).feed(data)
    return frame


@EACH
def test_a_recorded_frame_is_read_whole(recorded: dict[str, Any]) -> None:
    data = frame_of(recorded)
    if recorded["dir"] == "<-":
        assert len(data) == recorded["size"]
    frame = decoded(data)
    assert (frame.request_id, frame.status, frame.version) == (recorded["rid"], recorded["status"], recorded["tv"])
    assert dict(frame.headers) == _headers(recorded)
    assert dict(frame.response_headers) == recorded["resp"]
    assert bytes(frame.body).hex() == recorded["body"]


@pytest.mark.parametrize("recorded", [one for one in RECORDED if one["dir"] == "->"], ids=lambda one: str(one["rid"]))
def test_a_recorded_request_is_written_as_it_was(recorded: dict[str, Any]) -> None:
    frame = decoded(frame_of(recorded))
    assert b"".join(encode_request(frame.request_id, frame.action, frame.body, headers=frame.headers)) == frame_of(
        recorded
    )
