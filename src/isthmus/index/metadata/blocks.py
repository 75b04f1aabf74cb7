"""What an index's settings forbid: `index.blocks.*`.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/index-modules-blocks.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from isthmus.index.metadata.errors import FloodStageError, IndexBlockedError
from isthmus.index.metadata.index_metadata import IndexMetadata

PREFIX: Final = "index.blocks."
Use = Literal["read", "write", "change"]


@dataclass(frozen=True, slots=True)
class _Block:
    """`told` as Elasticsearch tells it, with the number by which scripts know it."""

    forbids: tuple[Use, ...]
    told: str
    error: type[IndexBlockedError] = IndexBlockedError


_BLOCKS: Final[Mapping[str, _Block]] = {
    "read_only": _Block(("write", "change"), "FORBIDDEN/5/index read-only (api)"),
    "read": _Block(("read",), "FORBIDDEN/7/index read (api)"),
    "write": _Block(("write",), "FORBIDDEN/8/index write (api)"),
    "metadata": _Block(("change",), "FORBIDDEN/9/index metadata (api)"),
    "read_only_allow_delete": _Block(
        ("write",),
        "TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, index has read-only-allow-delete block",
        FloodStageError,
    ),
}


def check_blocks(indices: Iterable[IndexMetadata], use: Use) -> None:
    """Raise IndexBlockedError if one of `indices` may not be read, written to, or changed."""
    for index in indices:
        for name, block in _BLOCKS.items():
            if use in block.forbids and index.settings.get(f"{PREFIX}{name}") == "true":
                raise block.error(f"index [{index.name}] blocked by: [{block.told}];")
