"""Settings that change while nodes run: kept in the replicated map, in force on a node as soon as its copy is.

A value is looked for among the transient ones, the persistent ones, in the node's file, and is its default at last.
Transient settings are kept like persistent ones, unlike in Elasticsearch, which forgets them when the whole cluster
restarts: a denied certificate must not come back with the power. They only weigh more.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import msgspec

from isthmus.settings.catalogue import Catalogue, declared
from isthmus.settings.entries import Value
from isthmus.settings.resolved import Settings
from isthmus.settings.setting import Setting
from isthmus.settings.updates import Change, judge_change
from isthmus.state.history import Write
from isthmus.state.replicated import ReplicatedMap

log = logging.getLogger(__name__)

Kind = Literal["transient", "persistent"]
KINDS: tuple[Kind, ...] = ("transient", "persistent")  # the first that has a value counts
PREFIX = "settings/"
T = TypeVar("T")


@dataclass(frozen=True)
class _Watch:
    setting: Setting[Any]
    changed: Callable[[Any], object]


class DynamicSettings:
    """The settings of one node: those of its file, `settings`, under those of the whole cluster, in `state`.

    `catalogue` holds what may be set. Values are in force from the moment this object is made.
    """

    def __init__(self, settings: Settings, state: ReplicatedMap, catalogue: Catalogue | None = None) -> None:
        self._settings = settings
        self._map = state
        self._catalogue = catalogue or declared()
        self._watches: list[_Watch] = []
        self._guards: dict[str, Callable[[Any], None]] = {}
        self._any_change: list[Callable[[], object]] = []
        self._together: list[tuple[Sequence[Setting[Any]], Callable[[Mapping[str, Any]], None]]] = []
        self._stored = self._read()
        self._parsed = self._parse({}, self._stored)
        state.watch(PREFIX, self._changed)

    def get(self, setting: Setting[T]) -> T:
        """Return the value in force now."""
        value: T = self._parsed[setting.name] if setting.name in self._parsed else self._settings.get(setting)
        return value

    def by_name(self, patterns: Sequence[Setting[Any]]) -> dict[str, Any]:
        """Return the values in force of all names that match one of `patterns`, by their names."""
        return self._settings.by_name(patterns) | _of_patterns(patterns, self._parsed)

    def on_any_change(self, changed: Callable[[], object]) -> None:
        """Call `changed()` each time anything has changed."""
        self._any_change.append(changed)

    def check_together(self, patterns: Sequence[Setting[Any]], check: Callable[[Mapping[str, Any]], None]) -> None:
        """Have `check(values)` refuse, by UsageError, what would be in force of the names that match `patterns`."""
        self._together.append((patterns, check))

    def on_change(self, setting: Setting[T], changed: Callable[[T], object]) -> None:
        """Call `changed(value)` each time another value of `setting` is in force."""
        self._watches.append(_Watch(setting, changed))

    def guard(self, setting: Setting[T], check: Callable[[T], None]) -> None:
        """Have `check(value)` refuse, by UsageError, what is asked of this node and its type alone would allow."""
        self._guards[setting.name] = check

    def stored(self, kind: Kind) -> dict[str, Value]:
        """Return what the cluster has set, by name."""
        return dict(self._stored[kind])

    def unset(self) -> dict[str, Value]:
        """Return the values of all other settings on this node, of its file or defaults, but for secrets."""
        told: dict[str, Value] = {}
        for setting in self._catalogue:
            if setting.scope == "secure":
                continue
            values = self._settings.affix(setting) if "*" in setting.name else {"": self._settings.get(setting)}
            told |= {setting.name.replace("*", key): setting.written(value) for key, value in values.items()}
        return {name: value for name, value in told.items() if all(name not in self._stored[kind] for kind in KINDS)}

    async def update(self, changes: Mapping[Kind, Change]) -> dict[Kind, dict[str, Value]]:
        """Make `changes`, all or none, and return the values that were set; other nodes that live have them too.

        Raises UsageError for a change that is not allowed, MasterNotDiscoveredError while nothing can be written.
        """
        writes: list[Write] = []
        done: dict[Kind, dict[str, Value]] = {}
        after: dict[Kind, dict[str, Value]] = {kind: dict(values) for kind, values in self._stored.items()}
        for kind, change in changes.items():
            judged = judge_change(self._catalogue, kind, change, self._stored[kind])
            self._ask_guards(judged)
            writes += [Write(_key(kind, name), _encode(value)) for name, value in judged.items()]
            done[kind] = {name: value for name, value in judged.items() if value is not None}
            after[kind] = {name: value for name, value in after[kind].items() if name not in judged} | done[kind]
        self._ask_together(after)
        if writes:
            await self._map.write(writes)
        return done

    def _ask_guards(self, change: Change) -> None:
        for name, value in change.items():
            setting = self._catalogue.find(name)
            guard = self._guards.get(name)
            if guard is not None and setting is not None and value is not None:
                guard(setting.parse(value))

    def _ask_together(self, after: Mapping[Kind, dict[str, Value]]) -> None:
        parsed = self._parse(self._parsed, after)
        for patterns, check in self._together:
            check(self._settings.by_name(patterns) | _of_patterns(patterns, parsed))

    def _changed(self, _key: str) -> None:
        before = {watch.setting.name: self.get(watch.setting) for watch in self._watches}
        self._stored = self._read()
        self._parsed = self._parse(self._parsed, self._stored)
        for watch in self._watches:
            value = self.get(watch.setting)
            if value != before[watch.setting.name]:
                _tell(watch, value)
        for changed in self._any_change:
            changed()

    def _read(self) -> dict[Kind, dict[str, Value]]:
        return {
            kind: {
                entry.key.removeprefix(_key(kind, "")): msgspec.json.decode(entry.value, type=str | tuple[str, ...])
                for entry in self._map.scan(_key(kind, ""))
            }
            for kind in KINDS
        }

    def _parse(self, before: Mapping[str, Any], stored: Mapping[Kind, dict[str, Value]]) -> dict[str, Any]:
        """What a newer release stored and this one cannot read is told, and the value `before` stays."""
        parsed: dict[str, Any] = {}
        for name, value in (stored["persistent"] | stored["transient"]).items():
            setting = self._catalogue.find(name)
            try:
                if setting is not None:
                    parsed[name] = setting.parse(value)
            except ValueError as rule:
                log.error("the cluster's setting [%s] cannot be used on this node: %s", name, rule)
                if name in before:
                    parsed[name] = before[name]
        return parsed


def _of_patterns(patterns: Sequence[Setting[Any]], parsed: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in parsed.items() if any(one.match(name) is not None for one in patterns)}


def _tell(watch: _Watch, value: object) -> None:
    try:
        watch.changed(value)
    except Exception:  # the commit is made: one part that fails must not keep it from the others
        log.exception("a change of [%s] could not be applied", watch.setting.name)


def _key(kind: Kind, name: str) -> str:
    return f"{PREFIX}{kind}/{name}"


def _encode(value: Value | None) -> bytes | None:
    return None if value is None else msgspec.json.encode(value)
