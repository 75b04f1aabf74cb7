"""The receiving side: the one place where what other nodes ask for is judged again.

A certificate of the cluster lets a peer speak, and what it says of who acts is believed: a node may act for anybody, as
in Elasticsearch. What that somebody may do is decided here, by the roles as this node knows them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from isthmus.errors import IsthmusError
from isthmus.security.acting import Acting, act_as, acting_as
from isthmus.security.authorization.permission import Permission
from isthmus.security.forwarding.header import HEADER, Carried, decode_header
from isthmus.security.forwarding.system import SYSTEM, system
from isthmus.security.patterns import patterns
from isthmus.security.subject import Authentication
from isthmus.transport.messages import Action, ForNodes, ForUsers

Permissions = Callable[[Authentication], Permission]
Aliases = Callable[[str], Iterable[str]]
"""The aliases of an index."""


class ForwardedError(IsthmusError):
    """A request of another node that says of nobody, or of the wrong one, that he asks."""

    type = "security_exception"
    status = 403
    exit_code = 77


class Guard:
    """Serves requests as whom they are made, if he may; see `isthmus.transport.registry.Guard`.

    `permissions` tells what somebody may do by this node's copy of the state.
    """

    def __init__(self, permissions: Permissions, aliases: Aliases) -> None:
        self._permissions = permissions
        self._aliases = aliases

    def serve(
        self, action: Action[Any, Any], request: object, headers: Mapping[str, str], handler: Callable[[], object]
    ) -> object:
        """Call `handler` as who acts; what it returns to await is awaited as him too.

        Raises AuthorizationError, ForwardedError, MalformedError.
        """
        who = self.judge(action, request, headers)
        with acting_as(who):
            result = handler()
        return awaited_as(who, result) if isinstance(result, Awaitable) else result

    def judge(self, action: Action[Any, Any], request: object, headers: Mapping[str, str]) -> Acting:
        """Return who acts, if he may. Raises as `serve`."""
        value = headers.get(HEADER)
        carried = None if value is None else decode_header(value)
        if isinstance(action.asked, ForNodes):
            return _node(action, carried)
        if carried is None:
            raise ForwardedError(
                f"missing authentication credentials for action [{action.name}]",
                hint="the node that asks is of a version that does not say for whom: upgrade it",
            )
        if not patterns(*action.asked.actions).matches(carried.action):
            raise ForwardedError(f"action [{action.name}] is no part of the action [{carried.action[:200]}]")
        if carried.authentication.type == "internal":
            return _own(action, action.asked, carried)
        who = Acting(carried.authentication, self._permissions(carried.authentication), carried.action)
        self._check(who, action.asked, request)
        return who

    def _check(self, who: Acting, asked: ForUsers, request: object) -> None:
        indices = tuple(asked.indices(request))
        for needed in (who.action,) if asked.needs is None else asked.needs(request):
            by = replace(who, action=needed)
            if not indices:
                by.check()
            unseen = [name for name in indices if not self._sees(by, name)]
            if unseen:
                raise by.refusal(*unseen)

    def _sees(self, who: Acting, index: str) -> bool:
        """Messages name an index itself: who asked for it may have rights to an alias of it."""
        return who.sees(index) or any(who.sees(alias) for alias in self._aliases(index))


def _node(action: Action[Any, Any], carried: Carried | None) -> Acting:
    """What only nodes ask for needs no header: there is nobody else for whom it might be."""
    if carried is not None and carried.authentication != SYSTEM:
        name = carried.authentication.user.username[:200]
        raise ForwardedError(f"action [{action.name}] is for nodes of the cluster, not for the user [{name}]")
    return system(action.name)


def _own(action: Action[Any, Any], asked: ForUsers, carried: Carried) -> Acting:
    if carried.authentication != SYSTEM or not asked.nodes:
        name = carried.authentication.user.username[:200]
        raise ForwardedError(f"action [{action.name}] is for users, not for the internal user [{name}]")
    return system(carried.action)


async def awaited_as(who: Acting, result: Awaitable[object]) -> object:
    """Await `result` as `who`. It runs in a task of its own, so nobody else becomes him."""
    act_as(who)
    return await result
