"""`GET /_nodes`: what the members are. Clients sniff the nodes to talk to from `http.publish_address`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from isthmus.errors import UsageError
from isthmus.rest.answers import Json
from isthmus.rest.node_filter import select
from isthmus.rest.routing import Request
from isthmus.rest.units import Size
from isthmus.rest.view import Bound, MemberView, NodeReport, NodeView

Section = Callable[[NodeReport, bool], "dict[str, Any] | None"]

# APIs that stand where a node's name may stand.
_OTHER_APIS = frozenset(("hot_threads", "reload_certificates", "reload_secure_settings", "stats", "usage"))
# What Elasticsearch also tells of a node and this one has not.
_UNSUPPORTED = frozenset(
    ("aggregations", "indices", "ingest", "jvm", "plugins", "remote_cluster_server", "settings", "thread_pool")
)


async def nodes(view: NodeView, request: Request) -> Json:
    """Answer the members that the path means, with the sections that it names (all without any)."""
    node_id, sections = _read_path(request)
    chosen = select(node_id, view.members(), local=view.node_id, master=view.master_id())
    reports = await view.reports([one.id for one in chosen]) if sections and chosen else {}
    human = request.parameters.boolean("human")
    failed = {one.id: _reason(reports.get(one.id)) for one in chosen if sections and _silent(reports, one)}
    answered = [one for one in chosen if one.id not in failed]
    return Json(
        {
            "_nodes": summary(len(chosen), failed),
            "cluster_name": view.cluster_name,
            "nodes": {one.id: _identity(one) | _told(reports.get(one.id), sections, human=human) for one in answered},
        }
    )


def _read_path(request: Request) -> tuple[str, Sequence[str]]:
    node_id = request.variables.get("node_id")
    metric = request.variables.get("metric")
    if node_id in _OTHER_APIS:
        raise UsageError(f"request [{request.path}] asks for [{node_id}], which is not supported")
    if metric is None and node_id is not None and _are_metrics(node_id):
        node_id, metric = None, node_id
    return node_id or "_all", _sections(request.path, metric or "_all")


def _are_metrics(text: str) -> bool:
    return all(part in _SECTIONS or part in _UNSUPPORTED for part in text.split(","))


def _sections(path: str, metric: str) -> Sequence[str]:
    asked = metric.split(",")
    if asked == ["_none"]:
        return ()
    if "_all" in asked:
        return tuple(_SECTIONS)
    for name in asked:
        if name in _UNSUPPORTED:
            raise UsageError(f"request [{path}] asks for the metric [{name}], which is not supported")
        if name not in _SECTIONS:
            raise UsageError(
                f"request [{path}] contains unrecognized metric: [{name[:50]}]", hint=f"known: {', '.join(_SECTIONS)}"
            )
    return tuple(dict.fromkeys(asked))


def _silent(reports: Mapping[str, NodeReport | str], member: MemberView) -> bool:
    return not isinstance(reports.get(member.id), NodeReport)


def _reason(found: NodeReport | str | None) -> str:
    return found if isinstance(found, str) else "the node has left the cluster"


def summary(total: int, failed: Mapping[str, str]) -> dict[str, Any]:
    """Say how many members were asked and answered; `failed` tells by id why one did not."""
    counts: dict[str, Any] = {"total": total, "successful": total - len(failed), "failed": len(failed)}
    failures = [
        {"type": "failed_node_exception", "reason": f"Failed node [{node}]: {why}", "node_id": node}
        for node, why in failed.items()
    ]
    return counts | {"failures": failures} if failures else counts


def _identity(member: MemberView) -> dict[str, Any]:
    return {
        "name": member.name,
        "ephemeral_id": member.ephemeral_id,
        "transport_address": member.transport_address,
        "host": member.host,
        "ip": member.ip,
        "version": member.version,
        "build_flavor": "default",
        "build_type": "unknown",
        "build_hash": member.build_hash,
        "roles": sorted(member.roles),
        "attributes": dict(member.attributes),
    }


def _told(report: NodeReport | str | None, sections: Sequence[str], *, human: bool) -> dict[str, Any]:
    if not isinstance(report, NodeReport):
        return {}
    told = {name: _SECTIONS[name](report, human) for name in sections}
    return {name: section for name, section in told.items() if section is not None}


def _os(report: NodeReport, _human: bool) -> dict[str, Any]:
    return {
        "name": report.os_name,
        "arch": report.arch,
        "version": report.os_version,
        "available_processors": report.processors,
        "allocated_processors": report.processors,
    }


def _process(report: NodeReport, _human: bool) -> dict[str, Any]:
    return {"id": report.pid, "mlockall": False}


def _transport(report: NodeReport, _human: bool) -> dict[str, Any] | None:
    return None if report.transport is None else _addresses(report.transport) | {"profiles": {}}


def _http(report: NodeReport, human: bool) -> dict[str, Any] | None:
    if report.http is None:
        return None
    told = _addresses(report.http)
    if report.http_max_content_length is not None:
        if human:
            told["max_content_length"] = Size(report.http_max_content_length).text()
        told["max_content_length_in_bytes"] = report.http_max_content_length
    return told


def _addresses(bound: Bound) -> dict[str, Any]:
    return {"bound_address": list(bound.bound), "publish_address": bound.published}


_SECTIONS: dict[str, Section] = {"os": _os, "process": _process, "transport": _transport, "http": _http}
