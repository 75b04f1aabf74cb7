"""Why somebody may or may not search an index of another cluster: which side refuses, and what to change there.

The other cluster decides, so it is asked: once as somebody whom its API key alone limits, once as the user himself.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/remote-clusters-api-key.html
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Final

import msgspec

from isthmus.errors import IsthmusError
from isthmus.index.metadata.expressions import Options
from isthmus.query.search_request import MAX_TRACKED, SearchRequest
from isthmus.remote.linking.link import Link
from isthmus.remote.linking.registry import RemoteClusters
from isthmus.remote.linking.subject import headers_of, remote_layers, subject_of, unlimited_subject
from isthmus.remote.outgoing.asking import RoleSets
from isthmus.remote.outgoing.requests import search_request
from isthmus.remote.outgoing.responses import result_of
from isthmus.remote.outgoing.sources import source_of
from isthmus.security.credentials import ApiKeyCredentials, read_authorization
from isthmus.security.patterns import patterns
from isthmus.security.roles.descriptor import IndicesPrivileges, RoleDescriptor
from isthmus.security.subject import Authentication
from isthmus.wire.cross_cluster_access import SubjectInfo
from isthmus.wire.search.requests import SEARCH_REQUEST
from isthmus.wire.search.responses import SEARCH_RESPONSE

SEARCH: Final = "indices:data/read/search"
READ: Final = ("read", "read_cross_cluster")
FORBIDDEN: Final = 403
SECONDS: Final = 10.0
_COUNTING: Final = SearchRequest(size=0, track_total_hits=MAX_TRACKED)

FindUser = Callable[[str], Authentication | None]
"""The user of a name, as whom an administrator acts; None if there is none, or if he is disabled."""
Seen = int | IsthmusError
"""How many documents are seen, or why none."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a search needs, whether it is there, and if not what `todo`."""

    text: str
    good: bool = True
    todo: str = ""


class Rights:
    """Explains what the users of this cluster may search in `clusters`."""

    def __init__(self, clusters: RemoteClusters, role_sets: RoleSets, find_user: FindUser, node_name: str) -> None:
        self._clusters = clusters
        self._role_sets = role_sets
        self._find_user = find_user
        self._node_name = node_name

    async def explain(self, alias: str, index: str, username: str) -> list[Step]:
        """Return what a search of `index` there needs, up to the first thing that is missing.

        Raises NoSuchRemoteClusterError.
        """
        steps = []
        async for step in self._steps(self._clusters.link(alias), index, username):
            steps.append(step)
            if not step.good:
                break
        return steps

    async def _steps(self, link: Link, index: str, username: str) -> AsyncIterator[Step]:
        by_key = await self._seen(link, index, unlimited_subject(self._node_name))
        yield _linked(link)
        yield _key(link.config.alias, index, self._clusters.credentials(link.config.alias), by_key)
        who = self._find_user(username)
        yield _user(username, who)
        if who is None:
            return
        sets = self._role_sets(who)
        layers = remote_layers(link.config.alias, sets)
        granted = _granted(link.config.alias, sets)
        yield _roles(link.config.alias, index, who, granted)
        by_user = await self._seen(link, index, subject_of(who, layers or (), self._node_name))
        yield _outcome(index, username, granted, by_user, by_key)

    async def _seen(self, link: Link, index: str, subject: SubjectInfo) -> Seen:
        alias = link.config.alias
        source = source_of({}, _COUNTING, {})
        request = search_request(alias, index, Options(), source, allow_partial=None, now=0)
        try:
            headers = headers_of(self._clusters.credentials(alias), subject)
            answer = await link.exchange(SEARCH, SEARCH_REQUEST.encode(request), headers, SECONDS)
        except IsthmusError as error:
            return error
        return result_of(alias, _COUNTING, SEARCH_RESPONSE.decode(answer)).total


def _linked(link: Link) -> Step:
    address = ", ".join(link.config.addresses)
    if link.connections:
        return Step(text=f"[{link.config.alias}] is the cluster [{link.cluster_name}], linked by {address}")
    trouble = link.trouble
    if trouble is None:
        return Step(good=False, text=f"there is no connection to {address} yet", todo="try again")
    where = f"{trouble.error.where}: " if trouble.error.where else ""
    return Step(good=False, text=f"there is no link: {where}{trouble.error.reason}", todo=trouble.error.hint or "")


def _key(alias: str, index: str, credentials: str, seen: Seen) -> Step:
    key = read_authorization(f"ApiKey {credentials}")
    id_ = key.id if isinstance(key, ApiKeyCredentials) else "?"
    if not isinstance(seen, IsthmusError):
        return Step(text=f"its API key [{id_}] lets [{index}] be searched: {seen} documents")
    if seen.status != FORBIDDEN:
        return Step(good=False, text=f"[{index}] cannot be searched there: {seen.reason}", todo=seen.hint or "")
    access = msgspec.json.encode({"access": {"search": [{"names": [index]}]}}).decode()
    return Step(
        good=False,
        text=f"[{alias}] refuses: its API key [{id_}] does not let [{index}] be searched ({seen.reason})",
        todo=f"there, beside all that the key grants now: PUT /_security/cross_cluster/api_key/{id_} {access}",
    )


def _user(username: str, who: Authentication | None) -> Step:
    if who is None:
        return Step(good=False, text=f"no native, built-in or file user is called [{username}], or he is disabled")
    return Step(text=f"[{username}] has the roles [{', '.join(who.user.roles)}]")


Granted = Sequence[tuple[str, IndicesPrivileges]]
"""What is granted in another cluster, each with the role that does."""


def _granted(alias: str, sets: Sequence[Sequence[RoleDescriptor]]) -> Granted:
    return [
        (role.name, group.indices)
        for roles in sets
        for role in roles
        for group in role.remote_indices
        if patterns(*group.clusters).matches(alias)
    ]


def _roles(alias: str, index: str, who: Authentication, granted: Granted) -> Step:
    if granted:
        told = "; ".join(
            f"[{role}] grants [{', '.join(one.privileges)}] on [{', '.join(one.names)}]" for role, one in granted
        )
        return Step(text=f"for [{alias}] {told}")
    group = msgspec.json.encode({"remote_indices": [{"clusters": [alias], "names": [index], "privileges": READ}]})
    role = who.user.roles[0] if who.user.roles else "a_new_role_of_the_user"
    return Step(
        good=False,
        text=f"this cluster refuses, and sends nothing: none of the roles has [remote_indices] for [{alias}]",
        todo=f"here, beside all that the role grants now: PUT /_security/role/{role} {group.decode()}",
    )


def _outcome(index: str, username: str, granted: Granted, seen: Seen, by_key: Seen) -> Step:
    if not isinstance(seen, IsthmusError):
        return Step(text=f"[{username}] sees {seen} of the {by_key} documents that the API key shows")
    roles = ", ".join(dict.fromkeys(role for role, _ in granted))
    return Step(
        good=False,
        text=f"the roles of this cluster do not let [{username}] search [{index}] there ({seen.reason})",
        todo=f"here, let [remote_indices] of one of the roles [{roles}] name [{index}] with [{', '.join(READ)}]",
    )
