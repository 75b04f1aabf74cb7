"""Other clusters are asked for somebody: what his roles grant him there is sent along. Without any nothing is sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from isthmus.remote.linking.link import Link
from isthmus.remote.linking.registry import RemoteClusters
from isthmus.remote.linking.subject import headers_of, remote_layers, subject_of
from isthmus.remote.outgoing.expressions import Split, split
from isthmus.security.acting import acting
from isthmus.security.authorization.denial import denied_elsewhere
from isthmus.security.roles.descriptor import RoleDescriptor
from isthmus.security.subject import Authentication

RoleSets = Callable[[Authentication], Sequence[Sequence[RoleDescriptor]]]
"""The sets of roles that limit somebody, as this cluster has them."""


@dataclass(frozen=True)
class Asker:
    """Asks the cluster `alias` for an action. `headers()` raises ConnectError where there is no API key to show."""

    alias: str
    link: Link
    action: str
    headers: Callable[[], Mapping[str, str]]

    @property
    def may_be_skipped(self) -> bool:
        """Whether the rest goes on without the cluster."""
        return self.link.config.skip_unavailable

    async def ask(self, body: bytes, timeout: float) -> bytes:
        """Return the answer's body; `timeout` is in seconds. Raises ConnectError, and as `Link.exchange`."""
        return await self.link.exchange(self.action, body, self.headers(), timeout)


class Asking:
    """Asks `clusters`; `role_sets` tells what roles somebody has, `node_name` is this node's."""

    def __init__(self, clusters: RemoteClusters, role_sets: RoleSets, node_name: str) -> None:
        self._clusters = clusters
        self._role_sets = role_sets
        self._node_name = node_name

    def split(self, expression: str) -> Split:
        """Return which names are of which cluster. Raises as `expressions.split`."""
        return split(expression, list(self._clusters.links))

    def asker(self, alias: str, action: str) -> Asker:
        """Return what asks a cluster for who acts. Raises AuthorizationError if no role grants him anything there."""
        who = acting()
        layers = remote_layers(alias, self._role_sets(who.authentication))
        if layers is None:
            raise denied_elsewhere(who.authentication, who.permission, action)
        subject = subject_of(who.authentication, layers, self._node_name)
        return Asker(
            alias, self._clusters.link(alias), action, lambda: headers_of(self._clusters.credentials(alias), subject)
        )
