"""Aliases: as they are given, and the actions that change many at once. Pure.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/indices-aliases.html
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from isthmus.errors import UsageError
from isthmus.index.metadata.errors import AliasesNotFoundError, InvalidAliasNameError
from isthmus.index.metadata.expressions import EVERYTHING, STRICT, Sight, matches, resolve
from isthmus.index.metadata.index_metadata import Alias, IndexMetadata
from isthmus.index.metadata.names import check_alias_name

MAX_ACTIONS = 10_000
CheckFilter = Callable[[Any], object]
_ALIAS_KEYS = ("filter", "index_routing", "is_hidden", "is_write_index", "routing", "search_routing")
_INDEX_KEYS = ("index", "indices", "must_exist")
_ACTIONS = {
    "add": ("alias", "aliases", *_INDEX_KEYS, *_ALIAS_KEYS),
    "remove": ("alias", "aliases", *_INDEX_KEYS),
    "remove_index": _INDEX_KEYS,
}


class AliasParsingError(UsageError):
    """Aliases that cannot be read."""

    type = "x_content_parse_exception"


class AliasFilterError(UsageError):
    """The filter of an alias is no query."""

    def __init__(self, name: str, cause: UsageError) -> None:
        super().__init__(f"failed to parse filter for alias [{name[:100]}]: {cause.reason}")
        self.details = {"caused_by": {"type": cause.type, "reason": str(cause)}}


def parse_aliases(given: object, check_filter: CheckFilter) -> dict[str, Alias]:
    """Return the aliases of a new index or a template. `check_filter` raises UsageError for what is no query."""
    if not isinstance(given, Mapping):
        raise AliasParsingError("[aliases] is no object")
    return {check_alias_name(name): parse_alias(name, one, check_filter) for name, one in given.items()}


def parse_alias(name: str, given: object, check_filter: CheckFilter) -> Alias:
    """Return one alias. Raises UsageError that names the wrong key."""
    body = {} if given is None else given
    if not isinstance(body, Mapping):
        raise AliasParsingError(f"alias [{name[:100]}] is no object")
    for key in body:
        if key not in _ALIAS_KEYS:
            raise AliasParsingError(
                f"Unknown field [{str(key)[:100]}] in alias [{name[:100]}]{_near(key, _ALIAS_KEYS)}"
            )
    written = body.get("filter")
    if written is not None:
        _check_filter(name, written, check_filter)
    return Alias(
        filter=None if written is None else msgspec.json.encode(written),
        is_write_index=_flag(body, "is_write_index"),
        is_hidden=_flag(body, "is_hidden"),
        index_routing=_text(body, "index_routing") or _text(body, "routing"),
        search_routing=_text(body, "search_routing") or _text(body, "routing"),
    )


def _check_filter(name: str, written: object, check_filter: CheckFilter) -> None:
    if not isinstance(written, Mapping):
        raise AliasParsingError(f"[filter] of alias [{name[:100]}] is no object")
    try:
        check_filter(written)
    except UsageError as cause:
        raise AliasFilterError(name, cause) from cause


def shown(alias: Alias) -> dict[str, Any]:
    """Return an alias as it is told."""
    told: dict[str, Any] = {}
    if alias.filter is not None:
        told["filter"] = msgspec.json.decode(alias.filter)
    if alias.index_routing is not None:
        told["index_routing"] = alias.index_routing
    if alias.search_routing is not None:
        told["search_routing"] = alias.search_routing
    if alias.is_write_index is not None:
        told["is_write_index"] = alias.is_write_index
    if alias.is_hidden is not None:
        told["is_hidden"] = alias.is_hidden
    return told


def apply_actions(
    given: object, indices: Mapping[str, IndexMetadata], check_filter: CheckFilter, sight: Sight = EVERYTHING
) -> tuple[dict[str, dict[str, Alias]], list[str]]:
    """Return the aliases of the indices that the actions of `_aliases` change, and the indices that they remove.

    All or none: raises UsageError before anything is changed, and the refusal of a name that `sight` does not see.
    """
    if not isinstance(given, Mapping) or not isinstance(given.get("actions"), list):
        raise AliasParsingError("the request's body is no object with a list of [actions]")
    unknown = [name for name in given if name != "actions"]
    if unknown:
        raise AliasParsingError(f"[aliases] unknown field [{str(unknown[0])[:100]}]")
    actions = given["actions"]
    if not actions:
        raise UsageError("No action specified")
    if len(actions) > MAX_ACTIONS:
        raise UsageError(f"a request has at most {MAX_ACTIONS} actions")
    changed: dict[str, dict[str, Alias]] = {}
    removed: list[str] = []
    for action in actions:
        _apply(action, indices, changed, removed, check_filter, sight)
    _check_removals(actions, changed, indices, removed)
    _check_write_indices(changed, indices, removed)
    return changed, removed


def _apply(
    action: object,
    indices: Mapping[str, IndexMetadata],
    changed: dict[str, dict[str, Alias]],
    removed: list[str],
    check_filter: CheckFilter,
    sight: Sight,
) -> None:
    kind, body = _action(action)
    names = _many(body, "index", "indices")
    if not names:
        raise UsageError("One of [index] or [indices] is required")
    targets = [one.index for one in resolve(",".join(names), indices, STRICT, sight)]
    if kind == "remove_index":
        removed += [index.name for index in targets]
        return
    aliases = _many(body, "alias", "aliases")
    if not aliases:
        raise UsageError("One of [alias] or [aliases] is required")
    hidden = [name for name in aliases if not sight.sees(name)]
    if hidden:
        raise sight.refusal(*hidden)
    for index in targets:
        own = changed.setdefault(index.name, dict(index.aliases))
        if kind == "add":
            settings = {key: value for key, value in body.items() if key in _ALIAS_KEYS}
            for name in aliases:
                _check_free(check_alias_name(name), indices, removed)
                own[name] = parse_alias(name, settings, check_filter)
        else:
            _remove(own, aliases, must_exist=_flag(body, "must_exist") or False)


def _action(action: object) -> tuple[str, Mapping[str, Any]]:
    if not isinstance(action, Mapping) or len(action) != 1:
        raise AliasParsingError("each of [actions] is an object with one of [add], [remove], [remove_index]")
    ((kind, body),) = action.items()
    if kind not in _ACTIONS or not isinstance(body, Mapping):
        raise AliasParsingError(f"[alias_action] unknown field [{str(kind)[:100]}]{_near(str(kind), tuple(_ACTIONS))}")
    for key in body:
        if key not in _ACTIONS[kind]:
            raise AliasParsingError(f"[{kind}] unknown field [{str(key)[:100]}]{_near(str(key), _ACTIONS[kind])}")
    return kind, body


def _remove(own: dict[str, Alias], aliases: Iterable[str], *, must_exist: bool) -> None:
    for pattern in aliases:
        gone = [name for name in own if pattern == "_all" or matches(pattern, name)]
        if must_exist and not gone:
            raise AliasesNotFoundError(f"required alias [{pattern}] does not exist")
        for name in gone:
            del own[name]


def _check_free(name: str, indices: Mapping[str, IndexMetadata], removed: list[str]) -> None:
    if name in indices and name not in removed:
        raise InvalidAliasNameError(name, "an index or data stream exists with the same name as the alias")


def _check_removals(
    actions: list[Any],
    changed: Mapping[str, Mapping[str, Alias]],
    indices: Mapping[str, IndexMetadata],
    removed: list[str],
) -> None:
    """Raise AliasesNotFoundError for actions that would only remove aliases, and of which none is there."""
    if removed or any(aliases != indices[name].aliases for name, aliases in changed.items()):
        return
    given = [action["remove"] for action in actions if "remove" in action]
    if len(given) == len(actions):
        names = [name for body in given for name in _many(body, "alias", "aliases")]
        raise AliasesNotFoundError(f"aliases [{', '.join(dict.fromkeys(names))}] missing")


def _check_write_indices(
    changed: Mapping[str, Mapping[str, Alias]], indices: Mapping[str, IndexMetadata], removed: Iterable[str]
) -> None:
    after = {name: changed.get(name, index.aliases) for name, index in indices.items() if name not in set(removed)}
    writing: dict[str, list[str]] = {}
    for name, aliases in after.items():
        for alias, settings in aliases.items():
            if settings.is_write_index:
                writing.setdefault(alias, []).append(name)
    for alias, names in writing.items():
        if len(names) > 1:
            raise UsageError(f"alias [{alias}] has more than one write index [{','.join(sorted(names))}]")


def _many(body: Mapping[str, Any], one: str, several: str) -> list[str]:
    given = [*_listed(body.get(one)), *_listed(body.get(several))]
    if not all(isinstance(name, str) and name for name in given):
        raise AliasParsingError(f"[{one}] and [{several}] are names")
    return given


def _listed(value: object) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _flag(body: Mapping[str, Any], name: str) -> bool | None:
    value = body.get(name)
    if value is not None and not isinstance(value, bool):
        raise AliasParsingError(f"[{name}] is neither true nor false")
    return value


def _text(body: Mapping[str, Any], name: str) -> str | None:
    value = body.get(name)
    if isinstance(value, list | Mapping):
        raise AliasParsingError(f"[{name}] is no text")
    return None if value is None else str(value)


def _near(name: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(name[:100], known, n=1)
    return f" did you mean [{near[0]}]?" if near else ""
