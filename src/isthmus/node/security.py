"""The security of a node, put together: who is asking, and what he may do."""

from __future__ import annotations

import time
from collections.abc import Coroutine, Iterator
from typing import Final

from isthmus.rest.routing import Route
from isthmus.rest.security.api_key_grant import Grants
from isthmus.rest.security.api_keys import ApiKeyHandlers
from isthmus.rest.security.application_privileges import ApplicationPrivilegeHandlers
from isthmus.rest.security.role_mappings import RoleMappingHandlers
from isthmus.rest.security.roles import RoleHandlers
from isthmus.rest.security.service_accounts import ServiceAccountHandlers
from isthmus.rest.security.tokens import TokenHandlers
from isthmus.rest.security.users import UserHandlers
from isthmus.rest.security.who import who_routes
from isthmus.security.api_keys.realm import ApiKeys
from isthmus.security.api_keys.service import ApiKeyService
from isthmus.security.application_privileges.kept import ApplicationPrivileges
from isthmus.security.authenticator import Authenticator, Realms
from isthmus.security.pki_realms.reading import read_pki_realms
from isthmus.security.role_mappings.kept import RoleMappings
from isthmus.security.roles.registry import Roles
from isthmus.security.service_accounts.file import FileTokens
from isthmus.security.service_accounts.realm import ServiceAccountRealm, StateTokens
from isthmus.security.service_accounts.service import ServiceTokenService
from isthmus.security.subject import Authentication, RealmRef, User
from isthmus.security.tokens.realm import AccessTokens
from isthmus.security.tokens.service import TokenService
from isthmus.security.users.file import REALM as FILE_REALM
from isthmus.security.users.file import FileUsers
from isthmus.security.users.native import NATIVE_REALM, RESERVED_REALM, StateUsers
from isthmus.security.users.service import UserService
from isthmus.settings import Settings, node_settings
from isthmus.state.replicated import ReplicatedMap

REALMS: Final = (RESERVED_REALM, NATIVE_REALM, FILE_REALM)

_ADMINISTRATOR: Final = Authentication(
    user=User(username="_administrator"), authenticated_by=RealmRef("admin", "admin")
)


def _now() -> int:
    return time.time_ns() // 1_000_000


def _anonymous(settings: Settings) -> User | None:
    roles = settings.get(node_settings.ANONYMOUS_ROLES)
    if not roles:
        return None
    return User(username=settings.get(node_settings.ANONYMOUS_USERNAME), roles=roles)


class NodeSecurity:
    """What one node knows of those who ask. `challenges_anonymous`: see `make_app`."""

    def __init__(self, settings: Settings, state: ReplicatedMap, node_name: str) -> None:
        self.users = StateUsers(state, node_name)
        self._node_name = node_name
        self._state = state
        self._user_files = FileUsers(settings.conf_dir, node_name)
        self._token_file = FileTokens(settings.conf_dir)
        self._service_tokens = StateTokens(state)
        self._access_tokens = AccessTokens(state, _now)
        self.api_keys = ApiKeys(state, _now, node_name)
        self._mappings = RoleMappings(state)
        realms = Realms(
            passwords=(self.users, self._user_files),
            api_keys=self.api_keys,
            tokens=(
                ServiceAccountRealm((self._token_file, self._service_tokens), node_name),
                self._access_tokens,
            ),
            certificates=read_pki_realms(settings, self._mappings, node_name),
            anonymous=_anonymous(settings),
        )
        self.authenticator = Authenticator(realms)
        self.challenges_anonymous = not settings.get(node_settings.ANONYMOUS_AUTHZ_EXCEPTION)
        self.realms = (*REALMS, *(realm.ref.name for realm in realms.certificates))
        self._mappings.changed = self.authenticator.forget
        self.roles = Roles(state, settings.conf_dir, settings.get(node_settings.ANONYMOUS_ROLES))

    def routes(self) -> tuple[Route, ...]:
        """Return the routes of `_security`."""
        state = self._state
        applications = ApplicationPrivileges(state)
        service_tokens = ServiceTokenService(state, self._service_tokens, _now)
        api_keys = ApiKeyService(state, self.api_keys.keys, self.roles.descriptors_of, _now)
        return (
            *who_routes(),
            *RoleHandlers(self.roles, applications, _now).routes(),
            *ApplicationPrivilegeHandlers(applications).routes(),
            *RoleMappingHandlers(self._mappings).routes(),
            *UserHandlers(UserService(state, self.users), _now).routes(),
            *TokenHandlers(TokenService(state, self._access_tokens, _now), self.authenticator).routes(),
            *ApiKeyHandlers(api_keys, Grants(self.authenticator, self.roles.permission_of), _now).routes(),
            *ServiceAccountHandlers(service_tokens, self._token_file, self._node_name).routes(),
        )

    def found_by_administrator(self, username: str) -> Authentication | None:
        """Return a user of the realms with passwords, as whom the administrator of this machine acts."""
        found = self.authenticator.look_up(_ADMINISTRATOR, username)
        return None if found is None or found.lookup_by is None else found

    def watching(self) -> Iterator[Coroutine[None, None, None]]:
        """Return what watches the files of the configuration folder."""
        yield self._user_files.files.run()
        yield self._token_file.files.run()
        yield self.roles.files.run()

    def forget(self) -> None:
        """Drop what is kept of those who asked."""
        self.authenticator.forget()
        self.roles.forget()

    def close(self) -> None:
        """End the threads that check passwords."""
        self.authenticator.close()
