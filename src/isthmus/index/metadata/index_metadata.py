"""One index as the cluster knows it; stored under `index/<name>` of the replicated map."""

from __future__ import annotations

from typing import Any

import msgspec

FORMAT = 1


class Alias(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """Another name of an index. `filter` is the JSON of a query, as it was given."""

    filter: bytes | None = None
    is_write_index: bool | None = None
    is_hidden: bool | None = None
    index_routing: str | None = None
    search_routing: str | None = None


class IndexMetadata(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """`settings` are flat (`index.number_of_replicas`: "1"); `mappings` are as `GET _mapping` shows them, complete
    with what dynamic mapping added; `node` is the id of the node that holds the index, `relocating` that of the one
    that it is moved to; times in ms since 1970."""

    format: int = FORMAT
    name: str
    uuid: str
    node: str
    relocating: str | None = None
    creation_date: int
    settings: dict[str, str | list[str]] = {}
    settings_version: int = 1
    mappings: dict[str, Any] = {}
    mapping_version: int = 1
    aliases: dict[str, Alias] = {}
    aliases_version: int = 1
