"""What every answer must be, whatever was asked. Pure."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.live.fuzzing.asking import Reply
from tests.live.fuzzing.making import Wire

_TRACE = re.compile(rb'Traceback \(most recent|File \\?"[^"]*\.py|\.py\\?", line \d|stack_trace')
# Answers that tell of what is not there, or went partly wrong, in the shape of those that succeed.
_TELLING = (
    "found",
    "result",
    "matched",
    "succeeded",
    "timed_out",
    "failures",
    "_shards",
    "deleted",
    "invalidated_tokens",
)


def complaints(wire: Wire, reply: Reply) -> list[str]:
    """Return what is wrong with an answer; [] if it is as it should be."""
    found = []
    if reply.status >= 500 and not _is_over(wire, reply):
        found.append(f"status {reply.status}: {reply.body[:300]!r}")
    if _TRACE.search(reply.body):
        found.append(f"a stack trace: {reply.body[:500]!r}")
    if reply.status >= 400 and wire.method.upper() != "HEAD" and "filter_path" not in wire.target:
        found += _of_error(reply)
    elif reply.body and "json" in reply.content_type and _parsed(reply.body) is None:
        found.append(f"no JSON: {reply.body[:200]!r}")
    return found


def _is_over(wire: Wire, reply: Reply) -> bool:
    """Whether a change was not made in the time that the request gave it."""
    return "timeout=" in wire.target and b'"process_cluster_event_timeout_exception"' in reply.body


def _of_error(reply: Reply) -> list[str]:
    told = _parsed(reply.body)
    if not isinstance(told, dict):
        return [f"an error {reply.status} that is no JSON object: {reply.body[:200]!r}"]
    if (any(key in told for key in _TELLING) and "error" not in told) or (reply.status == 404 and _is_nothing(told)):
        return []
    error = told.get("error")
    if "status" in told and told["status"] != reply.status:
        return [f"an error {reply.status} that tells another status: {reply.body[:200]!r}"]
    if isinstance(error, str):
        return []
    if not isinstance(error, dict) or ("status" not in told and "is_running" not in told):
        return [f"an error without a status or of no kind: {reply.body[:300]!r}"]
    return (
        []
        if _explained(error) and all(map(_explained, error.get("root_cause", [None])))
        else [f"an error of another shape: {reply.body[:300]!r}"]
    )


def _is_nothing(told: Any) -> bool:
    """Whether an answer tells, of each thing by its name, that it was not found."""
    return told == {"found": False} or (isinstance(told, dict) and all(map(_is_nothing, told.values())))


def _explained(error: Any) -> bool:
    return isinstance(error, dict) and isinstance(error.get("type"), str) and isinstance(error.get("reason"), str)


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body, parse_constant=_refuse)
    except ValueError:
        return None


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")
