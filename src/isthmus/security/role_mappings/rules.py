"""The rules of a role mapping: read from JSON, and whether they hold for somebody. Pure.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/role-mapping-resources.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from isthmus.errors import DataError, UsageError
from isthmus.pki.distinguished import NormalName, is_below, normal_name, parse_distinguished_name
from isthmus.query.mistakes import shown, token_of
from isthmus.security.patterns import patterns

MAX_DEPTH: Final = 32
MAX_RULES: Final = 1_000

Value = str | int | float | bool | None


class RuleError(UsageError):
    """Rules that are none."""

    type = "parse_exception"


@dataclass(frozen=True, slots=True)
class Person:
    """What rules may ask about: `fields` by their names (a tuple holds several values), and the DN, if there is one."""

    fields: Mapping[str, Any]
    dn: NormalName | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """Holds if the field has one of `values`."""

    name: str
    values: tuple[Value, ...]

    def holds(self, person: Person) -> bool:
        """Whether it holds."""
        if self.name == "dn" and person.dn is not None:
            return any(_is_dn(person.dn, person.fields["dn"], value) for value in self.values)
        known = person.fields.get(self.name)
        having = known if isinstance(known, tuple) else (known,)
        return any(_is_same(one, value) for one in having for value in self.values)


@dataclass(frozen=True, slots=True)
class EachOf:
    """Holds if all of `rules` do."""

    rules: tuple[Rule, ...]

    def holds(self, person: Person) -> bool:
        """Whether it holds."""
        return all(rule.holds(person) for rule in self.rules)


@dataclass(frozen=True, slots=True)
class OneOf:
    """Holds if one of `rules` does."""

    rules: tuple[Rule, ...]

    def holds(self, person: Person) -> bool:
        """Whether it holds."""
        return any(rule.holds(person) for rule in self.rules)


@dataclass(frozen=True, slots=True)
class Except:
    """Holds if `rule` does not."""

    rule: Rule

    def holds(self, person: Person) -> bool:
        """Whether it holds."""
        return not self.rule.holds(person)


Rule = Field | EachOf | OneOf | Except


def parse_rules(body: Any, name: str) -> Rule:
    """Return the rules of the mapping `name`. Raises RuleError, PatternError."""
    return _Reading(name).rule(body, MAX_DEPTH, inside_all=False)


class _Reading:
    def __init__(self, name: str) -> None:
        self._name = name
        self._left = MAX_RULES

    def rule(self, body: Any, depth: int, *, inside_all: bool) -> Rule:
        self._left -= 1
        if depth == 0 or self._left < 0:
            raise RuleError(f"rules have at most {MAX_RULES} parts, nested at most {MAX_DEPTH} deep")
        kind, inner = _only(body, self._name)
        if kind == "field":
            return _field(*_only(inner, kind))
        if kind in ("all", "any"):
            parts = tuple(self._parts(kind, inner, depth))
            return EachOf(parts) if kind == "all" else OneOf(parts)
        if kind == "except" and inside_all:
            return Except(self.rule(inner, depth - 1, inside_all=False))
        if kind == "except":
            raise _wrong("object [except] is only allowed in the list of [all]")
        raise _wrong(f"field [{shown(kind)}] is not recognised in object [{self._name}]")

    def _parts(self, kind: str, inner: Any, depth: int) -> Iterator[Rule]:
        if not isinstance(inner, list):
            raise _wrong(f"field [{kind}] requires an array")
        return (self.rule(one, depth - 1, inside_all=kind == "all") for one in inner)


def _only(body: Any, where: str) -> tuple[str, Any]:
    if not isinstance(body, dict):
        raise _wrong(f"expected [START_OBJECT] in [{where}] but found [{token_of(body)}] instead")
    if not body:
        raise _wrong(f"object [{where}] does not contain any fields")
    if len(body) > 1:
        raise _wrong(f"object [{where}] contains multiple fields")
    return next(iter(body.items()))


def _field(name: str, given: Any) -> Field:
    values = tuple(given) if isinstance(given, list) else (given,)
    for value in values:
        if isinstance(value, dict | list):
            raise _wrong(f"expected a field value but found [{token_of(value)}] instead")
        if isinstance(value, str):
            _meant(value, "")
    return Field(name, values)


def _is_same(known: object, value: Value) -> bool:
    if known is None or value is None:
        return known is value
    if isinstance(known, bool) or isinstance(value, bool):
        return known is value
    if isinstance(known, str):
        return isinstance(value, str) and _meant(value, known)
    return known == value


def _meant(value: str, known: str) -> bool:
    """A value is a pattern only if it has a star, or is a regular expression: a `?` alone stands for itself."""
    return patterns(value).matches(known) if value.startswith("/") or "*" in value else value == known


def _is_dn(dn: NormalName, text: str, value: Value) -> bool:
    """A DN is the same however it is written; `*,` before one means all that are below it."""
    if not isinstance(value, str):
        return False
    below, meant = value.startswith("*,"), _named(value.removeprefix("*,"))
    if meant is not None and (is_below(dn, meant) if below else dn == meant):
        return True
    return _meant(value, text) or _meant(value, text.lower())


def _named(text: str) -> NormalName | None:
    try:
        return normal_name(parse_distinguished_name(text, "dn"))
    except DataError:
        return None


def _wrong(why: str) -> RuleError:
    return RuleError(f"failed to parse rules expression. {why}")
