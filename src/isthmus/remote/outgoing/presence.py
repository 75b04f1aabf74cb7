"""Whether other clusters are there, and have what is asked for.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/indices-resolve-cluster-api.html
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from isthmus.errors import IsthmusError
from isthmus.index.metadata.expressions import Options
from isthmus.remote.outgoing.asking import Asker, Asking
from isthmus.remote.outgoing.requests import indices_options
from isthmus.transport.errors import RemoteError
from isthmus.wire.search.resolving import RESOLVE_CLUSTER_REQUEST, RESOLVE_CLUSTER_RESPONSE

RESOLVE_CLUSTER: Final = "indices:admin/resolve/cluster"
ANY: Final = "dummy*"
"""What is asked for where no index is."""


class Presence:
    """Asks other clusters whether they are there."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    async def of(self, meant: Mapping[str, str | None], options: Options, timeout: float) -> dict[str, dict[str, Any]]:
        """Return of each cluster whether it is there and, where indices are named, whether it has them."""
        askers = [(self._asking.asker(alias, RESOLVE_CLUSTER), names) for alias, names in meant.items()]
        told = await asyncio.gather(*(_one(asker, names, options, timeout) for asker, names in askers))
        return {asker.alias: one for (asker, _), one in zip(askers, told, strict=True)}


async def _one(asker: Asker, names: str | None, options: Options, timeout: float) -> dict[str, Any]:
    request = {
        "parent": None,
        "names": [ANY] if names is None else names.split(","),
        "indices_options": indices_options(options),
        "clusters_only": names is None,
        "queries": False,
        "timeout": None,
    }
    skip = asker.may_be_skipped
    try:
        answer = RESOLVE_CLUSTER_RESPONSE.decode(await asker.ask(RESOLVE_CLUSTER_REQUEST.encode(request), timeout))
    except RemoteError as error:
        return {"connected": True, "skip_unavailable": skip, "error": error.reason}
    except IsthmusError:
        return {"connected": False, "skip_unavailable": skip}
    return _told(next(iter(answer.values())), skip=skip)


def _told(answer: Mapping[str, Any], *, skip: bool) -> dict[str, Any]:
    told: dict[str, Any] = {"connected": answer["connected"], "skip_unavailable": skip}
    if answer["matching_indices"] is not None:
        told["matching_indices"] = answer["matching_indices"]
    if answer["error"] is not None:
        told["error"] = answer["error"]
    build = answer["build"]
    if build is not None:
        told["version"] = {
            "number": build["version"],
            "build_flavor": build["flavor"],
            "minimum_wire_compatibility_version": build["minimum_wire_version"],
            "minimum_index_compatibility_version": build["minimum_index_version"],
        }
    return told
