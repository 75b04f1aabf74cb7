"""A port for other clusters in this process, and the key that it takes."""

from __future__ import annotations

import base64

import msgspec

from isthmus.remote.server.access import RemoteAccess
from isthmus.remote.server.actions import RemoteActions
from isthmus.remote.server.port import RemoteClusterPort
from isthmus.security.api_keys.access import parse_access
from isthmus.security.api_keys.realm import ApiKeys
from isthmus.security.api_keys.stored import API_KEYS, ApiKey
from isthmus.security.authorization.permission import Permission, api_key_permission
from isthmus.security.random_secrets import hash_secret, new_secret
from isthmus.security.subject import Authentication, RealmRef, User
from isthmus.state.replicated import ReplicatedMap
from isthmus.transport.registry import ActionRegistry
from isthmus.wire.nodes import DiscoveryNode

SECRET = new_secret()
CREDENTIALS = base64.b64encode(f"k1:{SECRET}".encode()).decode()
KEY = ApiKey(
    id="k1",
    name="near",
    type="cross_cluster",
    hash=hash_secret(SECRET),
    creator=User(username="admin"),
    realm=RealmRef("default_native", "native"),
    creation=1,
    role_descriptors=msgspec.Raw(parse_access({"search": [{"names": ["logs-*"]}]}).roles),
)
MAX_HEADER = 16 << 10


def node(name: str, port: int = 9443) -> DiscoveryNode:
    """A node of this machine."""
    return DiscoveryNode(name, f"id-{name}", "e", "127.0.0.1", "127.0.0.1", ("127.0.0.1", port))


def permission_of(who: Authentication) -> Permission:
    """What the key and what is said of its user leave."""
    assert who.api_key is not None
    return api_key_permission(who.api_key.role_descriptors, who.api_key.limited_by, who.api_key.limits)


class FarPort:
    """The port, from `open` to `close`; `address` is where it is bound, and stays so when it is opened again."""

    def __init__(self, state: ReplicatedMap, cluster_name: str = "far") -> None:
        self._state = state
        self._cluster_name = cluster_name
        self.address = ("127.0.0.1", 0)
        self.port = self._make()

    async def open(self) -> None:
        """Listen."""
        await self._state.put(API_KEYS.key("k1"), API_KEYS.encode(KEY))
        (self.address,) = await self.port.bind(["127.0.0.1"], [self.address[1]])

    async def close(self) -> None:
        """End every connection; another port takes the place."""
        await self.port.close()
        self.port = self._make()

    def _make(self) -> RemoteClusterPort:
        return RemoteClusterPort(
            None,
            max_header=MAX_HEADER,
            cluster_name=self._cluster_name,
            local_node=lambda: node("one", self.address[1]),
            nodes=list,
            refused=lambda _: None,
            make_actions=self._actions,
        )

    def _actions(self, registry: ActionRegistry) -> RemoteActions:
        actions = RemoteActions(registry, RemoteAccess(ApiKeys(self._state, lambda: 10)), permission_of, lambda: None)
        actions.serve("indices:data/read/search", lambda _body, _channel: b"found")
        actions.serve("cluster:monitor/health", lambda _body, _channel: b"told")
        return actions
