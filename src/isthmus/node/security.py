"""The security of a node, put together: who is asking."""

from __future__ import annotations

from isthmus.rest.routing import Route
from isthmus.rest.security.users import UserHandlers
from isthmus.rest.security.who import who_routes
from isthmus.security.api_keys.realm import ApiKeys
from isthmus.security.authenticator import Authenticator, Realms
from isthmus.security.users.file import FileUsers
from isthmus.security.users.native import StateUsers
from isthmus.security.users.service import UserService
from isthmus.settings import Settings
from isthmus.state.replicated import ReplicatedMap


class NodeSecurity:
    """What one node knows of those who ask."""

    def __init__(self, settings: Settings, state: ReplicatedMap, node_name: str) -> None:
        self.users = StateUsers(state, node_name)
        self.files = FileUsers(settings.conf_dir, node_name)
        self.api_keys = ApiKeys(state, node_name)
        realms = Realms(passwords=(self.users, self.files), api_keys=self.api_keys)
        self.authenticator = Authenticator(realms)
        self._user_service = UserService(state, self.users)

    def routes(self) -> tuple[Route, ...]:
        """Return the routes of `_security`."""
        return (*who_routes(), *UserHandlers(self._user_service).routes())

    def close(self) -> None:
        """End the threads that check passwords."""
        self.authenticator.close()
