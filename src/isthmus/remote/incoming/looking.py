"""What other clusters ask of the indices here before they search: names, fields, and whether there is anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from isthmus.cluster.indices.catalogue import Catalogue
from isthmus.index.metadata.errors import IndexNotFoundError
from isthmus.remote.incoming.calls import expression, options
from isthmus.remote.server.actions import RemoteActions
from isthmus.search.capabilities import Capability, fields_of
from isthmus.search.naming import named
from isthmus.transport.registry import RequestChannel
from isthmus.wire.frames import Buffer
from isthmus.wire.layouts import UnsupportedError
from isthmus.wire.search.resolving import (
    CANCEL_CHILD_REQUEST,
    CLUSTER_STATS_REQUEST,
    CLUSTER_STATS_RESPONSE,
    FIELD_CAPS_REQUEST,
    FIELD_CAPS_RESPONSE,
    RESOLVE_CLUSTER_REQUEST,
    RESOLVE_CLUSTER_RESPONSE,
    RESOLVE_INDEX_REQUEST,
    RESOLVE_INDEX_RESPONSE,
)
from isthmus.wire.version import RELEASE, build_hash

FIELD_CAPS: Final = "indices:data/read/field_caps"
RESOLVE_INDEX: Final = "indices:admin/resolve/index"
RESOLVE_CLUSTER: Final = "indices:admin/resolve/cluster"
CLUSTER_STATS: Final = "cluster:monitor/stats/remote"
CANCEL_CHILD: Final = "cluster:internal/admin/tasks/cancel_child"
Stats = Callable[[], Mapping[str, Any]]
_OLDEST: Final = "7.17.0"
_OLDEST_INDEX: Final = "7.0.0"


class IncomingLooks:
    """Answers of the indices of `catalogue`; `stats()` tells of the cluster as `CLUSTER_STATS_RESPONSE` has it."""

    def __init__(self, catalogue: Catalogue, stats: Stats) -> None:
        self._catalogue = catalogue
        self._stats = stats

    def register(self, actions: RemoteActions) -> None:
        """Serve them to other clusters."""
        actions.serve(FIELD_CAPS, self._field_caps)
        actions.serve(RESOLVE_INDEX, self._resolve_index)
        actions.serve(RESOLVE_CLUSTER, self._resolve_cluster)
        actions.serve(CLUSTER_STATS, self._cluster_stats)
        actions.serve(CANCEL_CHILD, _cancel)

    def _field_caps(self, body: Buffer, _channel: RequestChannel) -> bytes:
        request = FIELD_CAPS_REQUEST.decode(body)
        for name in ("index_filter", "filters", "types", "runtime_mappings"):
            if request[name]:
                raise UnsupportedError(f"[{name}] of _field_caps is not supported by this cluster")
        found = self._catalogue.resolve(expression(request["indices"]), options(request["indices_options"]))
        told = [fields_of(one, request["fields"]) for one in found]
        return FIELD_CAPS_RESPONSE.encode(
            {
                "indices": [],
                "merged": {},
                "ungrouped": [_index_fields(one.index, one.fields) for one in told],
                "groups": [],
                "fields": [],
                "failures": [],
            }
        )

    def _resolve_index(self, body: Buffer, _channel: RequestChannel) -> bytes:
        request = RESOLVE_INDEX_REQUEST.decode(body)
        meant = expression(request["names"])
        found = self._catalogue.resolve(meant, options(request["indices_options"]))
        told = named(meant, found, self._catalogue.indices)
        return RESOLVE_INDEX_RESPONSE.encode(
            {
                "indices": [
                    {
                        "name": one.name,
                        "aliases": list(one.aliases),
                        "attributes": list(one.attributes),
                        "data_stream": None,
                    }
                    for one in told.indices
                ],
                "aliases": [{"name": one.name, "indices": list(one.indices)} for one in told.aliases],
                "data_streams": [],
            }
        )

    def _resolve_cluster(self, body: Buffer, _channel: RequestChannel) -> bytes:
        request = RESOLVE_CLUSTER_REQUEST.decode(body)
        matching, error = None, None
        if not request["clusters_only"]:
            matching, error = self._is_matching(request["names"], request["indices_options"])
        told = {
            "connected": True,
            "skip_unavailable": None,
            "matching_indices": matching,
            "error": error,
            "build": None if error is not None else _build(),
        }
        return RESOLVE_CLUSTER_RESPONSE.encode({"": told})

    def _is_matching(self, names: Sequence[str], given: Mapping[str, Any]) -> tuple[bool | None, str | None]:
        try:
            return bool(self._catalogue.resolve(expression(names), options(given))), None
        except IndexNotFoundError as error:
            return None, error.reason

    def _cluster_stats(self, body: Buffer, _channel: RequestChannel) -> bytes:
        CLUSTER_STATS_REQUEST.decode(body)
        return CLUSTER_STATS_RESPONSE.encode(self._stats())


def _cancel(body: Buffer, _channel: RequestChannel) -> bytes:
    """A search is short, and ends by its own timeout: that nobody waits for it any more changes nothing."""
    CANCEL_CHILD_REQUEST.decode(body)
    return b""


def _index_fields(index: str, fields: Mapping[str, Capability]) -> Mapping[str, Any]:
    return {
        "index": index,
        "fields": {name: _field(name, one) for name, one in fields.items()},
        "can_match": True,
        "mapping_hash": None,
        "mode": "standard",
    }


def _field(name: str, can: Capability) -> Mapping[str, Any]:
    return {
        "name": name,
        "type": can.type,
        "metadata_field": can.metadata_field,
        "searchable": can.searchable,
        "aggregatable": can.aggregatable,
        "dimension": False,
        "metric": None,
        "meta": {},
    }


def _build() -> Mapping[str, Any]:
    return {
        "flavor": "default",
        "type": "unknown",
        "hash": build_hash(),
        "date": "unknown",
        "version": RELEASE,
        "qualifier": None,
        "snapshot": False,
        "minimum_wire_version": _OLDEST,
        "minimum_index_version": _OLDEST_INDEX,
        "display": RELEASE,
    }
