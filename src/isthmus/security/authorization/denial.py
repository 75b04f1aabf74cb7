"""The sentence for somebody who may not, as Elasticsearch's users know it. Pure."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from isthmus.errors import IsthmusError
from isthmus.security.authorization.permission import Permission
from isthmus.security.authorization.role import RESTRICTED
from isthmus.security.patterns import patterns
from isthmus.security.privileges.actions import (
    cluster_privileges_granting,
    index_privileges_granting,
    is_cluster_action,
    is_index_action,
)
from isthmus.security.subject import Authentication, User

MAX_NAMES: Final = 100
_UNSHOWN: Final = ("manage_failure_store", "read_failure_store", "none")


class AuthorizationError(IsthmusError):
    """It is known who is asking, and he may not."""

    type = "security_exception"
    status = 403
    exit_code = 77


def denied(
    authentication: Authentication, permission: Permission, action: str, names: Collection[str] = ()
) -> AuthorizationError:
    """Return the refusal of an action, on those of `names` (all, if one may them all) that are not granted."""
    refused = [name for name in names if not permission.allows_index(action, name)] or list(names)
    sentence = f"action [{action}] is unauthorized for {_who(authentication, permission)}"
    if refused:
        sentence += f" {_where(refused)}"
    kind, granting = _granting(action)
    if granting:
        sentence += f", this action is granted by the {kind} privileges [{','.join(granting)}]"
    return AuthorizationError(sentence, hint=_hint(authentication, permission, granting, refused))


def denied_elsewhere(authentication: Authentication, permission: Permission, action: str) -> AuthorizationError:
    """Return the refusal of an action on another cluster, for which no role says anything."""
    return AuthorizationError(
        f"action [{action}] towards remote cluster is unauthorized for {_who(authentication, permission)} because no "
        "remote indices privileges apply for the target cluster",
        hint="give one of the roles [remote_indices] for the alias of the cluster",
    )


def run_as_denied(authentication: Authentication, permission: Permission, action: str) -> AuthorizationError:
    """Return the refusal to act as another; `permission` is of whoever authenticated."""
    who = _authenticated(authentication)
    roles = (
        ""
        if _has_no_roles(authentication)
        else _roles(authentication.authenticating or authentication.user, permission)
    )
    return AuthorizationError(
        f"action [{action}] is unauthorized for {who}{roles}, because {who} is unauthorized to run as "
        f"[{authentication.user.username}]"
    )


def _who(authentication: Authentication, permission: Permission) -> str:
    text = _authenticated(authentication)
    if authentication.authenticating is not None:
        return f"{text} run as [{authentication.user.username}]{_roles(authentication.user, permission)}"
    return text if _has_no_roles(authentication) else text + _roles(authentication.user, permission)


def _authenticated(authentication: Authentication) -> str:
    user = authentication.authenticating or authentication.user
    text = f"{'service account' if _is_service_account(user) else 'user'} [{user.username}]"
    key = authentication.api_key
    return text if key is None else f"API key id [{key.id}] of {text}"


def _has_no_roles(authentication: Authentication) -> bool:
    user = authentication.authenticating or authentication.user
    return authentication.api_key is not None or _is_service_account(user)


def _is_service_account(user: User) -> bool:
    return user.metadata.get("_elastic_service_account") is True


def _roles(user: User, permission: Permission) -> str:
    missing = sorted(set(user.roles) - set(permission.roles))
    unfound = f" (assigned roles [{','.join(missing)}] were not found)" if missing else ""
    return f" with effective roles [{','.join(permission.roles)}]{unfound}"


def _where(names: Collection[str]) -> str:
    restricted = patterns(*RESTRICTED)
    shown = sorted(names)[:MAX_NAMES]
    plain = ",".join(name for name in shown if not restricted.matches(name))
    closed = ",".join(name for name in shown if restricted.matches(name))
    parts = ([f"indices [{plain}]"] if plain else []) + ([f"restricted indices [{closed}]"] if closed else [])
    return f"on {' and '.join(parts)}"


def _granting(action: str) -> tuple[str, tuple[str, ...]]:
    if is_cluster_action(action):
        return "cluster", cluster_privileges_granting(action)
    if is_index_action(action):
        return "index", tuple(name for name in index_privileges_granting(action) if name not in _UNSHOWN)
    return "", ()


def _hint(
    authentication: Authentication, permission: Permission, granting: tuple[str, ...], names: Collection[str]
) -> str | None:
    if not granting:
        return None
    place = f" on [{min(names)}]" if names else ""
    if authentication.api_key is not None:
        return f"the API key, or its owner, lacks the privilege [{granting[0]}]{place}"
    roles = f"none of the roles [{','.join(permission.roles)}] has" if permission.roles else "there is no role with"
    return f"{roles} the privilege [{granting[0]}]{place}"
