"""`GET /`: who answers here. The fields are those that clients of Elasticsearch require."""

from __future__ import annotations

import functools
from datetime import UTC, datetime
from pathlib import Path

import isthmus
from isthmus.rest.answers import Json
from isthmus.rest.routing import Request
from isthmus.rest.view import NodeView
from isthmus.wire.version import MINIMUM_INDEX_VERSION, MINIMUM_TRANSPORT_VERSION, release_name


async def info(view: NodeView, _request: Request) -> Json:
    """Answer name, cluster and version of this node."""
    version = {
        "number": view.version,
        "build_flavor": "default",
        "build_type": "unknown",
        "build_hash": view.build_hash,
        "build_date": _build_date(),
        "build_snapshot": False,
        "lucene_version": "none",
        "minimum_wire_compatibility_version": release_name(MINIMUM_TRANSPORT_VERSION),
        "minimum_index_compatibility_version": release_name(MINIMUM_INDEX_VERSION),
    }
    return Json(
        {
            "name": view.name,
            "cluster_name": view.cluster_name,
            "cluster_uuid": view.cluster_uuid or "_na_",
            "version": version,
            "tagline": "A narrow way, with a gate on it",
        }
    )


@functools.cache
def _build_date() -> str:
    """When the files of this package were written: a package says no more of its build."""
    written = Path(isthmus.__file__).stat().st_mtime
    return datetime.fromtimestamp(int(written), UTC).isoformat().replace("+00:00", "Z")
