"""What a request to make or change a user says, checked. Pure.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/security-api-put-user.html
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from isthmus.errors import UsageError
from isthmus.security.credentials import is_username
from isthmus.security.passwords import HASH_PREFIXES, WeakPasswordError, check_password
from isthmus.security.users.native import RESERVED

MAX_ROLES: Final = 1_000
MAX_TEXT: Final = 1_000
_KNOWN: Final = ("email", "enabled", "full_name", "metadata", "password", "password_hash", "roles", "username")
_BCRYPT_LENGTH: Final = 60
_NAME_RULE: Final = (
    "Usernames must be at least [1] and no more than [507] characters. They can contain alphanumeric characters (a-z, "
    "A-Z, 0-9), spaces, punctuation, and printable symbols in the Basic Latin (ASCII) block. Leading or trailing "
    "whitespace is not allowed."
)


class ValidationError(UsageError):
    """A request that is well formed and says something that cannot be."""

    type = "action_request_validation_exception"

    def __init__(self, *problems: str) -> None:
        listed = "".join(f"{number}: {problem};" for number, problem in enumerate(problems, 1))
        super().__init__(f"Validation Failed: {listed}")


class UserParseError(UsageError):
    """A body that does not describe a user."""

    type = "parse_exception"


@dataclass(frozen=True, slots=True, kw_only=True)
class PutUser:
    """A user as he shall be; no `password` and no `password_hash`: those of before stay."""

    username: str
    password: str | None = field(default=None, repr=False)
    password_hash: str | None = field(default=None, repr=False)
    roles: tuple[str, ...]
    full_name: str | None = None
    email: str | None = None
    metadata: Mapping[str, Any]
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class NewPassword:
    """A password, or the hash of one."""

    password: str | None = field(repr=False)
    password_hash: str | None = field(repr=False)


def put_user(username: str, body: Any) -> PutUser:
    """Return what a body says of the user `username`. Raises UsageError, WeakPasswordError."""
    given = _object(body, _KNOWN, "add user request")
    check_may_be_named(username, given.get("username"))
    problems = list(_problems(username, given))
    if problems:
        raise ValidationError(*problems)
    secret = _new_password(given)
    return PutUser(
        username=username,
        password=secret.password,
        password_hash=secret.password_hash,
        roles=_roles(given["roles"]),
        full_name=_text(given, "full_name"),
        email=_text(given, "email"),
        metadata=_metadata(given),
        enabled=_boolean(given, "enabled"),
    )


def new_password(body: Any) -> NewPassword:
    """Return what a body says that a password shall be. Raises UsageError, WeakPasswordError."""
    found = _new_password(_object(body, ("password", "password_hash"), "change password request"))
    if found.password is None and found.password_hash is None:
        raise ValidationError("password cannot be null or empty")
    return found


def check_may_be_named(username: str, told: Any = None) -> None:
    """Raise UsageError unless a user that is not built in may have this name, told twice alike."""
    if username in RESERVED:
        raise UsageError(f"user [{username}] is reserved and only the password can be changed")
    if told not in (None, username):
        raise UsageError(f"the body is of user [{str(told)[:100]}], the path of user [{username[:100]}]")


def _problems(username: str, given: Mapping[str, Any]) -> list[str]:
    problems = []
    if not is_username(username):
        problems.append(_NAME_RULE)
    if given.get("roles") is None:
        problems.append("roles are missing")
    if any(name.startswith("_") for name in _metadata(given)):
        problems.append("metadata keys may not start with [_]")
    return problems


def _object(body: Any, known: tuple[str, ...], what: str) -> Mapping[str, Any]:
    if not isinstance(body, dict):
        raise UserParseError(f"failed to parse {what}. a JSON object is expected")
    for name in body:
        if name not in known:
            near = difflib.get_close_matches(name[:100], known, 1)
            hint = f"did you mean [{near[0]}]?" if near else f"known are {', '.join(known)}"
            raise UserParseError(f"failed to parse {what}. unexpected field [{name[:100]}]", hint=hint)
    return body


def _new_password(given: Mapping[str, Any]) -> NewPassword:
    password, hashed = given.get("password"), given.get("password_hash")
    for name, value in (("password", password), ("password_hash", hashed)):
        if value is not None and not isinstance(value, str):
            raise UserParseError(f"expected field [{name}] to be a string")
    if password is not None and hashed is not None:
        raise UsageError("password_hash and password can't both be provided")
    if password is not None:
        check_password(password)
    if hashed is not None and (not hashed.startswith(HASH_PREFIXES) or len(hashed) != _BCRYPT_LENGTH):
        raise WeakPasswordError("the provided password hash is not a valid hash of bcrypt")
    return NewPassword(password, hashed)


def _roles(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        value = value.split(",")
    if not isinstance(value, list) or not all(isinstance(one, str) and one.strip() for one in value):
        raise UserParseError("expected field [roles] to be an array of names of roles")
    if len(value) > MAX_ROLES:
        raise UsageError(f"a user has at most {MAX_ROLES} roles")
    return tuple(dict.fromkeys(one.strip() for one in value))


def _text(given: Mapping[str, Any], name: str) -> str | None:
    value = given.get(name)
    if value is not None and not isinstance(value, str):
        raise UserParseError(f"expected field [{name}] to be a string")
    if value is not None and len(value) > MAX_TEXT:
        raise UsageError(f"[{name}] has at most {MAX_TEXT} characters")
    return value


def _metadata(given: Mapping[str, Any]) -> Mapping[str, Any]:
    value = given.get("metadata")
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise UserParseError("expected field [metadata] to be an object")
    return value


def _boolean(given: Mapping[str, Any], name: str) -> bool:
    value = given.get(name, True)
    if not isinstance(value, bool):
        raise UserParseError(f"expected field [{name}] to be true or false")
    return value
