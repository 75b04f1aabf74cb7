"""Which versions this node speaks and says it is.

Layouts are valid for one TransportVersion only. A peer with a greater one speaks ours; a peer with a lower one is
refused in the handshake. The release is a number that no Elasticsearch release bears, because a peer of exactly the
same release insists on the same build hash.
"""

from __future__ import annotations

from isthmus import __version__

TRANSPORT_VERSION = 8841064
MINIMUM_TRANSPORT_VERSION = 7170099

RELEASE_ID = 8199999
RELEASE = "8.19.99"

MINIMUM_INDEX_VERSION = 7000099
MAXIMUM_INDEX_VERSION = 8536000


def build_hash() -> str:
    """Return what this node reports as its build: the name and version of this package."""
    return f"isthmus-{__version__}"


def release_name(release_id: int) -> str:
    """Return the dotted form of an Elasticsearch version id: 8190099 is 8.19.0."""
    major, rest = divmod(release_id, 1_000_000)
    minor, rest = divmod(rest, 10_000)
    return f"{major}.{minor}.{rest // 100}"
