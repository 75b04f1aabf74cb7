"""Digests by which nodes find out whether they keep the same secrets, without telling them. Pure.

They are salted, and slow on purpose: whoever reads one can only try values.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Final, Literal

ITERATIONS: Final = 100_000
SALT_BYTES: Final = 32

How = Literal["differs", "missing", "unknown"]


def digest(name: str, value: str, salt: bytes) -> str:
    """Return the digest of the setting `name` with this value; takes some tens of milliseconds."""
    return hashlib.pbkdf2_hmac("sha512", value.encode(), salt + name.encode(), ITERATIONS).hex()


def differences(theirs: Mapping[str, str], own: Mapping[str, str]) -> Iterator[tuple[str, How]]:
    """Give the names whose digests are not the same: `missing` are those of theirs that are not our own, `unknown`
    those that only we have."""
    for name in sorted({*theirs, *own}):
        if name not in own:
            yield name, "missing"
        elif name not in theirs:
            yield name, "unknown"
        elif theirs[name] != own[name]:
            yield name, "differs"
