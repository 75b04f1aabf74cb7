"""What a request to make privileges of applications says, checked. Pure.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/security-api-put-privileges.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from isthmus.errors import UsageError
from isthmus.query.json_object import JsonObject
from isthmus.query.mistakes import ValidationError, XContentParseError
from isthmus.security.application_privileges.stored import ApplicationPrivilege
from isthmus.security.patterns import patterns

MAX_PRIVILEGES: Final = 10_000
MAX_ACTIONS: Final = 1_000
MAX_LENGTH: Final = 1_024
MAX_METADATA: Final = 64 << 10
_PREFIX: Final = "[a-z][A-Za-z0-9]*"
_NAME: Final = "[a-z][a-zA-Z0-9_.-]*"
_MIN_PREFIX: Final = 3
_SUFFIX: Final = re.compile(r"[^\\/*?\"<>|, ]*")


def new_privileges(body: Any) -> list[ApplicationPrivilege]:
    """Return the privileges that a body tells of, by applications and names. Raises UsageError."""
    if not isinstance(body, dict) or not all(isinstance(one, dict) for one in body.values()):
        raise XContentParseError("an object of applications is expected, each an object of privileges by their names")
    found = [_privilege(application, name, told) for application, names in body.items() for name, told in names.items()]
    if not found:
        raise _wrong("At least one application privilege must be provided")
    if len(found) > MAX_PRIVILEGES:
        raise UsageError(f"a request makes at most {MAX_PRIVILEGES} privileges")
    problem = next((problem for one in found for problem in _problems(one)), None)
    if problem is not None:
        raise _wrong(problem)
    return found


def _privilege(application: str, name: str, body: Any) -> ApplicationPrivilege:
    given = JsonObject(body, "application-privilege")
    _check_same("application", given.text("application"), application)
    _check_same("name", given.text("name"), name)
    metadata = given.json("metadata") or {}
    made = ApplicationPrivilege(application=application, name=name, actions=given.texts("actions"), metadata=metadata)
    given.end()
    if not isinstance(metadata, dict) or len(msgspec.json.encode(metadata)) > MAX_METADATA:
        raise XContentParseError(f"[metadata] is an object of at most {MAX_METADATA} bytes")
    return made


def _check_same(what: str, told: str | None, meant: str) -> None:
    if told not in (None, meant):
        raise UsageError(
            f"privilege {what} [{str(told)[:100]}] in source does not match the provided {what} [{meant[:100]}]"
        )


def _problems(one: ApplicationPrivilege) -> Iterator[str]:
    prefix, _, suffix = one.application.partition("-")
    if not re.fullmatch(_PREFIX, prefix, re.ASCII):
        yield f"An application name prefix must match the pattern ^{_PREFIX}$ (found '{prefix[:100]}')"
    if len(prefix) < _MIN_PREFIX:
        yield f"An application name prefix must be at least {_MIN_PREFIX} characters long (found '{prefix}')"
    if not _SUFFIX.fullmatch(suffix) or len(one.application) > MAX_LENGTH:
        yield f"An application name suffix may not contain blanks, commas or signs of paths (found '{suffix[:100]}')"
    if not re.fullmatch(_NAME, one.name, re.ASCII) or len(one.name) > MAX_LENGTH:
        yield f"Application privilege names must match the pattern ^{_NAME}$ (found '{one.name[:100]}')"
    if not one.actions:
        yield "Application privileges must have at least one action"
    for action in one.actions[: MAX_ACTIONS + 1]:
        if not set(action) & set("/*:"):
            yield f"action [{action[:100]}] must contain one of [ '/' , '*' , ':' ]"
    if len(one.actions) > MAX_ACTIONS or any(len(action) > MAX_LENGTH for action in one.actions):
        yield f"there are at most {MAX_ACTIONS} actions of at most {MAX_LENGTH} characters"
    patterns(*one.actions)
    if any(key.startswith("_") for key in one.metadata):
        yield f"metadata keys may not start with [_] (in privilege {one.application} {one.name})"


def _wrong(problem: str) -> ValidationError:
    return ValidationError(f"Validation Failed: 1: {problem};")
