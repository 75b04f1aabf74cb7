"""The roles of `roles.yml`: names, and under each what a role's JSON would say.

The file is read as YAML events: depth is bounded, and what aliases and tags would make of a small file is refused.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/defining-roles.html#roles-management-file
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any, Final

from isthmus.errors import ConfigError, UsageError
from isthmus.security.roles.descriptor import RoleDescriptor
from isthmus.security.roles.parsing import check_role_name, parse_role
from isthmus.security.roles.queries import check_queries
from isthmus.security.roles.reserved import check_not_reserved

log = logging.getLogger(__name__)

MAX_DEPTH: Final = 30
_SCALARS: Final = {"true": True, "True": True, "false": False, "False": False, "null": None, "~": None, "": None}


def parse_roles_yml(text: str, where: str) -> dict[str, RoleDescriptor]:
    """Return the roles of a file by name; one that is wrong is left out and told to the log, with its line.

    Raises ConfigError when the file is not YAML at all.
    """
    roles: dict[str, RoleDescriptor] = {}
    for name, line, body in _entries(text, where):
        try:
            check_role_name(name)
            check_not_reserved(name)
            if name in roles:
                raise UsageError("it stands here twice, the first counts")
            role = parse_role(name, {} if body is None else body)
            check_queries(role)
            roles[name] = role
        except UsageError as problem:
            log.error("%s:%d: the role [%s] is left out: %s", where, line, name[:100], problem)
    return roles


def _entries(text: str, where: str) -> Iterator[tuple[str, int, Any]]:
    events = _events(text, where)
    for event in events:
        if type(event).__name__ == "MappingStartEvent":
            yield from _pairs(events, where)
        elif type(event).__name__ == "SequenceStartEvent" or _scalar(event) is not None:
            raise ConfigError("names of roles are expected, each with a role", where=f"{where}:{_line(event)}")


def _pairs(events: Iterator[Any], where: str) -> Iterator[tuple[str, int, Any]]:
    for key in events:
        if type(key).__name__ == "MappingEndEvent":
            return
        if type(key).__name__ != "ScalarEvent":
            raise ConfigError("a name is expected before the [:]", where=f"{where}:{_line(key)}")
        yield key.value, _line(key), _value(next(events), events, where)


def _value(event: Any, events: Iterator[Any], where: str) -> Any:
    kind = type(event).__name__
    if kind == "MappingStartEvent":
        return {name: value for name, _, value in _pairs(events, where)}
    if kind == "SequenceStartEvent":
        values = []
        for one in events:
            if type(one).__name__ == "SequenceEndEvent":
                break
            values.append(_value(one, events, where))
        return values
    return _scalar(event)


def _scalar(event: Any) -> Any:
    value = getattr(event, "value", None)
    return value if value is None or event.style is not None else _SCALARS.get(value, value)


def _events(text: str, where: str) -> Iterator[Any]:
    if not text:
        return  # a node without such a file starts faster without the import
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    depth = 0
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            kind = type(event).__name__
            depth += kind.endswith(("gStartEvent", "eStartEvent")) - kind.endswith(("gEndEvent", "eEndEvent"))
            if depth > MAX_DEPTH:
                raise ConfigError(f"it is nested more than {MAX_DEPTH} deep", where=f"{where}:{_line(event)}")
            if kind == "AliasEvent" or getattr(event, "tag", None) is not None:
                raise ConfigError("aliases and tags are not supported", where=f"{where}:{_line(event)}")
            yield event
    except MarkedYAMLError as cause:
        line = cause.problem_mark.line + 1 if cause.problem_mark else 1
        raise ConfigError(f"this is not YAML: {cause.problem}", where=f"{where}:{line}") from cause
    except YAMLError as cause:
        raise ConfigError("this is not YAML", where=where) from cause


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1
