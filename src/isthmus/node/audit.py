"""The audit log of a node: its file, and which events reach it, from the settings."""

from __future__ import annotations

import logging
import queue
from collections.abc import Callable, Mapping
from logging.handlers import QueueListener
from typing import Any, Final

from isthmus.errors import ConfigError, IsthmusError, PermissionDeniedError
from isthmus.node.log_file import LogFile
from isthmus.node.log_format import Origin
from isthmus.security.audit.policy import IgnoreFilter, Policy
from isthmus.security.audit.trail import Trail
from isthmus.security.patterns import patterns
from isthmus.settings import Settings, audit_settings, node_settings

log = logging.getLogger(__name__)

MAX_WAITING: Final = 10_000


class AuditLog:
    """Appends lines to `<cluster.name>_audit.json`; whoever tells one does not wait for the disk.

    `trail` is where events are told. Raises ConfigError, PermissionDeniedError if the file cannot be opened, and
    ConfigError for a pattern that is none. `origin` and `address` (host and IP address) tell of the node what is known.
    """

    def __init__(self, settings: Settings, origin: Origin, address: Callable[[], tuple[str, str]]) -> None:
        self._origin = origin
        self._address = address
        self._emitted = [key for key, setting in audit_settings.EMIT.items() if settings.get(setting)]
        self.trail = Trail(
            policy_of(settings),
            self.write,
            self._node,
            shows_bodies=settings.get(audit_settings.EMIT_REQUEST_BODY),
        )
        self._lost = 0
        self._file = _open(settings)
        self._waiting: queue.Queue[Any] = queue.Queue(MAX_WAITING)
        self._listener = _Listener(self._waiting, self._file)
        self._listener.start()

    def write(self, line: str) -> None:
        """Append a line soon. If the writer falls far behind, lines are lost, and the node's log says how many."""
        try:
            self._waiting.put_nowait(logging.LogRecord("audit", logging.INFO, "", 0, line, None, None))
        except queue.Full:
            if not self._lost:
                log.error("events are missing in the audit log: they come faster than they can be written")
            self._lost += 1
            return
        if self._lost:
            log.error("%d events are missing in the audit log", self._lost)
            self._lost = 0

    def close(self) -> None:
        """Write what waits, and stop."""
        self._listener.stop()
        self._file.close()

    def _node(self) -> Mapping[str, str | None]:
        host, ip = self._address()
        known = {
            "cluster.name": self._origin.cluster_name,
            "cluster.uuid": self._origin.cluster_uuid,
            "node.name": self._origin.node_name,
            "node.id": self._origin.node_id,
            "host.name": host,
            "host.ip": ip,
        }
        return {key: known[key] for key in self._emitted}


class _Listener(QueueListener):
    def enqueue_sentinel(self) -> None:
        """Wait for room: the end must not get lost."""
        self.queue.put(None)  # type: ignore[attr-defined]  # typeshed promises only what the base class calls


def policy_of(settings: Settings) -> Policy:
    """Return which events are told. Raises ConfigError for a pattern of an ignore filter that is none."""
    filters: dict[str, dict[str, tuple[str, ...]]] = {}
    for field, setting in audit_settings.IGNORE_FILTERS.items():
        for name, given in settings.affix(setting).items():
            _check_patterns(setting.name.replace("*", name), given)
            filters.setdefault(name, {})[field] = given
    return Policy(
        frozenset(settings.get(audit_settings.INCLUDE)),
        frozenset(settings.get(audit_settings.EXCLUDE)),
        tuple(IgnoreFilter(given) for given in filters.values()),
    )


def _check_patterns(setting: str, given: tuple[str, ...]) -> None:
    try:
        patterns(*filter(None, given))
    except IsthmusError as cause:
        raise ConfigError(f"[{setting}]: {cause}") from cause


def _open(settings: Settings) -> LogFile:
    name = f"{settings.get(node_settings.CLUSTER_NAME)}_audit.json"
    path = settings.resolve(settings.get(node_settings.PATH_LOGS)) / name
    try:
        return LogFile(path, tell=log.error)
    except PermissionError as cause:
        raise PermissionDeniedError("the audit log cannot be written", where=str(path)) from cause
    except OSError as cause:
        raise ConfigError(f"the audit log cannot be written: {cause.strerror}", where=str(path)) from cause
