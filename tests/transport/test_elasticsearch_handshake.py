"""A plain transport client of Elasticsearch, byte by byte: nothing of ours writes or reads here (es-wire §1, §2)."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest

from isthmus.wire.version import build_hash
from tests.certificates import Authority
from tests.transport.stage import TIMEOUT, Server, Stage

# Length, request id 7, "handshake", header version 7170099, 26 bytes of header: no request headers, no response
# headers, no features, the action. Body: no parent task, four bytes that say TransportVersion 8841064.
TCP_HANDSHAKE = (
    bytes.fromhex("4553 00000031 0000000000000007 08 006d6833 0000001a 00 00 00 16")
    + b"internal:tcp/handshake"
    + bytes.fromhex("00 04 e8ce9b04")
)
TCP_ANSWER = bytes.fromhex("4553 00000017 0000000000000007 09 006d6833 00000002 00 00 e8ce9b04")

# The same of a 9.x node: header version 8800000, no features, and the release as text behind the version.
TCP_HANDSHAKE_OF_9 = (
    bytes.fromhex("4553 00000036 0000000000000007 08 00864700 00000019 00 00 16")
    + b"internal:tcp/handshake"
    + bytes.fromhex("00 0a 88978b04 05")
    + b"9.1.0"
)
