"""The audit log: whether it is kept, and what of.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/auditing-settings.html
"""

from __future__ import annotations

from typing import Final

from isthmus.settings.setting import AnySetting, Setting
from isthmus.settings.values import ValueType, boolean, choice, list_of

DEFAULT_EVENTS: Final = (
    "access_denied",
    "access_granted",
    "anonymous_access_denied",
    "authentication_failed",
    "connection_denied",
    "run_as_denied",
    "run_as_granted",
    "security_config_change",
    "tampered_request",
)
TOLD: Final = ("_all", "authentication_success", *DEFAULT_EVENTS)
NEVER_TOLD: Final = ("connection_granted", "realm_authentication_failed", "system_access_granted")
_LOGFILE: Final = "xpack.security.audit.logfile"

ENABLED: Final = Setting(
    "xpack.security.audit.enabled",
    boolean,
    False,  # noqa: FBT003 - the default
    "Whether who asked for what, and what was granted, is written to <cluster.name>_audit.json in path.logs.",
)
INCLUDE: Final[Setting[tuple[str, ...]]] = Setting(
    f"{_LOGFILE}.events.include",
    list_of(choice(*TOLD)),
    DEFAULT_EVENTS,
    "The events that the audit log tells; _all: all there are.",
)
EXCLUDE: Final[Setting[tuple[str, ...]]] = Setting(
    f"{_LOGFILE}.events.exclude",
    list_of(choice(*TOLD[1:], *NEVER_TOLD)),
    (),
    "The events that the audit log does not tell, although they are included.",
)
EMIT_REQUEST_BODY: Final = Setting(
    f"{_LOGFILE}.events.emit_request_body",
    boolean,
    False,  # noqa: FBT003 - the default
    "Whether authentication_success shows the request's body, without passwords and tokens, but with all documents.",
)


def _emit(what: str, default: bool, help: str) -> Setting[bool]:  # noqa: A002 - as Setting has them
    return Setting(f"{_LOGFILE}.emit_{what}", boolean, default, help)


EMIT: Final = {
    "cluster.name": _emit("cluster_name", False, "Whether every line names the cluster."),  # noqa: FBT003
    "cluster.uuid": _emit("cluster_uuid", True, "Whether every line has the cluster's id."),  # noqa: FBT003
    "node.name": _emit("node_name", False, "Whether every line names the node."),  # noqa: FBT003
    "node.id": _emit("node_id", True, "Whether every line has the node's id."),  # noqa: FBT003
    "host.ip": _emit("node_host_address", False, "Whether every line has the node's address."),  # noqa: FBT003
    "host.name": _emit("node_host_name", False, "Whether every line has the name of the node's host."),  # noqa: FBT003
}
"""The keys of a line that may be left out, and what says so."""


def _names(value: object) -> tuple[str, ...]:
    # An empty name is one here: it stands for events that name nothing.
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list | tuple) or not all(isinstance(part, str) for part in parts):
        raise ValueError("a list of names and patterns is expected")
    return tuple(part.strip() for part in parts)


def _ignore(field: str) -> Setting[tuple[str, ...]]:
    return Setting(
        f"{_LOGFILE}.events.ignore_filters.*.{field}",
        ValueType("list of text", _names),
        (),
        f"Events that this filter leaves out: the {field} of an event must all be among these names and patterns.",
        default_text="all",
    )


IGNORE_FILTERS: Final = {field: _ignore(field) for field in ("users", "realms", "roles", "indices", "actions")}

SETTINGS: Final[tuple[AnySetting, ...]] = (
    ENABLED,
    INCLUDE,
    EXCLUDE,
    EMIT_REQUEST_BODY,
    *EMIT.values(),
    *IGNORE_FILTERS.values(),
)
