"""A node for the admin socket: its users can be changed."""

from __future__ import annotations

from isthmus.rest.view import ClusterHealth, Status
from isthmus.state.errors import MasterNotDiscoveredError
from tests.security.doubles import SomeUsers


class AnAdminNode:
    """Implements `AdminView`."""

    def __init__(self) -> None:
        self.users = SomeUsers({"elastic": "old hash"})
        self.status: Status = "green"
        self.writable = True

    def health(self) -> ClusterHealth:
        return ClusterHealth(self.status, 1, 1)

    def has_user(self, username: str) -> bool:
        return username in self.users.hashes

    async def set_password_hash(self, username: str, hashed: str) -> None:
        if not self.writable:
            raise MasterNotDiscoveredError("the owner is away")
        self.users.hashes[username] = hashed
