"""What a request to make a role mapping says, checked. Pure.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/security-api-put-role-mapping.html
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from isthmus.errors import UsageError
from isthmus.query.json_object import JsonObject
from isthmus.query.mistakes import ParsingError, ValidationError
from isthmus.security.role_mappings.rules import RuleError, parse_rules
from isthmus.security.role_mappings.stored import RoleMapping

MAX_NAME: Final = 1_024
MAX_ROLES: Final = 1_000
MAX_BYTES: Final = 256 << 10
_REQUIRED: Final = ("roles", "rules", "enabled")


def new_role_mapping(name: str, body: Any) -> RoleMapping:
    """Return the mapping that a body tells of. Raises UsageError."""
    given = JsonObject(body, "role-mapping")
    _check_templates(given)
    made = RoleMapping(
        enabled=given.boolean("enabled", default=True),
        roles=given.texts("roles"),
        rules=given.json("rules") or {},
        metadata=given.json("metadata") or {},
    )
    given.end()
    for field in _REQUIRED:
        if field not in given:
            raise ParsingError(f"failed to parse role-mapping [{name[:100]}]. missing field [{field}]")
    _check(name, made)
    return made


def _check_templates(given: JsonObject) -> None:
    if given.json("role_templates") is None:
        return
    if given.json("roles"):
        raise _wrong("role-mapping cannot have both roles and role-templates")
    raise UsageError("[role_templates] of a role mapping is not supported", hint="name the roles in [roles]")


def _check(name: str, made: RoleMapping) -> None:
    try:
        parse_rules(made.rules, name[:100])
    except RuleError as cause:
        raise ParsingError(f"[role-mapping] failed to parse field [rules]: {cause.reason}") from cause
    if not made.roles:
        raise _wrong("role-mapping roles and role-templates cannot both be missing or empty")
    if not isinstance(made.metadata, dict):
        raise ParsingError("[metadata] of a role mapping is an object")
    if any(key.startswith("_") for key in made.metadata):
        raise _wrong("metadata keys may not start with [_]")
    if len(name) > MAX_NAME or len(made.roles) > MAX_ROLES or len(msgspec.json.encode(made)) > MAX_BYTES:
        raise UsageError(
            f"a role mapping has a name of at most {MAX_NAME} characters, at most {MAX_ROLES} roles, and takes at most "
            f"{MAX_BYTES} bytes"
        )


def _wrong(problem: str) -> ValidationError:
    return ValidationError(f"Validation Failed: 1: {problem};")
