"""Whether somebody may do an action.

Roles are not compared with actions yet: who has the role `superuser` may do everything, everybody else only what
concerns himself.
"""

from __future__ import annotations

from typing import Final

from isthmus.errors import IsthmusError
from isthmus.security.subject import Authentication

SUPERUSER: Final = "superuser"
OWN: Final = frozenset({"cluster:admin/xpack/security/user/authenticate"})
"""What everybody may do who is known."""


class AuthorizationError(IsthmusError):
    """Somebody who is known may not do what he asks for."""

    type = "security_exception"
    status = 403
    exit_code = 77


def check_authorized(who: Authentication, action: str) -> None:
    """Raise AuthorizationError unless `who` may do `action`, by Elasticsearch's name."""
    if who.type == "internal" or action in OWN:
        return
    restricted = who.api_key is not None and who.api_key.role_descriptors != b"{}"
    if SUPERUSER in who.user.roles and not restricted:
        return
    raise AuthorizationError(
        f"action [{action}] is unauthorized for {_described(who)}",
        hint=f"only the role [{SUPERUSER}] is granted anything yet",
    )


def _described(who: Authentication) -> str:
    user = f"user [{who.user.username}] with effective roles [{','.join(who.user.roles)}]"
    return user if who.api_key is None else f"API key id [{who.api_key.id}] of {user}"
