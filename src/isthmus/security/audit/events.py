"""What happened, as values: names and keys are those of Elasticsearch's audit log. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from isthmus.security.audit.request_names import REQUEST_NAMES
from isthmus.security.subject import Authentication

Event = dict[str, Any]

# The order of Elasticsearch's lines; a key that is not there is left out.
_ORDER: Final = {
    name: at
    for at, name in enumerate(
        (
            *("type", "timestamp", "cluster.name", "cluster.uuid", "node.name", "node.id", "host.name", "host.ip"),
            *("event.type", "event.action", "authentication.type", "user.name", "user.run_by.name"),
            *("user.run_as.name", "user.realm", "user.run_by.realm", "user.run_as.realm", "user.roles"),
            *("apikey.id", "apikey.name", "authentication.token.name", "authentication.token.type"),
            *("origin.type", "origin.address", "realm", "url.path", "url.query", "request.method", "request.body"),
            *("request.id", "action", "request.name", "indices", "opaque_id", "x_forwarded_for"),
            *("transport.profile", "rule", "put", "delete", "change", "create", "invalidate"),
        )
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What every event of one request tells: `id` is made for it, `origin` is the client's address and port.

    `action` is what another cluster asks for; None for a request of REST, which has a method and a path.
    """

    id: str
    method: str
    path: str
    query: str = ""
    origin: str = ""
    opaque_id: str | None = None
    forwarded_for: str | None = None
    action: str | None = None


def rendered(event: Mapping[str, Any]) -> str:
    """Return an event as one line of JSON, without its end; broken letters are in it as they came."""
    ordered = {name: event[name] for name in sorted(event, key=_ORDER.__getitem__) if event[name] is not None}
    return json.dumps(ordered, ensure_ascii=False, separators=(",", ":"))


def authenticated(asked: Asked, who: Authentication, body: str | None = None) -> Event:
    """Somebody is known; `body` is what the request may show of its body."""
    realm = {"realm": who.authenticated_by.name, "request.body": body}
    return {**_rest(asked, "authentication_success"), **_who(who), **realm}


def not_authenticated(asked: Asked, action: str, username: str | None = None) -> Event:
    """Nobody is known: `authentication_failed`, `anonymous_access_denied` or `tampered_request`."""
    return {**_rest(asked, action), "user.name": username}


def decided(asked: Asked, outcome: str, who: Authentication, action: str, indices: Sequence[str] | None) -> Event:
    """An action was granted or denied: `access_granted`, `access_denied`; `indices` if it is one on indices."""
    return {
        **_access(asked, outcome, action, indices),
        **_who(who),
        "user.roles": _roles(who),
    }


def ran_as(asked: Asked, outcome: str, who: Authentication, roles: Sequence[str], action: str) -> Event:
    """Somebody asked to act as another: `run_as_granted`, `run_as_denied`; `roles` are his own."""
    authenticating = who.authenticating or who.user
    return {
        **_access(asked, outcome, action, None),
        "user.name": authenticating.username,
        "user.realm": who.authenticated_by.name,
        "user.run_as.name": who.user.username,
        "user.run_as.realm": None if who.lookup_by is None else who.lookup_by.name,
        "user.roles": list(roles),
    }


def changed(asked: Asked, action: str, what: Mapping[str, Any]) -> Event:
    """Something of security was changed; see `changes`."""
    return {"event.type": "security_config_change", "event.action": action, "request.id": asked.id, **what}


def connection_denied(address: str, profile: str, rule: str) -> Event:
    """A peer was refused before it could ask; `profile` is `.http` or `default`."""
    return {
        "event.type": "ip_filter",
        "event.action": "connection_denied",
        "origin.type": "rest" if profile == ".http" else "transport",
        "origin.address": address,
        "transport.profile": profile,
        "rule": rule,
    }


def _common(asked: Asked) -> Event:
    return {
        "origin.type": "rest" if asked.action is None else "transport",
        "origin.address": asked.origin or None,
        "request.id": asked.id,
        "opaque_id": asked.opaque_id,
        "x_forwarded_for": asked.forwarded_for,
    }


def _rest(asked: Asked, action: str) -> Event:
    if asked.action is not None:
        return _access(asked, action, asked.action, None)
    return {
        "event.type": "rest",
        "event.action": action,
        **_common(asked),
        "url.path": asked.path,
        "url.query": asked.query or None,
        "request.method": asked.method,
    }


def _access(asked: Asked, outcome: str, action: str, indices: Sequence[str] | None) -> Event:
    return {
        "event.type": "transport",
        "event.action": outcome,
        **_common(asked),
        "action": action,
        "request.name": REQUEST_NAMES.get(action),
        "indices": None if indices is None else list(indices),
    }


def _who(who: Authentication) -> Event:
    ran_by = who.authenticating
    realm = who.authenticated_by.name
    shown: Event = {
        "authentication.type": who.type.upper(),
        "user.name": who.user.username,
        "user.realm": realm if who.lookup_by is None else who.lookup_by.name,
    }
    if ran_by is not None:
        shown |= {"user.run_by.name": ran_by.username, "user.run_by.realm": realm}
    if who.api_key is not None:
        # Whose realm the key's owner is of is not known here; Elasticsearch would name it.
        shown |= {"apikey.id": who.api_key.id, "apikey.name": who.api_key.name, "user.realm": None}
    if who.service_token is not None:
        shown["authentication.token.name"] = who.service_token
    return shown


def _roles(who: Authentication) -> list[str]:
    return [who.user.username] if who.service_token is not None else list(who.user.roles)
