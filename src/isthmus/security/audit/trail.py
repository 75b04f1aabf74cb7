"""Events become lines: with the time and the node, by the policy, each decision of a request once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from isthmus.security.audit import events
from isthmus.security.audit.bodies import shown_body
from isthmus.security.audit.events import Asked, Event
from isthmus.security.audit.policy import Policy
from isthmus.security.credentials import Basic, Unreadable, read_authorization
from isthmus.security.privileges.actions import is_cluster_action
from isthmus.security.subject import Authentication

Node = Callable[[], Mapping[str, str | None]]


class Trail:
    """Gives the lines of events to `write`; `node` tells what every line says of this node.

    `shows_bodies`: what somebody who is known sent is shown with him, without its secrets.
    """

    def __init__(
        self,
        policy: Policy,
        write: Callable[[str], None],
        node: Node = dict,
        *,
        shows_bodies: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.shows_bodies = shows_bodies
        self._policy = policy
        self._write = write
        self._node = node
        self._clock = clock

    def begin(self, asked: Asked) -> RequestTrail:
        """Return where the events of one request are told."""
        return RequestTrail(self, asked)

    def connection_denied(self, address: str, profile: str, rule: str) -> None:
        """See `events.connection_denied`."""
        self.tell(events.connection_denied(address, profile, rule))

    def tell(self, event: Event) -> None:
        """Write an event, if the policy wants it."""
        if self._policy.tells(event):
            stamp = {"type": "audit", "timestamp": _timestamp(self._clock())}
            self._write(events.rendered({**stamp, **self._node(), **event}))


class RequestTrail:
    """The events of one request: implements `acting.Audit`."""

    def __init__(self, trail: Trail, asked: Asked) -> None:
        self._trail = trail
        self._asked = asked
        self._is_known = False
        self._told: set[tuple[str, str, tuple[str, ...]]] = set()

    def came(self, who: Authentication) -> None:
        """Somebody is known. Where bodies are shown it is told once the body is there, or in the end."""
        if not self._trail.shows_bodies:
            self._known(who, None)

    def sent(self, who: Authentication, body: bytes) -> None:
        """The request's body was read."""
        if self._trail.shows_bodies:
            self._known(who, shown_body(self._asked.path, body))

    def nobody(self, authorization: str | None, claimed: str | None = None) -> None:
        """It is not known who asks with this header: failed, or as good as none, as Elasticsearch tells them apart.

        `claimed` is the name in a certificate that did not do.
        """
        match read_authorization(authorization):
            case None if claimed is not None:
                self._refused("authentication_failed", claimed)
            case Basic(username, _):
                self._refused("authentication_failed", username)
            case Unreadable() if _is_basic(authorization):
                self._refused("authentication_failed")
            case _:
                self._refused("anonymous_access_denied")

    def refused_key(self) -> None:
        """The API key of another cluster does not do."""
        self._refused("authentication_failed")

    def tampered(self) -> None:
        """The request contradicts itself in who sends it."""
        self._refused("tampered_request")

    def granted(self, who: Authentication, action: str, names: Iterable[str] | None) -> None:
        """See `acting.Audit`."""
        self._decided("access_granted", who, action, names)

    def denied(self, who: Authentication, action: str, names: Iterable[str] | None) -> None:
        """See `acting.Audit`."""
        self._decided("access_denied", who, action, names)

    def ran_as(self, who: Authentication, action: str, *, granted: bool) -> None:
        """Who authenticated may, or may not, act as `who.user`: told before anything is decided on that user."""
        outcome = "run_as_granted" if granted else "run_as_denied"
        roles = (who.authenticating or who.user).roles
        self._trail.tell(events.ran_as(self._asked, outcome, who, roles, action))

    def changed(self, action: str, what: Mapping[str, Any]) -> None:
        """See `acting.Audit`."""
        self._trail.tell(events.changed(self._asked, action, what))

    def end(self, who: Authentication, action: str) -> None:
        """Tell what was not told yet: that somebody came, and that his action was granted without naming an index."""
        if not self._is_known:
            self._known(who, None)
        if not any(told == action for _, told, _ in self._told):
            self.granted(who, action, None)

    def _known(self, who: Authentication, body: str | None) -> None:
        self._is_known = True
        self._trail.tell(events.authenticated(self._asked, who, body))

    def _refused(self, action: str, username: str | None = None) -> None:
        self._trail.tell(events.not_authenticated(self._asked, action, username))

    def _decided(self, outcome: str, who: Authentication, action: str, names: Iterable[str] | None) -> None:
        indices = None if is_cluster_action(action) or names is None else tuple(sorted(set(names)))
        decision = (outcome, action, indices or ())
        if decision not in self._told:
            self._told.add(decision)
            self._trail.tell(events.decided(self._asked, outcome, who, action, indices))


def _is_basic(authorization: str | None) -> bool:
    return (authorization or "").strip().lower().startswith("basic ")


def _timestamp(now: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f",{int(now * 1000) % 1000:03d}+0000"
