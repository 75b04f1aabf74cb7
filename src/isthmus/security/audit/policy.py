"""Which events are told: those included and not excluded, but for those that an ignore filter matches. Pure.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/audit-log-ignore-policy.html
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from isthmus.security.patterns import patterns

FIELDS: Final = ("users", "realms", "roles", "indices", "actions")
_KEYS: Final = {"users": "user.name", "realms": "realm", "roles": "user.roles", "indices": "indices"}


@dataclass(frozen=True, slots=True)
class IgnoreFilter:
    """Names and patterns by `FIELDS`; one that is not there matches every event.

    A list matches an event if all that the event names there match; "" stands for naming nothing.
    Raises PatternError where it is used with a pattern that is none.
    """

    given: Mapping[str, tuple[str, ...]]

    def matches(self, event: Mapping[str, Any]) -> bool:
        """Tell whether the event is one to leave out."""
        return all(_all_match(wanted, _values(event, field)) for field, wanted in self.given.items())


@dataclass(frozen=True, slots=True)
class Policy:
    """`include` and `exclude` are events' names; `_all` includes all."""

    include: Collection[str]
    exclude: Collection[str] = ()
    filters: Sequence[IgnoreFilter] = ()

    def tells(self, event: Mapping[str, Any]) -> bool:
        """Tell whether the event is told. Changes of security are never left out by a filter."""
        is_change = event["event.type"] == "security_config_change"
        name = "security_config_change" if is_change else event["event.action"]
        if name in self.exclude or (name not in self.include and "_all" not in self.include):
            return False
        return is_change or not any(one.matches(event) for one in self.filters)


def _values(event: Mapping[str, Any], field: str) -> Sequence[str]:
    if field == "actions":
        return (event.get("action") or "",)
    value = event.get(_KEYS[field])
    if field == "realms" and value is None:
        value = event.get("user.realm")
    return (value or "",) if isinstance(value, str) or not value else value


def _all_match(wanted: tuple[str, ...], values: Sequence[str]) -> bool:
    named = [one for one in wanted if one]
    return all((value in wanted or "*" in named) if not value else patterns(*named).matches(value) for value in values)
