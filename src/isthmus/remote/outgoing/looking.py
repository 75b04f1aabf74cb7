"""What the indices of other clusters are, and what their fields can do."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

from isthmus.errors import IsthmusError
from isthmus.index.metadata.expressions import Options
from isthmus.remote.outgoing.asking import Asker, Asking
from isthmus.remote.outgoing.expressions import Split
from isthmus.remote.outgoing.requests import indices_options
from isthmus.search.capabilities import Capability, IndexFields
from isthmus.search.naming import Named, NamedAlias, NamedIndex
from isthmus.wire.generic import HashMap
from isthmus.wire.search.resolving import (
    FIELD_CAPS_REQUEST,
    FIELD_CAPS_RESPONSE,
    RESOLVE_INDEX_REQUEST,
    RESOLVE_INDEX_RESPONSE,
)

FIELD_CAPS: Final = "indices:data/read/field_caps"
RESOLVE_INDEX: Final = "indices:admin/resolve/index"
TIMEOUT: Final = 30.0
Body = Mapping[str, Any]


class OtherIndices:
    """Asks other clusters of their indices."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    def split(self, expression: str) -> Split:
        """See Asking.split."""
        return self._asking.split(expression)

    async def named(self, meant: Split, options: Options) -> Sequence[Named]:
        """Return what is named of other clusters. One that cannot be asked names nothing, as in Elasticsearch."""
        askers = {alias: self._asking.asker(alias, RESOLVE_INDEX) for alias in meant.remote}
        found = await asyncio.gather(
            *(_named(asker, meant.remote[alias], options) for alias, asker in askers.items()), return_exceptions=True
        )
        for one in found:
            if isinstance(one, BaseException) and not isinstance(one, IsthmusError):
                raise one
        return [one for one in found if isinstance(one, Named)]

    async def fields(
        self, meant: Split, options: Options, fields: Sequence[str]
    ) -> tuple[Sequence[IndexFields], Sequence[Mapping[str, Any]]]:
        """Return the fields of indices of other clusters, and the clusters that were skipped.

        Raises what a cluster fails by that may not be skipped.
        """
        askers = {alias: self._asking.asker(alias, FIELD_CAPS) for alias in meant.remote}
        told: list[IndexFields] = []
        failures: list[Mapping[str, Any]] = []
        asked = [_fields(asker, meant.remote[alias], options, fields) for alias, asker in askers.items()]
        for asker, one in zip(askers.values(), await asyncio.gather(*asked, return_exceptions=True), strict=True):
            if isinstance(one, IsthmusError) and asker.may_be_skipped:
                failures.append(_skipped(asker, meant.remote[asker.alias], one))
            elif isinstance(one, BaseException):
                raise one
            else:
                told.extend(one)
        return told, failures


async def _named(asker: Asker, expression: str, options: Options) -> Named:
    request = {"parent": None, "names": expression.split(","), "indices_options": indices_options(options)}
    answer = RESOLVE_INDEX_RESPONSE.decode(await asker.ask(RESOLVE_INDEX_REQUEST.encode(request), TIMEOUT))
    alias = asker.alias
    return Named(
        [NamedIndex(f"{alias}:{one['name']}", one["aliases"], one["attributes"]) for one in answer["indices"]],
        [
            NamedAlias(f"{alias}:{one['name']}", [f"{alias}:{index}" for index in one["indices"]])
            for one in answer["aliases"]
        ],
    )


async def _fields(asker: Asker, expression: str, options: Options, fields: Sequence[str]) -> list[IndexFields]:
    request = {
        "parent": None,
        "fields": list(fields),
        "indices": expression.split(","),
        "indices_options": indices_options(options),
        "merge": False,
        "include_unmapped": False,
        "index_filter": None,
        "now": None,
        "runtime_mappings": HashMap(),
        "filters": [],
        "types": [],
        "include_empty": True,
        "alias": asker.alias,
    }
    answer = FIELD_CAPS_RESPONSE.decode(await asker.ask(FIELD_CAPS_REQUEST.encode(request), TIMEOUT))
    alone = [
        IndexFields(f"{asker.alias}:{one['index']}", _capabilities(one["fields"].values()))
        for one in answer["ungrouped"]
    ]
    grouped = [
        IndexFields(f"{asker.alias}:{index}", _capabilities([answer["fields"][place] for place in group["places"]]))
        for group in answer["groups"]
        for index in group["indices"]
    ]
    return sorted([*alone, *grouped], key=lambda one: one.index)


def _capabilities(fields: Sequence[Body]) -> dict[str, Capability]:
    return {
        one["name"]: Capability(one["type"], one["searchable"], one["aggregatable"], one["metadata_field"])
        for one in fields
    }


def _skipped(asker: Asker, indices: str, error: IsthmusError) -> Mapping[str, Any]:
    return {
        "indices": [f"{asker.alias}:{one}" for one in indices.split(",")],
        "failure": {"error": {"type": error.type, "reason": error.reason}},
    }
