"""A node with indices of its own, whose neighbour is a member but does not answer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from isthmus.cluster.messages import Member
from isthmus.errors import UnavailableError
from tests.rest.client import Answered, Client
from tests.rest.node import FIRST, ANode

JSON = {"Content-Type": "application/json"}


class Members:
    """The members that a node sees; takes the place of `Membership`."""

    def __init__(self, node: ANode) -> None:
        self.me = FIRST
        self._node = node

    @property
    def members(self) -> Sequence[Member]:
        return self._node.members()


class Cluster:
    """Takes the place of `ClusterService`: nobody else answers."""

    def __init__(self, node: ANode) -> None:
        self.membership = Members(node)

    async def ask(self, member: Member, action: object, request: object, *, timeout: float) -> object:
        raise UnavailableError(f"[{member.name}] does not answer")


class Site:
    """Sends JSON and gives answers."""

    def __init__(self, client: Client) -> None:
        self.client = client

    async def send(self, method: str, path: str, body: Any = None) -> Answered:
        if body is None:
            return await self.client.ask(method, path)
        return await self.client.ask(method, path, headers=JSON, data=json.dumps(body))

    async def get(self, path: str) -> Any:
        """The JSON of an answer that is well."""
        answered = await self.client.get(path)
        assert answered.status == 200, answered.text
        return answered.json

    async def make(self, index: str, **body: Any) -> None:
        """Make an index."""
        made = await self.send("PUT", f"/{index}", body)
        assert made.status == 200, made.text

    async def write(self, index: str, *documents: Any) -> None:
        """Write documents, numbered from 0, and let searches see them."""
        for at, document in enumerate(documents):
            written = await self.send("PUT", f"/{index}/_doc/{at}", document)
            assert written.status in (200, 201), written.text
        await self.send("POST", f"/{index}/_refresh")
