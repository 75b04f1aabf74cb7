"""Who acts, by which action, and what he may: known wherever a request leads, without being handed on.

It is set where a request comes in and read where names become indices. What a task begins inherits it; where nobody
was set, nothing is done for anybody: `acting` fails.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from isthmus.errors import IsthmusError
from isthmus.security.authorization.access import IndexAccess
from isthmus.security.authorization.denial import denied
from isthmus.security.authorization.limits import Limits, limits_of
from isthmus.security.authorization.permission import Permission
from isthmus.security.privileges.actions import is_cluster_action
from isthmus.security.subject import Authentication


class Audit(Protocol):
    """Where it is told what was decided for a request."""

    def granted(self, who: Authentication, action: str, names: Iterable[str] | None) -> None:
        """An action was granted, on the indices and aliases `names`; None: on none by name."""

    def denied(self, who: Authentication, action: str, names: Iterable[str] | None) -> None:
        """An action was denied."""

    def changed(self, action: str, what: Mapping[str, Any]) -> None:
        """Users, roles, keys or the like were changed; see `audit.changes`."""


@dataclass(frozen=True, slots=True)
class Acting:
    """`action` is Elasticsearch's name of what is done; `audit` is None where no trail is kept."""

    authentication: Authentication
    permission: Permission
    action: str
    audit: Audit | None = field(default=None, compare=False, repr=False)

    def check(self) -> None:
        """Raise AuthorizationError if the action is granted neither of the cluster nor on any index.

        Some actions on API keys may be granted for one's own alone: who serves them asks `only_own`.
        """
        if is_cluster_action(self.action):
            allowed = self.permission.allows_cluster(self.action)
        else:
            allowed = self.permission.allows_some_index(self.action)
        if not allowed:
            raise self.refusal()
        if self.audit is not None and is_cluster_action(self.action) and not self.only_own:
            self.granted(())

    @property
    def only_own(self) -> bool:
        """Whether the action is granted for one's own API keys alone."""
        return self.permission.cluster_access(self.action) == "own"

    def sees(self, name: str) -> bool:
        """Tell whether the action is granted on the index or alias of this name, be it on a part of it only."""
        return self.permission.allows_index(self.action, name)

    def access(self, *names: str) -> IndexAccess:
        """Return what the action may see of an index that is meant by `names`: its own, or aliases of it."""
        return self.permission.access(names, self.action)

    def limits(self, action: str, names: tuple[str, ...]) -> Limits | None:
        """Return what is kept from `action` of an index that is meant by `names`, None if nothing is.

        Raises UsageError for a role query that cannot be read: then nothing may be shown.
        """
        return limits_of(self.permission.access(names, action), self.authentication.user)

    def granted(self, names: Iterable[str]) -> None:
        """The action is granted, on `names`: to be called where names became what they mean. It is audited."""
        if self.audit is not None:
            self.audit.granted(self.authentication, self.action, names)

    def refusal(self, *names: str) -> IsthmusError:
        """Return the error that tells that the action is not granted, on `names` if there are some; it is audited."""
        if self.audit is not None:
            self.audit.denied(self.authentication, self.action, names)
        return denied(self.authentication, self.permission, self.action, names)


_ACTING: ContextVar[Acting] = ContextVar("acting")


def acting() -> Acting:
    """Return who acts. Raises LookupError where nobody was set."""
    return _ACTING.get()


def check_seen(names: Iterable[str]) -> None:
    """Raise AuthorizationError if who acts may not use one of the names."""
    who = acting()
    asked = list(names)
    unseen = [name for name in asked if not who.sees(name)]
    if unseen:
        raise who.refusal(*unseen)
    if asked:
        who.granted(asked)


def config_changed(action: str, what: Mapping[str, Any]) -> None:
    """Audit that something of security was changed; see `audit.changes`."""
    audit = acting().audit
    if audit is not None:
        audit.changed(action, what)


def act_as(who: Acting) -> None:
    """Be `who` from here on, wherever this context leads."""
    _ACTING.set(who)


@contextmanager
def acting_as(who: Acting) -> Iterator[None]:
    """Do what is in the block as `who`."""
    token = _ACTING.set(who)
    try:
        yield
    finally:
        _ACTING.reset(token)


@contextmanager
def doing(action: str) -> Iterator[None]:
    """Do what is in the block by another action: a request may be made of several."""
    with acting_as(replace(acting(), action=action)):
        yield
